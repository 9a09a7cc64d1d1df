// What the tests of plans share: a folder of files, and the file tree as a map.
#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <map>
#include <string>
#include <vector>

#include "pipeline/transfer/run.h"
#include "pixmill/pipeline/catalogue_figures.h"
#include "support/testing.h"

namespace pixmill::pipeline::testing {

namespace fs = std::filesystem;
using pixmill::testing::file_text;
using pixmill::testing::TemporaryFolder;
using pixmill::testing::write_file;

// All below a folder, by its path there: the bytes of a file, "-> " and the text of a link, "/" for a folder.
inline std::map<std::string, std::string> tree(const fs::path& folder) {
  std::map<std::string, std::string> all;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    std::string& what = all[entry.path().lexically_relative(folder).string()];
    what = "/";
    if (entry.is_symlink()) {
      what = "-> " + fs::read_symlink(entry.path()).string();
    } else if (entry.is_regular_file()) {
      what = file_text(entry.path());
    }
  }
  return all;
}

// Temporary files go to memory, where there is such a place: these tests wait for the disk very often, and have one
// that forgets.
class InMemory {
 public:
  InMemory() {
    if (const char* place = std::getenv("TMPDIR")) before_ = place;
    if (fs::is_directory("/dev/shm")) ::setenv("TMPDIR", "/dev/shm", 1);
  }
  ~InMemory() { before_.empty() ? ::unsetenv("TMPDIR") : ::setenv("TMPDIR", before_.c_str(), 1); }
  InMemory(const InMemory&) = delete;
  InMemory& operator=(const InMemory&) = delete;

 private:
  std::string before_;
};

class TransferTest : public ::testing::Test {
 protected:
  void SetUp() override {
    for (const char* name : {"a.jpg", "b.jpg", "deep/c.jpg", "deep/er/d.jpg"}) write_file(in_ / name, text_of(name));
    before_ = tree(in_);
  }

  static std::string text_of(const std::string& name) { return "the bytes of " + name; }

  platform::Home home() const { return {{}, {}, folder_ / "state", {}, {}}; }

  TransferSpec spec(TransferAction action,
                    const std::vector<std::string>& names = {"a.jpg", "deep/c.jpg", "deep/er/d.jpg"}) const {
    TransferSpec made;
    made.action = action;
    for (const std::string& name : names) made.files.push_back({in_ / name, name});
    made.roots = {in_};
    made.target = out_;
    made.asked = "a test";
    made.home = home();
    return made;
  }

  Transferred run(const TransferSpec& spec, FileLayer& files = FileLayer::of_the_system()) {
    Catalogue catalogue(catalogue_file(home()));
    return transfer_on(files, spec, catalogue, {}, stop_);
  }

  Undone take_back(const std::string& plan = {}, bool dry_run = false) {
    return undo_on(FileLayer::of_the_system(), {plan, dry_run, home()}, {}, stop_);
  }

  InMemory in_memory_;
  TemporaryFolder folder_;
  fs::path in_ = folder_ / "in", out_ = folder_ / "out";
  std::atomic<bool> stop_ = false;
  std::map<std::string, std::string> before_;
};

}  // namespace pixmill::pipeline::testing
