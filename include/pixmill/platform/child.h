// Runs another program to its end: no shell, its output read as it comes, ended when this process ends.
#pragma once

#include <atomic>
#include <chrono>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace pixmill::platform {

struct ChildOptions {
  // Each line of its output and of its errors, without the line's end, as it comes; a carriage return ends one too, so
  // that progress bars are lines. From the calling thread.
  std::function<void(std::string_view line)> on_line = {};
  std::function<void()> on_wait = {};                   // called about twenty times a second while it runs
  const std::atomic<bool>* stop = nullptr;              // when it turns true, the child and its children are ended
  std::chrono::milliseconds limit{0};                   // so long it may take; 0: as long as it likes
  std::map<std::string, std::string> environment = {};  // set on top of ours
  std::filesystem::path folder = {};                    // it runs in; empty: ours
};

struct ChildResult {
  int exit_code = 0;       // 0 where a signal ended it
  int signal = 0;          // that ended it; 0: it ended by itself
  bool stopped = false;    // by `stop`
  bool timed_out = false;  // by `limit`
  std::string output;      // standard output, the last mebibyte of it
  std::string errors;      // standard error, the last mebibyte of it

  bool good() const { return exit_code == 0 && signal == 0 && !stopped && !timed_out; }
};

// Runs `words.front()` (a path, or a name that PATH knows) with the rest as arguments and nothing on standard input, in
// a process group of its own. Throws Error: not_found (no such program), internal (it cannot be started).
ChildResult run_child(const std::vector<std::string>& words, const ChildOptions& options = {});

// How it ended, in words: "exit code 3", "signal 11 (Segmentation fault)", "took longer than 10 s".
std::string ending_of(const ChildResult& result, const ChildOptions& options = {});

// The path of this program, to run it again.
std::string own_program();

}  // namespace pixmill::platform
