// What prints the events of a job: the terminal or --json, reports, logs, the page of --compare.
#pragma once

#include <deque>
#include <optional>

#include "cli/output/compare_page.h"
#include "cli/output/report.h"
#include "cli/output/terminal.h"
#include "cli/parse.h"
#include "pixmill/pipeline/event.h"

namespace pixmill::cli {

class LogFile;

class Printers {
 public:
  // Throws Error{usage, unwritable}: a file that cannot be written, or is named twice.
  explicit Printers(const Values& values);
  ~Printers();
  Printers(const Printers&) = delete;
  Printers& operator=(const Printers&) = delete;

  void operator()(const pipeline::Event& event);

  // Whether a dry run met a picture that a run would not make.
  bool refused() const { return refused_; }

  // Says which reports, logs and pages could not be written whole. True where all are.
  bool all_written();

 private:
  bool compared();

  bool json_;
  bool quiet_;
  TerminalPrinter terminal_;
  std::deque<Report> reports_;
  std::deque<LogFile> logs_;
  std::optional<ComparePage> compare_;
  bool refused_ = false;
};

}  // namespace pixmill::cli
