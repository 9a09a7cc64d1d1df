// --report: every result and the summary in one file, written as the job goes, so that it costs no memory.
#pragma once

#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>

#include "pixmill/core/error.h"
#include "pixmill/pipeline/event.h"

namespace pixmill::cli {

// The format follows the extension: .json, .csv or .html. The file appears under its name when the job ends. Not
// thread-safe, as events come one at a time.
class Report {
 public:
  // Throws Error{usage} for another extension or for a file that pixmill did not make (see check_output_file),
  // Error{unwritable}.
  Report(const std::filesystem::path& file, bool overwrite);
  ~Report();
  Report(const Report&) = delete;
  Report& operator=(const Report&) = delete;

  void operator()(const pipeline::Event& event);

  // Why the file could not be written whole: it does not stand under its name then.
  const std::optional<Error>& failure() const { return failure_; }

 private:
  struct Format;
  struct Json;
  struct Csv;
  struct Html;

  void close();
  void fail(const std::string& reason);

  std::filesystem::path file_;
  bool overwrite_;
  std::filesystem::path staged_;
  std::ofstream stream_;
  std::unique_ptr<Format> format_;
  std::optional<Error> failure_;
};

}  // namespace pixmill::cli
