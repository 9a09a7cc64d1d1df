// Records that are exported in a test.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "pixmill/exports/export.h"
#include "pixmill/tasks/detections.h"

namespace pixmill::exports {

struct Made {
  std::vector<std::string> of_pictures;
  std::string of_the_job;
  std::vector<SideFile> beside;
  std::vector<std::string> notes;
};

class ExportsTest : public ::testing::Test {
 protected:
  void set(std::string_view flag, const std::string& value) {
    for (const config::Flag* known : flags_) {
      if (known->name == flag) values_.set(*known, {value}, config::Origin::flag, "");
    }
  }

  void found(const std::string& picture, std::vector<tasks::Box> boxes,
             std::vector<std::string> names = {"cat", "it's a dog"}) {
    tasks::Detections record{{200, 100}, 0.05F, tasks::shared_names(std::move(names)), {}};
    for (const tasks::Box& box : boxes) record.found.push_back({box});
    add(picture, record);
  }

  void add(const std::string& picture, const tasks::Detections& record) {
    pictures_.push_back(picture);
    bodies_.push_back(tasks::pack(record));
  }

  Made made(std::string_view format) {
    const auto exporter = making_of(*find_export(format), values_).make();
    Made files;
    const Sink job = [&](std::string_view text) { files.of_the_job += text; };
    exporter->begin(job);
    for (std::size_t i = 0; i < pictures_.size(); ++i) {
      std::string text;
      const Entry entry{
          .picture = pictures_[i], .kind = tasks::kDetections, .body = bodies_[i], .link = link_, .subset = subset_};
      if (find_export(format)->scope == Scope::several) (void)exporter->files_of(entry);
      exporter->add(entry, [&](std::string_view part) { text += part; });
      files.of_the_job += text;
      files.of_pictures.push_back(text);
    }
    exporter->end(job);
    files.beside = exporter->side_files();
    files.notes = exporter->notes();
    return files;
  }

  // Those of all formats, each once.
  static std::vector<const config::Flag*> all_flags() {
    std::vector<const config::Flag*> all;
    for (const ExportRow& row : exports()) {
      for (const config::Flag& flag : row.flags()) {
        const auto same = [&](const config::Flag* other) { return other->name == flag.name; };
        if (std::none_of(all.begin(), all.end(), same)) all.push_back(&flag);
      }
    }
    return all;
  }

  const std::vector<const config::Flag*> flags_ = all_flags();
  const config::Command command_{.name = "export", .arguments = "", .summary = "", .example = "", .flags = flags_};
  config::Values values_{command_};
  std::vector<std::string> pictures_;
  std::vector<std::vector<std::byte>> bodies_;
  std::string link_, subset_;
};

}  // namespace pixmill::exports
