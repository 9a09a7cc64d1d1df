// Pascal VOC: an XML file for each picture. Boxes only, in whole pixels from 0 on, the right and bottom edge behind the
// last one, as labelImg and CVAT write them (VOC itself counted from 1).
#include <cmath>

#include "exports/detection_reader.h"
#include "exports/formats.h"
#include "exports/shape_writing.h"
#include "exports/text.h"
#include "exports/yolo_files.h"

namespace pixmill::exports {
namespace {

constexpr int kScoreDigits = 5;

std::string element(std::string_view name, const std::string& text) {
  return "<" + std::string(name) + ">" + text + "</" + std::string(name) + ">";
}

std::string folder_of(std::string_view picture) {
  const std::size_t slash = picture.rfind('/');
  return slash == std::string_view::npos ? std::string() : std::string(picture.substr(0, slash));
}

// At least a pixel wide.
std::string object(const tasks::Box& box, const std::string& name) {
  const long left = std::lround(box.left), top = std::lround(box.top);
  const long right = std::max(std::lround(box.right), left + 1), bottom = std::max(std::lround(box.bottom), top + 1);
  return "  <object>\n    " + element("name", xml_text(name)) +
         "\n    <pose>Unspecified</pose>\n    <truncated>0</truncated>\n    <difficult>0</difficult>\n    " +
         element("confidence", fixed(box.score, kScoreDigits)) + "\n    <bndbox>" +
         element("xmin", std::to_string(left)) + element("ymin", std::to_string(top)) +
         element("xmax", std::to_string(right)) + element("ymax", std::to_string(bottom)) + "</bndbox>\n  </object>\n";
}

// Its name in a list of pictures. One with a space stands in quotes, as CVAT wants it; other readers take the rest of
// the line.
std::string line_of(std::string_view picture) {
  constexpr std::string_view kFolder = "JPEGImages/";
  if (picture.starts_with(kFolder)) picture.remove_prefix(kFolder.size());
  const std::string name = one_line(without_extension(picture));
  return (name.find(' ') == std::string::npos ? name : "\"" + name + "\"") + "\n";
}

class Voc final : public Exporter {
 public:
  explicit Voc(tasks::Selection selection) : reader_(std::move(selection)) {}

  void add(const Entry& entry, const Sink& sink) override {
    const Chosen chosen = reader_.read(entry);
    const Size size = chosen.record.picture;
    sink("<annotation>\n  " + element("folder", xml_text(folder_of(entry.picture))) + "\n  " +
         element("filename", xml_text(entry.picture)) + "\n  <source><database>Unknown</database></source>\n  <size>" +
         element("width", std::to_string(size.width)) + element("height", std::to_string(size.height)) +
         "<depth>3</depth></size>\n  <segmented>0</segmented>\n");
    for (const tasks::Detection* one : chosen.found) {
      if (has_shape(*one)) losses_.count_shape();
      sink(object(one->box, reader_.classes()[static_cast<std::size_t>(one->box.label)]));
    }
    sink("</annotation>\n");
  }

  std::vector<SideFile> data_set_files(const std::vector<Subset>& subsets) const override {
    std::string labels = "# label:color_rgb:parts:actions\n";
    for (const std::string& name : reader_.classes()) {
      if (name.find(':') == std::string::npos) labels += one_line(name) + ":::\n";  // it has no place for another one
    }
    std::vector<SideFile> files = {{"labelmap.txt", std::move(labels)}};
    for (const Subset& subset : subsets) {
      std::string list;
      for (const std::string& picture : subset.pictures) list += line_of(picture);
      files.push_back({"ImageSets/Main/" + subset.name + ".txt", std::move(list)});
    }
    return files;
  }

  std::vector<std::string> notes() const override { return losses_.notes("voc", "coco, labelme and masks"); }

 private:
  DetectionReader reader_;
  Losses losses_;
};

}  // namespace

std::unique_ptr<Exporter> make_voc(const config::Values& values) {
  return std::make_unique<Voc>(tasks::read_selection(values));
}

}  // namespace pixmill::exports
