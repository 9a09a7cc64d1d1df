// "CVAT for images 1.1": one XML file of pictures with boxes, polygons, ellipses and masks.
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "imports/formats.h"
#include "imports/lines.h"
#include "imports/outlines.h"
#include "imports/run_lengths.h"
#include "imports/xml_file.h"
#include "pixmill/core/text.h"

namespace pixmill::imports {
namespace {

constexpr const char* kExpected =
    "<image name=\"a.jpg\" width=\"640\" height=\"480\"><box label=\"dog\" xtl=\"\" ytl=\"\" xbr=\"\" "
    "ybr=\"\"/><polygon "
    "label=\"dog\" points=\"x,y;x,y;x,y\"/></image>";

// Takes what comes before `end` off the text.
std::string_view take_until(std::string_view& text, char end) {
  const std::string_view part = text.substr(0, text.find(end));
  text.remove_prefix(std::min(text.size(), part.size() + 1));
  return part;
}

class Cvat {
 public:
  Cvat(LabelFile& file, LabelSet& set) : file_(file), set_(set), xml_(file, kExpected) {}

  void read() {
    const pugi::xml_node root = xml_.root();
    if (std::string_view(root.name()) != "annotations") xml_.fail("its first element is not 'annotations'");
    if (root.child("track"))
      throw Error(ErrorCode::unsupported, file_.shown() + ": labels of a video, which are not read",
                  "export the task as \"CVAT for images 1.1\"");
    read_classes(root.child("meta"));
    for (const pugi::xml_node image : root.children("image")) read_image(image);
  }

 private:
  // Of a task, a job or a project: the first list of labels.
  void read_classes(pugi::xml_node meta) {
    const pugi::xml_node labels =
        meta.find_node([](pugi::xml_node node) { return std::string_view(node.name()) == "labels"; });
    if (!set_.listed().empty()) return;
    std::int64_t number = 0;
    for (const pugi::xml_node label : labels.children("label"))
      set_.class_numbered(trimmed(label.child("name").child_value()), number++);
  }

  void read_image(pugi::xml_node image) {
    xml_.at(image);
    const std::string name = trimmed(image.attribute("name").value());
    if (name.empty()) xml_.fail("an image without a name");
    const int picture = set_.add_picture(name);
    try {
      const Size size = xml_.size_of(xml_.attribute_or(image, "width", 0), xml_.attribute_or(image, "height", 0));
      set_.describe(picture, name, size);
      for (const pugi::xml_node shape : image.children()) read_shape(picture, shape, size);
    } catch (const Error& error) {
      set_.fail(picture, with_place(error, file_));
    }
  }

  void read_shape(int picture, pugi::xml_node shape, Size size) {
    xml_.at(shape);
    const std::string_view kind = shape.name();
    Thing thing;
    if (kind == "box") {
      thing = box_of(shape);
    } else if (kind == "polygon") {
      thing.what.polygons.push_back(points_of(shape));
    } else if (kind == "ellipse") {
      thing = ellipse_of(shape);
    } else if (kind == "mask") {
      thing.what.mask = mask_of(shape, size);
    } else {
      if (kind != "tag" && !kind.empty()) set_.warn("shapes of the type " + in_quotes(kind) + " were left out");
      return;
    }
    thing.line = file_.line;
    thing.what.box.label = set_.class_named(trimmed(shape.attribute("label").value()));
    thing.what.box.score = 1;
    set_.add(picture, thing);
  }

  float side(pugi::xml_node shape, const char* name) const { return static_cast<float>(xml_.attribute(shape, name)); }

  Thing box_of(pugi::xml_node shape) const {
    tasks::Box box;
    box.left = side(shape, "xtl");
    box.top = side(shape, "ytl");
    box.right = side(shape, "xbr");
    box.bottom = side(shape, "ybr");
    const tasks::Point middle = {(box.left + box.right) / 2, (box.top + box.bottom) / 2};
    return turned_box(box, middle, xml_.attribute_or(shape, "rotation", 0));
  }

  Thing ellipse_of(pugi::xml_node shape) const {
    Thing thing = ellipse({side(shape, "cx"), side(shape, "cy")}, side(shape, "rx"), side(shape, "ry"));
    const double degrees = xml_.attribute_or(shape, "rotation", 0);
    if (degrees != 0) turn(thing, {side(shape, "cx"), side(shape, "cy")}, degrees);
    return thing;
  }

  tasks::Polygon points_of(pugi::xml_node shape) const {
    tasks::Polygon polygon;
    for (std::string_view rest = shape.attribute("points").value(); !rest.empty();) {
      std::string_view point = take_until(rest, ';');
      const double x = xml_.finite(take_until(point, ','), "points");
      polygon.push_back({static_cast<float>(x), static_cast<float>(xml_.finite(point, "points"))});
    }
    if (polygon.size() < 3)
      xml_.fail("a polygon of " + std::to_string(polygon.size()) + " points, and three are the least");
    return polygon;
  }

  RunMask mask_of(pugi::xml_node shape, Size size) const {
    std::vector<std::uint32_t> runs;
    for (std::string_view rest = shape.attribute("rle").value(); !rest.empty();) {
      const double run = xml_.finite(take_until(rest, ','), "rle");
      if (run < 0) xml_.fail("a mask with a run of less than no pixels");
      runs.push_back(static_cast<std::uint32_t>(run));
    }
    if (size == Size{}) xml_.fail("a mask in an image without width and height");
    const auto whole = [&](const char* name) { return static_cast<int>(xml_.attribute(shape, name)); };
    auto mask = mask_of_row_runs(runs, {whole("left"), whole("top"), whole("width"), whole("height")}, size);
    if (!mask) xml_.fail("a mask whose runs do not add up to its width and height, or that leaves the picture");
    return *std::move(mask);
  }

  LabelFile& file_;
  LabelSet& set_;
  XmlFile xml_;
};

}  // namespace

void read_cvat(LabelFile& file, LabelSet& set) {
  Cvat(file, set).read();
}

bool is_cvat(std::string_view head) {
  return first_element(head) == "annotations";
}

}  // namespace pixmill::imports
