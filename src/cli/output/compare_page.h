// --compare: each picture of a run before and after, with a slider, in one HTML file with nothing beside it.
#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "pixmill/pipeline/event.h"

namespace pixmill::cli {

// Gathers names from the events of a run; the pictures are read when it is written, after the run. Used by one thread.
class ComparePage {
 public:
  // Throws Error{usage} where the file may not be written: see check_output_file().
  ComparePage(std::filesystem::path file, bool overwrite);

  void operator()(const pipeline::Event& event);

  // Says on standard error what it wrote and, `quiet` or not, what it left out. Throws Error: unwritable, disk_full,
  // interrupted.
  void write(bool quiet, const std::atomic<bool>& stop);

 private:
  struct Pair {
    std::filesystem::path before, after;
  };
  struct Gathered {
    std::string json;  // without the brackets of the list
    std::int64_t shown = 0, failed = 0, left_out = 0;
    std::string first_failure;
  };
  Gathered gather(const std::atomic<bool>& stop);
  void add(const std::filesystem::path& input, const std::vector<std::filesystem::path>& outputs);

  std::filesystem::path file_;
  bool overwrite_;
  std::string job_, model_;
  std::vector<Pair> pairs_;
  std::int64_t others_ = 0;  // beyond those that a page may have
};

}  // namespace pixmill::cli
