// YOLO's text format: a line for each box, "class x y width height": its middle and size as shares of the picture. A
// picture without boxes has an empty file: somebody looked, and found nothing.
#include "exports/detection_reader.h"
#include "exports/formats.h"

namespace pixmill::exports {
namespace {

constexpr int kDigits = 6;  // a hundredth of a pixel in 10,000

// Single quotes: what a plain name may hold in YAML depends on its letters.
std::string yaml_quoted(std::string_view text) {
  std::string quoted = "'";
  for (const char letter : text) quoted += letter == '\'' ? std::string("''") : std::string(1, letter);
  return quoted + "'";
}

std::string data_yaml(const std::vector<std::string>& classes) {
  std::string text =
      "# Made by pixmill. For training: the pictures lie in the folder `images` beside the folder of these labels, in\n"
      "# the same sub-folders; change `train` and `val` where they lie elsewhere.\n"
      "train: ../images\nval: ../images\nnc: " +
      std::to_string(classes.size()) + "\nnames:\n";
  for (std::size_t i = 0; i < classes.size(); ++i)
    text += "  " + std::to_string(i) + ": " + yaml_quoted(classes[i]) + "\n";
  return text;
}

class Yolo final : public Exporter {
 public:
  explicit Yolo(tasks::Selection selection) : reader_(std::move(selection)) {}

  void add(const Entry& entry, const Sink& sink) override {
    const Chosen chosen = reader_.read(entry);
    const double width = chosen.record.picture.width, height = chosen.record.picture.height;
    std::string text;
    for (const tasks::Detection* one : chosen.found) {
      const tasks::Box& box = one->box;
      text += std::to_string(box.label);
      const double left = box.left, right = box.right, top = box.top, bottom = box.bottom;
      for (const double share :
           {(left + right) / 2 / width, (top + bottom) / 2 / height, (right - left) / width, (bottom - top) / height})
        text += " " + fixed(share, kDigits);
      text += "\n";
    }
    sink(text);
  }

  std::vector<SideFile> side_files() const override {
    std::string names;
    for (const std::string& name : reader_.classes()) names += name + "\n";
    return {{"classes.txt", std::move(names)}, {"data.yaml", data_yaml(reader_.classes())}};
  }

 private:
  DetectionReader reader_;
};

}  // namespace

std::unique_ptr<Exporter> make_yolo(const config::Values& values) {
  return std::make_unique<Yolo>(tasks::read_selection(values));
}

}  // namespace pixmill::exports
