// A file of prompts.
#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <utility>

#include "pixmill/core/error.h"
#include "pixmill/core/nearest.h"
#include "pixmill/models/class_names.h"
#include "pixmill/tasks/prompts.h"

namespace pixmill::tasks {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kHint =
    R"({"a/b.jpg": {"points": [[120, 80]], "labels": [1], "boxes": [[10, 20, 300, 400]], "class": "dog"}})";

class Reader {
 public:
  Reader(std::string_view origin, const std::string& otherwise) : origin_(origin), otherwise_(otherwise) {}

  PromptFile read(std::string_view text) {
    Json root;
    try {
      root = Json::parse(text);
    } catch (const Json::parse_error& error) {
      const std::size_t at = std::min(error.byte == 0 ? 0 : error.byte - 1, text.size());
      const auto line = 1 + std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(at), '\n');
      throw Error(ErrorCode::usage, std::string(origin_) + ":" + std::to_string(line) + ": is not JSON", kHint);
    } catch (const Json::exception&) {  // it says not where
      refuse("", "holds a number that is too large");
    }
    if (!root.is_object()) refuse("", "must be an object with the pictures' paths for keys");
    for (const auto& [name, value] : root.items()) read_picture(name, value);
    if (file_.pictures.empty()) refuse("", "holds no prompts");
    return std::move(file_);
  }

 private:
  [[noreturn]] void refuse(const std::string& place, const std::string& what) const {
    throw Error(ErrorCode::usage, std::string(origin_) + ": " + (place.empty() ? "it " : place + " ") + what, kHint);
  }

  void read_picture(const std::string& name, const Json& value) {
    const std::string place = "\"" + name + "\"";
    std::vector<PromptGroup> groups;
    if (value.is_array()) {
      for (std::size_t i = 0; i < value.size(); ++i)
        groups.push_back(read_group(value[i], place + "[" + std::to_string(i) + "]"));
    } else {
      groups.push_back(read_group(value, place));
    }
    const bool fresh = file_.pictures.emplace(name.starts_with("./") ? name.substr(2) : name, std::move(groups)).second;
    if (!fresh) refuse(place, "is there twice");
  }

  PromptGroup read_group(const Json& value, const std::string& place) {
    if (!value.is_object()) refuse(place, "must be an object, or a list of objects");
    PromptGroup group;
    for (const auto& [key, part] : value.items()) {
      const std::string inside = place + "." + key;
      if (key == "points") {
        for_each(part, inside, kMostPoints, [&](const Json& one, const std::string& at) {
          const std::vector<Coordinate> xy = read_numbers(one, at, 2);
          group.points.push_back({xy[0], xy[1]});
        });
      } else if (key == "boxes") {
        for_each(part, inside, kMostThings,
                 [&](const Json& one, const std::string& at) { group.boxes.push_back(read_box(one, at)); });
      } else if (key == "class") {
        group.label = read_class(part, inside);
      } else if (key != "labels") {
        refuse(inside, "is not known; " + suggestion(key, {"points", "labels", "boxes", "class"}));
      }
    }
    if (group.points.empty() && group.boxes.empty()) refuse(place, "has neither points nor boxes");
    if (value.contains("labels")) read_labels(value["labels"], place + ".labels", group.points);
    if (!value.contains("class")) group.label = label_of(otherwise_);
    return group;
  }

  template <typename Take>
  void for_each(const Json& list, const std::string& place, std::size_t most, Take take) const {
    if (!list.is_array()) refuse(place, "must be a list");
    if (list.size() > most)
      refuse(place, "has " + std::to_string(list.size()) + " entries, more than " + std::to_string(most));
    for (std::size_t i = 0; i < list.size(); ++i) take(list[i], place + "[" + std::to_string(i) + "]");
  }

  std::vector<Coordinate> read_numbers(const Json& value, const std::string& place, std::size_t count) const {
    if (!value.is_array() || value.size() != count) refuse(place, "must be " + std::to_string(count) + " numbers");
    std::vector<Coordinate> numbers;
    for (const Json& one : value) numbers.push_back(read_number(one, place));
    return numbers;
  }

  Coordinate read_number(const Json& value, const std::string& place) const {
    if (value.is_string()) {  // the same words as on the command line
      try {
        return parse_point(value.get<std::string>() + ",0").x;
      } catch (const Error&) {
        refuse(place, "must be pixels from 0, or percent up to \"100%\"");
      }
    }
    if (!value.is_number()) refuse(place, "must be numbers");
    const auto number = value.get<double>();
    if (!std::isfinite(number) || number < 0) refuse(place, "must be 0 or more");
    return {number, false};
  }

  PromptBox read_box(const Json& value, const std::string& place) const {
    const std::vector<Coordinate> sides = read_numbers(value, place, 4);
    for (const std::size_t i : {0U, 1U}) {
      if (sides[i].percent == sides[i + 2].percent && sides[i].value == sides[i + 2].value)
        refuse(place, "has no area");
    }
    return {sides[0], sides[1], sides[2], sides[3]};
  }

  void read_labels(const Json& list, const std::string& place, std::vector<PromptPoint>& points) const {
    std::size_t count = 0;
    for_each(list, place, kMostPoints, [&](const Json& one, const std::string& at) {
      if (!one.is_number_integer() || (one != 0 && one != 1)) refuse(at, "must be 1 (in the thing) or 0 (outside)");
      if (count < points.size()) points[count].foreground = one == 1;
      ++count;
    });
    if (count != points.size())
      refuse(place, "has " + std::to_string(count) + " entries for " + std::to_string(points.size()) + " points");
  }

  int read_class(const Json& value, const std::string& place) {
    if (!value.is_string()) refuse(place, "must be a name");
    const auto name = value.get<std::string>();
    const bool control = std::any_of(name.begin(), name.end(), [](unsigned char letter) { return letter < 0x20; });
    if (name.empty() || name.size() > models::kLongestClass || control)
      refuse(place, "must be a name of at most " + std::to_string(models::kLongestClass) + " bytes in one line");
    return label_of(name);
  }

  int label_of(const std::string& name) {
    const auto found = std::find(file_.classes.begin(), file_.classes.end(), name);
    if (found == file_.classes.end() && file_.classes.size() == models::kMostClasses)
      refuse("", "has more than " + std::to_string(models::kMostClasses) + " classes");
    const auto label = static_cast<int>(found - file_.classes.begin());
    if (found == file_.classes.end()) file_.classes.push_back(name);
    return label;
  }

  const std::string_view origin_;
  const std::string& otherwise_;
  PromptFile file_;
};

}  // namespace

PromptFile parse_prompts(std::string_view json, std::string_view origin, const std::string& otherwise) {
  return Reader(origin, otherwise).read(json);
}

}  // namespace pixmill::tasks
