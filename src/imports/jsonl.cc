// JSON lines as pixmill writes them: a picture a line.
#include <string>
#include <vector>

#include "imports/fields.h"
#include "imports/formats.h"
#include "imports/json_elements.h"
#include "imports/json_masks.h"
#include "imports/lines.h"

namespace pixmill::imports {
namespace {

using nlohmann::json;

constexpr const char* kExpected =
    "a line is {\"image\": \"a.jpg\", \"width\": 640, \"height\": 480, \"detections\": [{\"class\": \"dog\", \"box\": "
    "[x0, "
    "y0, x1, y1]}]}, in pixels";

Thing thing_of(const Fields& fields, LabelSet& set) {
  Thing thing;
  thing.line = fields.file().line;
  tasks::Box& box = thing.what.box;
  const std::string name = fields.text("class");
  box.label =
      fields.find("class_id") != nullptr ? set.class_numbered(name, fields.whole("class_id")) : set.class_named(name);
  box.score = static_cast<float>(fields.number_or("confidence", 1));
  if (fields.find("box") != nullptr) {
    const json& sides = fields.list("box");
    if (sides.size() != 4) fields.fail("has a 'box' that is not [x0, y0, x1, y1]");
    box.left = static_cast<float>(fields.number_of(sides[0]));
    box.top = static_cast<float>(fields.number_of(sides[1]));
    box.right = static_cast<float>(fields.number_of(sides[2]));
    box.bottom = static_cast<float>(fields.number_of(sides[3]));
    thing.boxed = true;
  }
  if (fields.find("rle") != nullptr) {
    thing.what.mask = coco_mask(fields.object("rle"));
  } else if (fields.find("polygon") != nullptr) {
    for (const json& one : fields.list("polygon")) thing.what.polygons.push_back(fields.flat_polygon(one));
  }
  if (const json* points = fields.find("points")) thing.what.points = fields.points(*points);
  if (!thing.boxed && thing.what.polygons.empty() && thing.what.mask.empty())
    fields.fail("has neither 'box' nor 'polygon'");
  return thing;
}

void read_line(LabelFile& file, LabelSet& set, std::string_view line) {
  int picture = -1;
  try {
    const json value = parsed(file, line);
    const Fields fields(file, value, "a line", kExpected);
    const std::string name = fields.text("image");
    picture = set.add_picture(name);
    set.describe(picture, name, fields.size("width", "height"));
    for (const json& one : fields.list("detections"))
      set.add(picture, thing_of({file, one, "a detection", kExpected}, set));
  } catch (const Error& error) {
    picture < 0 ? set.fail(with_place(error, file)) : set.fail(picture, with_place(error, file));
  }
}

}  // namespace

void read_jsonl(LabelFile& file, LabelSet& set) {
  each_line(file, [&](std::string_view line) { read_line(file, set, line); });
}

bool is_jsonl(std::string_view head) {
  const FirstKeys keys = first_keys(head);
  return !keys.of_list && keys.has("image");
}

}  // namespace pixmill::imports
