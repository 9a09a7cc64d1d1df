// A disk for tests that forgets what was not synced.
#pragma once

#include <condition_variable>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <type_traits>
#include <vector>

#include "pipeline/file_layer.h"
#include "support/testing.h"

namespace pixmill::pipeline::testing {

namespace fs = std::filesystem;
using pixmill::testing::file_text;

// Keeps beside the real files what would be left of them after a power cut: bytes that were synced, under names whose
// folder was synced. Before and after every step it takes a picture of both.
class ForgetfulFiles : public FileLayer {
 public:
  struct Cut {
    std::string step;
    std::map<fs::path, std::string> synced;  // all that was not is lost
    std::map<fs::path, std::string> all;     // all is there, as after kill -9
    std::map<std::string, std::string> database;
    std::set<fs::path> ended;
  };

  ForgetfulFiles(fs::path top, fs::path database, std::size_t files)
      : top_(std::move(top)), database_(std::move(database)), files_(files) {
    for (const auto& entry : fs::recursive_directory_iterator(top_)) {
      if (entry.is_directory()) {
        lasting_folders_.insert(entry.path());
      } else {
        const int id = next_++;
        names_[entry.path()] = lasting_names_[entry.path()] = id;
        lasting_bytes_[id] = file_text(entry.path());
      }
    }
    lasting_folders_.insert(top_);
  }

  std::vector<fs::path> make_folders(const fs::path& folder) override {
    return step("make " + folder.string(), [&] { return FileLayer::make_folders(folder); });
  }
  FileStamp create(const fs::path& file, std::span<const std::byte> content) override {
    const FileStamp stamp = step("create " + file.string(), [&] {
      names_[file] = next_++;
      return FileLayer::create(file, content);
    });
    const std::scoped_lock lock(mutex_);
    ++created_;
    all_created_.notify_all();
    return stamp;
  }
  void sync_file(const fs::path& file) override {
    {
      std::unique_lock lock(mutex_);  // so that no transaction runs while a picture is taken
      all_created_.wait(lock, [&] { return created_ >= files_; });
    }
    step("sync " + file.string(), [&] {
      FileLayer::sync_file(file);
      lasting_bytes_[names_.at(file)] = file_text(file);
      return 0;
    });
  }
  void sync_folder(const fs::path& folder) override {
    step("sync folder " + folder.string(), [&] {
      FileLayer::sync_folder(folder);
      std::erase_if(lasting_names_, [&](const auto& name) { return name.first.parent_path() == folder; });
      for (const auto& [name, id] : names_) {
        if (name.parent_path() == folder) lasting_names_[name] = id;
      }
      for (const auto& entry : fs::directory_iterator(folder)) {
        if (entry.is_directory()) lasting_folders_.insert(entry.path());
      }
      return 0;
    });
  }
  void rename(const fs::path& from, const fs::path& to, bool replace) override {
    step("rename " + from.string() + " to " + to.string(), [&] {
      FileLayer::rename(from, to, replace);
      names_[to] = names_.at(from);
      names_.erase(from);
      return 0;
    });
  }
  void remove(const fs::path& file) noexcept override {
    step("remove " + file.string(), [&] {
      FileLayer::remove(file);
      names_.erase(file);
      return 0;
    });
  }
  FileStamp copy(const fs::path& from, const fs::path& to, bool owner) override {
    return step("copy " + from.string() + " to " + to.string(), [&] {
      names_[to] = next_++;
      return FileLayer::copy(from, to, owner);
    });
  }
  void unlink(const fs::path& file) override {
    step("unlink " + file.string(), [&] {
      FileLayer::unlink(file);
      names_.erase(file);
      return 0;
    });
  }
  void ended(const fs::path& input) {
    step("ended " + input.string(), [&] { return ended_.insert(input).second; });
  }
  std::vector<Cut> cuts() const { return cuts_; }

 private:
  template <typename Work>
  std::invoke_result_t<Work> step(const std::string& name, Work work) {
    const std::scoped_lock lock(mutex_);
    take_picture("before " + name);
    auto result = work();
    take_picture("after " + name);
    return result;
  }

  void take_picture(const std::string& name) {
    Cut cut;
    cut.step = name;
    cut.ended = ended_;
    for (const auto& [file, id] : names_) cut.all[file] = file_text(file);
    for (const auto& [file, id] : lasting_names_) {
      if (is_lasting(file.parent_path())) cut.synced[file] = lasting_bytes_[id];  // else empty
    }
    for (const char* suffix : {"", "-wal"}) cut.database[suffix] = file_text(database_.native() + suffix);
    cuts_.push_back(std::move(cut));
  }

  bool is_lasting(const fs::path& folder) const {
    return folder == top_.parent_path() || (lasting_folders_.contains(folder) && is_lasting(folder.parent_path()));
  }

  const fs::path top_, database_;
  const std::size_t files_;
  std::mutex mutex_;
  std::condition_variable all_created_;
  std::size_t created_ = 0;
  int next_ = 0;
  std::map<fs::path, int> names_, lasting_names_;
  std::map<int, std::string> lasting_bytes_;
  std::set<fs::path> lasting_folders_;
  std::set<fs::path> ended_;
  std::vector<Cut> cuts_;
};

}  // namespace pixmill::pipeline::testing
