// Create ML's JSON: a list of pictures with boxes by their middle and size, in pixels.
#include <string>

#include "imports/fields.h"
#include "imports/formats.h"
#include "imports/json_elements.h"

namespace pixmill::imports {
namespace {

using nlohmann::json;

constexpr const char* kExpected =
    "a picture is {\"image\": \"a.jpg\", \"annotations\": [{\"label\": \"dog\", \"coordinates\": {\"x\": 1, \"y\": 2, "
    "\"width\": 3, \"height\": 4}}]}, x and y the middle of the box in pixels";

Thing thing_of(const Fields& fields, LabelSet& set) {
  Thing thing;
  thing.line = fields.file().line;
  thing.boxed = true;
  tasks::Box& box = thing.what.box;
  box.label = set.class_named(fields.text("label"));
  box.score = static_cast<float>(fields.number_or("confidence", 1));
  const Fields sides = fields.object("coordinates");
  const double x = sides.number("x"), y = sides.number("y");
  const double width = sides.number("width"), height = sides.number("height");
  box.left = static_cast<float>(x - width / 2);
  box.top = static_cast<float>(y - height / 2);
  box.right = static_cast<float>(x + width / 2);
  box.bottom = static_cast<float>(y + height / 2);
  return thing;
}

}  // namespace

void read_createml(LabelFile& file, LabelSet& set) {
  each_element(file, [&](std::string_view, const json& element) {
    const Fields fields(file, element, "a picture", kExpected);
    const char* name = fields.find("image") != nullptr ? "image" : "imagefilename";
    const int picture = set.add_picture(picture_beside(file, fields.text(name)));
    try {
      for (const json& one : fields.list(fields.find("annotation") != nullptr ? "annotation" : "annotations"))
        set.add(picture, thing_of({file, one, "an annotation", kExpected}, set));
    } catch (const Error& error) {
      set.fail(picture, with_place(error, file));
    }
  });
}

bool is_createml(std::string_view head) {
  const FirstKeys keys = first_keys(head);
  return keys.of_list && (keys.has("image") || keys.has("imagefilename")) &&
         (keys.has("annotations") || keys.has("annotation"));
}

}  // namespace pixmill::imports
