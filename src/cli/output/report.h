// --report: every result and the summary in one file, written as the job goes, so that it costs no memory.
#pragma once

#include <filesystem>
#include <fstream>
#include <memory>

#include "pixmill/pipeline/event.h"

namespace pixmill::cli {

// The format follows the extension: .json, .csv or .html. The file appears under its name when the job ends.
class Report {
 public:
  // Throws Error{usage} for another extension, Error{unwritable}.
  explicit Report(const std::filesystem::path& file);
  ~Report();

  void operator()(const pipeline::Event& event);

 private:
  struct Format;
  struct Json;
  struct Csv;
  struct Html;

  std::filesystem::path file_;
  std::filesystem::path staged_;
  std::ofstream stream_;
  std::unique_ptr<Format> format_;
};

}  // namespace pixmill::cli
