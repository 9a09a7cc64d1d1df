// Each found thing as a picture of its own, in folders by class: "dog/day 1/img2_3.jpg" is the third best thing that
// was found in "day 1/img2.jpg", whatever was asked for, so that another confidence gives no file another meaning.
#include <algorithm>
#include <cmath>
#include <vector>

#include "exports/detection_reader.h"
#include "exports/folder_names.h"
#include "exports/formats.h"
#include "exports/shown_picture.h"
#include "exports/text.h"
#include "pixmill/tasks/picture_flags.h"

namespace pixmill::exports {
namespace {

constexpr int kQuality = 95;  // these are looked at again, or trained on

// The box with its margin, in whole pixels, inside the picture; at least one pixel.
Rect area_of(const tasks::Box& box, double margin, Size picture) {
  const double across = margin * (box.right - box.left), down = margin * (box.bottom - box.top);
  const auto low = [](double value, int limit) {
    return static_cast<int>(std::clamp(std::floor(value), 0.0, limit - 1.0));
  };
  const auto high = [](double value, int from, int limit) {
    return static_cast<int>(std::clamp(std::ceil(value), from + 1.0, static_cast<double>(limit)));
  };
  const int x = low(box.left - across, picture.width), y = low(box.top - down, picture.height);
  return {x, y, high(box.right + across, x, picture.width) - x, high(box.bottom + down, y, picture.height) - y};
}

class Crops final : public Exporter {
 public:
  Crops(tasks::Selection selection, double margin) : reader_(std::move(selection)), margin_(margin) {}

  void add(const Entry&, const Sink&) override {}

  std::vector<std::string> names_of(const Entry& entry) override { return names_in(entry, reader_.read(entry)); }

  std::vector<SideFile> files_of(const Entry& entry) override {
    const Chosen chosen = reader_.read(entry);
    if (chosen.found.empty()) return {};
    std::vector<std::string> names = names_in(entry, chosen);
    const Image picture = picture_of(entry, chosen.record);
    std::vector<SideFile> files;
    for (std::size_t i = 0; i < chosen.found.size(); ++i) {
      const Rect area = area_of(chosen.found[i]->box, margin_, picture.size());
      files.push_back({std::move(names[i]), jpeg(picture.view().crop(area), kQuality)});
    }
    return files;
  }

 private:
  static std::vector<std::string> names_in(const Entry& entry, const Chosen& chosen) {
    const std::vector<std::string> folders = folder_names(*chosen.record.classes);
    const std::string stem = without_extension(entry.picture);
    std::vector<std::string> names;
    for (const tasks::Detection* one : chosen.found) {
      const auto rank = one - chosen.record.found.data() + 1;
      names.push_back(folders[static_cast<std::size_t>(one->box.label)] + "/" + stem + "_" + std::to_string(rank) +
                      ".jpg");
    }
    return names;
  }

  DetectionReader reader_;
  const double margin_;
};

}  // namespace

const std::vector<config::Flag>& crops_flags() {
  static const std::vector<config::Flag> flags = flags_of({&tasks::selection_flags(), &tasks::crop_flags()});
  return flags;
}

std::unique_ptr<Exporter> make_crops(const config::Values& values) {
  return std::make_unique<Crops>(tasks::read_selection(values), tasks::read_crop_margin(values));
}

}  // namespace pixmill::exports
