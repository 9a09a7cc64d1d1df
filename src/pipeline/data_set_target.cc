#include "pipeline/data_set_target.h"

#include <optional>
#include <system_error>
#include <utility>

#include "pipeline/zip_file.h"
#include "pixmill/core/error.h"
#include "pixmill/platform/files.h"

namespace pixmill::pipeline {
namespace fs = std::filesystem;
namespace {

using Pictures = DataSet::Pictures;

// A link or a copy that an earlier run made: rsync's rule, size and time, for copies.
bool stands_already(const fs::path& output, const fs::path& picture, Pictures how) {
  std::error_code error;
  const bool is_link = fs::is_symlink(output, error);
  if (how == Pictures::link) return is_link && fs::read_symlink(output, error) == picture;
  return !is_link && fs::is_regular_file(output, error) &&
         fs::file_size(output, error) == fs::file_size(picture, error) && !error &&
         fs::last_write_time(output, error) == fs::last_write_time(picture, error);
}

void make_link(const fs::path& output, const fs::path& picture) {
  std::error_code error;
  fs::remove(output, error);
  fs::create_symlink(picture, output, error);
  if (error) throw platform::write_error(error.value(), output);
}

void make_copy(const fs::path& output, const fs::path& picture) {
  platform::write_by_name(output, [&](const fs::path& unfinished) {
    std::error_code error;
    fs::copy_file(picture, unfinished, fs::copy_options::overwrite_existing, error);
    if (error) throw platform::write_error(error.value(), output);
    fs::last_write_time(unfinished, fs::last_write_time(picture, error), error);
  });
}

class Folder final : public DataSetTarget {
 public:
  explicit Folder(DataSetPlace place) : place_(std::move(place)) {}

  bool has(const std::string& name) const override {
    std::error_code error;
    return fs::exists(fs::symlink_status(place_.result.path / name, error));
  }

  void add(const std::string& name, const ExportOwner& owner, std::string_view bytes) override {
    place_.files.settle(place_.result, owner, owner.identity, place_.result.path / name,
                        MadeFile{.bytes = bytes_of_text(bytes)});
  }

  void add_picture(const std::string& name, const fs::path& picture) override {
    const fs::path output = place_.result.path / name;
    if (stands_already(output, picture, place_.pictures)) return;
    if (has(name) && !place_.overwrite) {
      throw Error(ErrorCode::collision, output.string() + " exists and is not this picture",
                  "choose another -o; --overwrite replaces it");
    }
    platform::open_to_read(picture);
    platform::make_folder(output.parent_path());
    place_.pictures == Pictures::link ? make_link(output, picture) : make_copy(output, picture);
  }

  fs::path scratch(const std::string& name) override {
    const fs::path file = place_.result.path / name;
    platform::make_folder(file.parent_path());
    return place_.files.name_beside(file);
  }

  void add_grown(const std::string& name, const fs::path& file) override {
    place_.files.settle(place_.result, ExportCommits::owner_of_all(place_.root), place_.root, place_.result.path / name,
                        MadeFile{.file = file});
  }

  void finish() override {}

 private:
  DataSetPlace place_;
};

struct RemovedAtEnd {
  ~RemovedAtEnd() {
    std::error_code ignored;
    fs::remove(file, ignored);
  }
  const fs::path& file;
};

// It is one file of all pictures.
class Zip final : public DataSetTarget {
 public:
  explicit Zip(DataSetPlace place)
      : place_(std::move(place)), zip_(place_.files.name_beside(place_.result.path), place_.result.path) {}

  bool has(const std::string&) const override { return false; }

  void add(const std::string& name, const ExportOwner&, std::string_view bytes) override {
    zip_.add(name, std::as_bytes(std::span(bytes)));
  }

  void add_picture(const std::string& name, const fs::path& picture) override { zip_.add_file(name, picture, false); }

  fs::path scratch(const std::string&) override { return place_.files.name_beside(place_.result.path); }

  void add_grown(const std::string& name, const fs::path& file) override {
    const RemovedAtEnd scratch{file};
    zip_.add_file(name, file, true);
  }

  void finish() override {
    place_.files.settle(place_.result, ExportCommits::owner_of_all(place_.root), place_.root, place_.result.path,
                        MadeFile{.file = zip_.finish()});
  }

 private:
  DataSetPlace place_;
  ZipFile zip_;
};

}  // namespace

std::unique_ptr<DataSetTarget> folder_target(const DataSetPlace& place) {
  return std::make_unique<Folder>(place);
}

std::unique_ptr<DataSetTarget> zip_target(const DataSetPlace& place) {
  return std::make_unique<Zip>(place);
}

}  // namespace pixmill::pipeline
