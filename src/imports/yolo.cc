// YOLO's text: a line a thing. "class x y width height" is a box, its middle and its sides as shares of the picture;
// with a sixth number, its confidence. "class x1 y1 x2 y2 x3 y3 ..." is a polygon.
#include <cmath>
#include <string>
#include <vector>

#include "imports/formats.h"
#include "imports/lines.h"

namespace pixmill::imports {
namespace {

constexpr const char* kExpected =
    "a line is 'class x y width height' or 'class x1 y1 x2 y2 x3 y3 ...', in shares of the picture from 0 to 1";
constexpr std::size_t kBox = 4, kBoxAndScore = 5, kLeastPolygon = 6;  // numbers behind the class

std::vector<float> numbers_of(std::string_view line, const LabelFile& file) {
  std::vector<float> numbers;
  for (std::string_view word = take_word(line); !word.empty(); word = take_word(line)) {
    const auto value = number_in(word);
    if (!value) file.fail(in_quotes(word) + " is no number", kExpected);
    if (!std::isfinite(*value)) file.fail(in_quotes(word) + " is no share of a picture", kExpected);
    numbers.push_back(static_cast<float>(*value));
  }
  return numbers;
}

int label_of(float number, const LabelFile& file, const LabelSet& set) {
  if (number < 0 || number != std::floor(number)) file.fail("a class is a whole number from 0", kExpected);
  const int label = number < 1e6F ? set.class_at(static_cast<std::int64_t>(number)) : -1;
  if (label < 0)
    file.fail("class " + std::to_string(static_cast<std::int64_t>(std::min(number, 1e9F))) + ", and there are " +
                  std::to_string(set.listed().size()) + " names",
              "the classes count from 0; name all of them in data.yaml, classes.txt or --names FILE");
  return label;
}

Thing thing_of(const std::vector<float>& numbers, const LabelFile& file, const LabelSet& set) {
  Thing thing;
  thing.line = file.line;
  tasks::Box& box = thing.what.box;
  box.score = 1;
  box.label = label_of(numbers[0], file, set);
  const std::size_t count = numbers.size() - 1;
  if (count == kBox || count == kBoxAndScore) {
    const float x = numbers[1], y = numbers[2], width = numbers[3], height = numbers[4];
    if (width < 0 || height < 0) file.fail("a box with a negative width or height", kExpected);
    box.left = x - width / 2;
    box.top = y - height / 2;
    box.right = x + width / 2;
    box.bottom = y + height / 2;
    if (count == kBoxAndScore) box.score = numbers[5];
    thing.boxed = true;
    return thing;
  }
  if (count < kLeastPolygon || count % 2 != 0)
    file.fail(std::to_string(count) + " numbers behind the class are neither a box nor a polygon", kExpected);
  tasks::Polygon& polygon = thing.what.polygons.emplace_back();
  for (std::size_t i = 1; i < numbers.size(); i += 2) polygon.push_back({numbers[i], numbers[i + 1]});
  return thing;
}

}  // namespace

void read_yolo(LabelFile& file, LabelSet& set) {
  const std::string text = file.whole();
  const int picture = set.add_picture(file.name(), {}, /*shares=*/true);
  file.line = 0;
  try {
    for (std::string_view rest = text; !rest.empty();) {
      const std::string_view line = take_line(rest);
      ++file.line;
      const std::vector<float> numbers = numbers_of(line, file);
      if (!numbers.empty()) set.add(picture, thing_of(numbers, file, set));
    }
  } catch (const Error& error) {
    set.fail(picture, with_place(error, file));
  }
}

// Its first line that is not blank: at least five numbers, the first one whole.
bool is_yolo(std::string_view head) {
  while (!head.empty()) {
    std::string_view line = take_line(head);
    std::size_t count = 0;
    for (std::string_view word = take_word(line); !word.empty(); word = take_word(line), ++count) {
      const auto value = number_in(word);
      if (!value || (count == 0 && *value != std::floor(*value))) return false;
    }
    if (count > 0) return count > kBox;
  }
  return false;
}

}  // namespace pixmill::imports
