// The live line on standard error: what is in work, redrawn in place; nothing where standard error is not a terminal.
#pragma once

#include <string>

namespace pixmill::cli {

// Erases the line of the terminal.
inline constexpr const char* kEraseLine = "\r\x1b[K";

class LiveLine {
 public:
  // `wanted` false: nothing is ever drawn, as for --json and --quiet.
  explicit LiveLine(bool wanted = true);
  ~LiveLine() { clear(); }
  LiveLine(const LiveLine&) = delete;
  LiveLine& operator=(const LiveLine&) = delete;

  // Whether the line is drawn.
  bool live() const { return live_; }

  // In place of what stood there; cut to the width of the terminal. Names from outside are made printable.
  void show(const std::string& text);

  // For other words to follow.
  void clear();

 private:
  bool live_, shown_ = false;
};

}  // namespace pixmill::cli
