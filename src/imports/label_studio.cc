// Label Studio's JSON export: a list of tasks with annotations of people, or else predictions. In percent of the
// picture. Masks are packed as thi.ng's rle-pack does it, four bytes a pixel of which the last one counts.
#include <algorithm>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "imports/brush_mask.h"
#include "imports/fields.h"
#include "imports/formats.h"
#include "imports/json_elements.h"
#include "imports/lines.h"
#include "imports/outlines.h"

namespace pixmill::imports {
namespace {

using nlohmann::json;

constexpr const char* kExpected =
    "a task is {\"data\": {\"image\": \"a.jpg\"}, \"annotations\": [{\"result\": [{\"type\": \"rectanglelabels\", "
    "\"value\": {\"x\": 1, \"y\": 2, \"width\": 3, \"height\": 4, \"rectanglelabels\": [\"dog\"]}}]}]}, in percent";

int hex_value(char letter) {
  if (letter >= '0' && letter <= '9') return letter - '0';
  const char lower = static_cast<char>(letter | 0x20);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

// The path in an address: behind "?d=", without "%20".
std::string path_in(std::string_view address) {
  if (const std::size_t query = address.rfind("?d="); query != std::string_view::npos) {
    address.remove_prefix(query + 3);
  } else if (const std::size_t scheme = address.find("://"); scheme != std::string_view::npos) {
    address.remove_prefix(scheme + 3);
    address.remove_prefix(std::min(address.find('/') + 1, address.size()));  // the host, the bucket
    address = address.substr(0, address.find('?'));
  }
  std::string path;
  for (std::size_t i = 0; i < address.size(); ++i) {
    const int high = i + 2 < address.size() ? hex_value(address[i + 1]) : -1;
    const int low = i + 2 < address.size() ? hex_value(address[i + 2]) : -1;
    if (address[i] == '%' && high >= 0 && low >= 0) {
      path += static_cast<char>(high * 16 + low);
      i += 2;
    } else {
      path += address[i];
    }
  }
  while (path.starts_with('/')) path.erase(0, 1);
  return path;
}

class LabelStudio {
 public:
  LabelStudio(LabelFile& file, LabelSet& set) : file_(file), set_(set) {}

  // A task that nobody looked at says nothing of its picture.
  void task(const json& element) {
    int picture = -1;
    try {
      const Fields fields(file_, element, "a task", kExpected);
      const std::string name = name_in(fields.object("data"));
      const json* results = results_in(fields);
      if (results == nullptr) return set_.warn("tasks without annotations and predictions were left out");
      picture = set_.add_picture(name);
      size_ = {};
      for (const json& one : *results) result(picture, {file_, one, "a result", kExpected});
      set_.describe(picture, name, size_);
    } catch (const Error& error) {
      picture < 0 ? set_.fail(with_place(error, file_)) : set_.fail(picture, with_place(error, file_));
    }
  }

 private:
  // The picture stands under "image", or under any other key.
  std::string name_in(const Fields& data) const {
    if (data.find("image") != nullptr) return path_in(data.text("image"));
    const auto first =
        std::find_if(data.value().begin(), data.value().end(), [](const json& one) { return one.is_string(); });
    if (first == data.value().end()) data.fail("has no 'image'");
    return path_in(first->get_ref<const std::string&>());
  }

  // Of the last annotation that was not cancelled, else of the first prediction; null: nobody looked.
  const json* results_in(const Fields& task) const {
    const json* found = nullptr;
    if (const json* annotations = task.find("annotations"); annotations != nullptr && annotations->is_array()) {
      for (const json& one : *annotations) {
        const Fields annotation(file_, one, "an annotation", kExpected);
        const json* cancelled = annotation.find("was_cancelled");
        if (cancelled == nullptr || *cancelled != true) found = &annotation.list("result");
      }
    }
    const json* predictions = task.find("predictions");
    if (found == nullptr && predictions != nullptr && predictions->is_array() && !predictions->empty() &&
        predictions->front().is_object())
      found = &Fields(file_, predictions->front(), "a prediction", kExpected).list("result");
    return found;
  }

  void result(int picture, const Fields& fields) {
    const std::string type = fields.text("type");
    const Size size = fields.size("original_width", "original_height");
    if (size != Size{}) size_ = size;
    const bool known =
        type == "rectanglelabels" || type == "polygonlabels" || type == "brushlabels" || type == "ellipselabels";
    if (!known) return set_.warn("results of the type " + in_quotes(type) + " were left out");
    if (size == Size{}) fields.fail("has no 'original_width' and 'original_height'");
    const Fields value = fields.object("value");
    const json& labels = value.list(type.c_str());
    if (labels.empty() || !labels.front().is_string()) value.fail("has no label");
    Thing thing = shape_of(type, value, size);
    thing.line = file_.line;
    thing.what.box.label = set_.class_named(labels.front().get_ref<const std::string&>());
    thing.what.box.score = static_cast<float>(fields.number_or("score", 1));
    set_.add(picture, thing);
  }

  static Thing shape_of(const std::string& type, const Fields& value, Size size) {
    const auto pixels = [&](const char* key, int side) { return static_cast<float>(value.number(key) * side / 100); };
    if (type == "rectanglelabels") {
      tasks::Box box;
      box.left = pixels("x", size.width);
      box.top = pixels("y", size.height);
      box.right = box.left + pixels("width", size.width);
      box.bottom = box.top + pixels("height", size.height);
      return turned_box(box, {box.left, box.top}, value.number_or("rotation", 0));
    }
    if (type == "ellipselabels") {
      const tasks::Point middle = {pixels("x", size.width), pixels("y", size.height)};
      Thing thing = ellipse(middle, pixels("radiusX", size.width), pixels("radiusY", size.height));
      if (const double degrees = value.number_or("rotation", 0); degrees != 0) turn(thing, middle, degrees);
      return thing;
    }
    Thing thing;
    if (type == "polygonlabels") {
      tasks::Polygon polygon = value.points(value.list("points"));
      for (tasks::Point& point : polygon)
        point = {point.x * static_cast<float>(size.width) / 100, point.y * static_cast<float>(size.height) / 100};
      if (polygon.size() < 3)
        value.fail("is a polygon of " + std::to_string(polygon.size()) + " points, and three are the least");
      thing.what.polygons.push_back(std::move(polygon));
      return thing;
    }
    std::vector<std::uint8_t> bytes;
    for (const json& one : value.list("rle")) {
      const double byte = value.number_of(one);
      if (byte < 0 || byte > 255 || byte != std::floor(byte)) value.fail("has an 'rle' that is no list of bytes");
      bytes.push_back(static_cast<std::uint8_t>(byte));
    }
    auto mask = brush_mask(bytes, size);
    if (!mask) value.fail("has an 'rle' that is damaged, or of another size than the picture");
    thing.what.mask = *std::move(mask);
    return thing;
  }

  LabelFile& file_;
  LabelSet& set_;
  Size size_;
};

}  // namespace

void read_label_studio(LabelFile& file, LabelSet& set) {
  LabelStudio labels(file, set);
  each_element(file, [&](std::string_view, const json& element) { labels.task(element); });
}

bool is_label_studio(std::string_view head) {
  const FirstKeys keys = first_keys(head);
  return keys.of_list && (keys.has("data") || keys.has("annotations") || keys.has("predictions")) &&
         !keys.has("image") && !keys.has("imagefilename");
}

}  // namespace pixmill::imports
