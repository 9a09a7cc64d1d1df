// CSV: a line for each box under a line of names. Pixels. A line with a picture and no box: nothing is in it.
#include <array>
#include <cmath>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "imports/formats.h"
#include "imports/lines.h"
#include "pixmill/core/text.h"

namespace pixmill::imports {
namespace {

constexpr const char* kExpected =
    "the first line names the columns: image,class,x0,y0,x1,y1 and perhaps width,height,class_id,confidence";

enum Column { kImage, kLabel, kLabelNumber, kLeft, kTop, kRight, kBottom, kScore, kWidth, kHeight, kColumns };

// As pixmill calls a column, and others do.
struct Called {
  Column column;
  std::string_view name;
};
constexpr std::array<Called, 27> kCalled = {{
    {kImage, "image"}, {kImage, "filename"}, {kImage, "file_name"},  {kImage, "image_id"}, {kImage, "path"},
    {kLabel, "class"}, {kLabel, "label"},    {kLabel, "class_name"}, {kLabel, "category"}, {kLabelNumber, "class_id"},
    {kLeft, "x0"},     {kLeft, "xmin"},      {kLeft, "x1"},          {kLeft, "left"},      {kTop, "y0"},
    {kTop, "ymin"},    {kTop, "y1"},         {kTop, "top"},          {kRight, "xmax"},     {kRight, "x2"},
    {kRight, "right"}, {kBottom, "ymax"},    {kBottom, "y2"},        {kBottom, "bottom"},  {kScore, "confidence"},
    {kWidth, "width"}, {kHeight, "height"},
}};

using Fields = std::vector<std::string>;

// The fields of the next line, which may be quoted and then hold commas and line ends. Counts lines.
Fields take_fields(std::string_view& rest, char separator, LabelFile& file) {
  Fields fields(1);
  ++file.line;
  bool quoted_now = false;
  std::size_t at = 0;
  for (; at < rest.size(); ++at) {
    const char letter = rest[at];
    if (letter == '"' && quoted_now && at + 1 < rest.size() && rest[at + 1] == '"') {
      fields.back() += rest[at++];
    } else if (letter == '"' && (quoted_now || fields.back().empty())) {
      quoted_now = !quoted_now;
    } else if (letter == separator && !quoted_now) {
      fields.emplace_back();
    } else if ((letter == '\n' || letter == '\r') && !quoted_now) {
      at += rest.substr(at).starts_with("\r\n") ? 2 : 1;
      break;
    } else {
      if (letter == '\n') ++file.line;
      fields.back() += letter;
    }
  }
  rest.remove_prefix(at);
  if (quoted_now) file.fail("a quote that does not end", kExpected);
  return fields;
}

char separator_of(std::string_view text) {
  const std::string_view line = text.substr(0, text.find_first_of("\r\n"));
  for (const char one : {',', ';', '\t'}) {
    if (line.find(one) != std::string_view::npos) return one;
  }
  return ',';
}

using Places = std::array<std::optional<std::size_t>, kColumns>;  // of each column, among the fields

Places places_in(const Fields& names) {
  const auto place_of = [&](std::string_view name) -> std::optional<std::size_t> {
    for (std::size_t i = 0; i < names.size(); ++i) {
      std::string lower = trimmed(names[i]);
      for (char& letter : lower) letter = letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter + 32) : letter;
      if (lower == name) return i;
    }
    return std::nullopt;
  };
  Places places;
  for (const Called& one : kCalled) {
    if (!places[one.column]) places[one.column] = place_of(one.name);
  }
  // pixmill's x1 and y1 are the right and lower side; beside x2 and y2 they are the left and upper one.
  if (!places[kRight] && place_of("x0")) places[kRight] = place_of("x1");
  if (!places[kBottom] && place_of("y0")) places[kBottom] = place_of("y1");
  return places;
}

bool has_boxes(const Places& places) {
  return places[kImage] && places[kLabel] && places[kLeft] && places[kTop] && places[kRight] && places[kBottom];
}

class Csv {
 public:
  Csv(LabelFile& file, LabelSet& set, const Places& places) : file_(file), set_(set), places_(places) {}

  void take(const Fields& fields) {
    fields_ = &fields;
    const std::string name = text(kImage);
    if (name.empty())
      return set_.fail(with_place(Error(ErrorCode::corrupt, "a line without a picture", kExpected), file_));
    const auto [known, fresh] = pictures_.try_emplace(name, 0);
    if (fresh) known->second = set_.add_picture(name);
    try {
      if (fresh && places_[kWidth] && places_[kHeight] && !text(kWidth).empty())
        set_.describe(known->second, name, size());
      if (!text(kLabel).empty() || !text(kLeft).empty()) set_.add(known->second, thing());
    } catch (const Error& error) {
      set_.fail(known->second, with_place(error, file_));
    }
  }

 private:
  std::string text(Column column) const {
    return places_[column] && *places_[column] < fields_->size() ? trimmed((*fields_)[*places_[column]])
                                                                 : std::string();
  }

  double number(Column column) const {
    const std::string word = text(column);
    const auto value = number_in(word);
    if (!value || !std::isfinite(*value) || std::abs(*value) > 1e9)
      file_.fail(in_quotes(word) + " where a number is expected", kExpected);
    return *value;
  }

  Size size() const {
    const double w = number(kWidth), h = number(kHeight);
    if (w < 1 || h < 1 || w > 1 << 24 || h > 1 << 24 || w != std::floor(w) || h != std::floor(h))
      file_.fail("a width or height that no picture has", kExpected);
    return {static_cast<int>(w), static_cast<int>(h)};
  }

  Thing thing() const {
    Thing thing;
    thing.line = file_.line;
    thing.boxed = true;
    tasks::Box& box = thing.what.box;
    box.label = text(kLabelNumber).empty()
                    ? set_.class_named(text(kLabel))
                    : set_.class_numbered(text(kLabel), static_cast<std::int64_t>(number(kLabelNumber)));
    box.score = text(kScore).empty() ? 1.0F : static_cast<float>(number(kScore));
    box.left = static_cast<float>(number(kLeft));
    box.top = static_cast<float>(number(kTop));
    box.right = static_cast<float>(number(kRight));
    box.bottom = static_cast<float>(number(kBottom));
    return thing;
  }

  LabelFile& file_;
  LabelSet& set_;
  const Places places_;
  const Fields* fields_ = nullptr;
  std::unordered_map<std::string, int> pictures_;
};

}  // namespace

void read_csv(LabelFile& file, LabelSet& set) {
  const std::string text = file.whole();
  const char separator = separator_of(text);
  std::string_view rest = text;
  file.line = 0;
  const Places places = places_in(take_fields(rest, separator, file));
  if (!has_boxes(places))
    file.fail("the columns of a picture, a class and the sides of a box are not all there", kExpected);
  Csv csv(file, set, places);
  while (!rest.empty()) {
    const Fields fields = take_fields(rest, separator, file);
    if (fields.size() > 1 || !fields.front().empty()) csv.take(fields);
  }
}

bool is_csv(std::string_view head) {
  LabelFile file("", "", std::string_view());
  const char separator = separator_of(head);
  try {
    return has_boxes(places_in(take_fields(head, separator, file)));
  } catch (const Error&) {
    return false;
  }
}

}  // namespace pixmill::imports
