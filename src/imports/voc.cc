// Pascal VOC: an XML file for each picture. Sides are taken as edges in pixels from 0, as labelImg, CVAT and pixmill
// write them; VOC itself counted pixels from 1, which is half a pixel off.
#include <string>

#include "imports/formats.h"
#include "imports/xml_file.h"
#include "pixmill/core/text.h"

namespace pixmill::imports {
namespace {

constexpr const char* kExpected =
    "<annotation><filename/><size><width/><height/></size><object><name/><bndbox><xmin/><ymin/><xmax/><ymax/></bndbox>"
    "</object></annotation>";

Thing thing_of(XmlFile& xml, pugi::xml_node object, LabelFile& file, LabelSet& set) {
  xml.at(object);
  Thing thing;
  thing.line = file.line;
  thing.boxed = true;
  tasks::Box& box = thing.what.box;
  box.label = set.class_named(trimmed(object.child("name").child_value()));
  const pugi::xml_node sides = object.child("bndbox");
  if (!sides) xml.fail("an object without 'bndbox'");
  box.left = static_cast<float>(xml.number(sides, "xmin"));
  box.top = static_cast<float>(xml.number(sides, "ymin"));
  box.right = static_cast<float>(xml.number(sides, "xmax"));
  box.bottom = static_cast<float>(xml.number(sides, "ymax"));
  box.score = 1;
  for (const char* name : {"confidence", "score"}) {
    if (object.child(name)) box.score = static_cast<float>(xml.number(object, name));
  }
  return thing;
}

}  // namespace

void read_voc(LabelFile& file, LabelSet& set) {
  XmlFile xml(file, kExpected);
  const pugi::xml_node root = xml.root();
  if (std::string_view(root.name()) != "annotation") xml.fail("its first element is not 'annotation'");
  std::string name = trimmed(root.child("filename").child_value());
  if (name.empty()) name = file.name();
  const int picture = set.add_picture(picture_beside(file, name));
  try {
    const pugi::xml_node size = root.child("size");
    if (size)
      set.describe(picture, set.name_of(picture), xml.size_of(xml.number(size, "width"), xml.number(size, "height")));
    for (const pugi::xml_node object : root.children("object")) set.add(picture, thing_of(xml, object, file, set));
  } catch (const Error& error) {
    set.fail(picture, with_place(error, file));
  }
}

bool is_voc(std::string_view head) {
  return first_element(head) == "annotation";
}

}  // namespace pixmill::imports
