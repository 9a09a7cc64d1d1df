#include "cli/output/live_line.h"

#include <unistd.h>

#include <cstdio>

#include "cli/output/terminal.h"
#include "cli/output/text.h"

namespace pixmill::cli {

LiveLine::LiveLine(bool wanted) : live_(wanted && ::isatty(STDERR_FILENO) != 0) {}

void LiveLine::show(const std::string& text) {
  if (!live_) return;
  std::fprintf(stderr, "%s%s", kEraseLine, head_of(printable(text), terminal_width(stderr) - 1).c_str());
  std::fflush(stderr);
  shown_ = true;
}

void LiveLine::clear() {
  if (shown_) std::fputs(kEraseLine, stderr);
  shown_ = false;
}

}  // namespace pixmill::cli
