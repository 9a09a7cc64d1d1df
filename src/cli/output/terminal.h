// The events of a job on a terminal: one live line, failures as they come, a summary.
#pragma once

#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "pixmill/core/bytes_text.h"
#include "pixmill/pipeline/event.h"

namespace pixmill::cli {

// Text from outside (file names, libraries) made safe for a terminal: control characters as \xNN, so that a name with a
// newline or an escape sequence can neither break a line nor colour the screen.
std::string printable(std::string_view text);

// "3:07", "1:02:03"; "-" for a negative number.
std::string clock_text(double seconds);

int terminal_width(std::FILE* out);  // in columns; 80 where it is no terminal

// How the caches did: "12 of 40 inferences from the cache, 28 kept; ...".
std::string cache_text(const pipeline::CacheUse& use);

class TerminalPrinter {
 public:
  struct Options {
    bool quiet = false;    // failures only
    bool verbose = false;  // a line for every picture
    bool live = true;      // redraw one line; else a line now and then
    std::FILE* out = stderr;
  };
  explicit TerminalPrinter(const Options& options) : options_(options) {}

  void operator()(const pipeline::Event& event);

 private:
  void line(const std::string& text);
  void draw(const pipeline::Progress& progress);
  void clear_live();
  static std::string tallies_text(const pipeline::Ended& ended);
  std::string chosen_text(const pipeline::Chosen& chosen) const;
  void summary(const pipeline::Ended& ended);
  void details(const pipeline::Ended& ended);
  void note_outputs(const std::vector<std::filesystem::path>& outputs);
  std::string place_and_device(const pipeline::Ended& ended) const;

  Options options_;
  bool live_shown_ = false;
  double last_line_s_ = 0.0;
  std::vector<pipeline::Failed> failures_;  // the first few, for the summary
  std::int64_t failure_count_ = 0;
  std::filesystem::path place_;  // of all results so far
  std::int64_t results_ = 0;
  bool dry_run_ = false;
  std::map<std::string, int> planned_;  // of a dry run, by action
};

}  // namespace pixmill::cli
