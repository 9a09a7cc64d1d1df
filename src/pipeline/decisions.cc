#include "pixmill/pipeline/decisions.h"

#include <sstream>
#include <system_error>

#include "pixmill/core/error.h"
#include "pixmill/platform/files.h"

namespace pixmill::pipeline {
namespace {

constexpr std::size_t kLargestFile = 64 << 20;  // bytes: a million pairs

std::pair<std::string, std::string> ordered(const std::string& a, const std::string& b) {
  return a < b ? std::pair(a, b) : std::pair(b, a);
}

}  // namespace

std::filesystem::path decision_file(const platform::Home& home) {
  return home.state / "different.txt";
}

Decisions::Decisions(const platform::Home& home) : file_(decision_file(home)) {
  if (std::error_code ignored; !std::filesystem::exists(file_, ignored)) return;
  std::istringstream lines(platform::read_text(file_, kLargestFile));
  for (std::string line; std::getline(lines, line);) {
    const std::size_t space = line.find(' ');
    if (space != std::string::npos && space > 0 && space + 1 < line.size())
      different_.insert(ordered(line.substr(0, space), line.substr(space + 1)));
  }
}

bool Decisions::are_different(const std::string& a, const std::string& b) const {
  return different_.contains(ordered(a, b));
}

std::size_t Decisions::decide(std::span<const std::string> contents, bool different) {
  std::size_t changed = 0;
  for (std::size_t i = 0; i < contents.size(); ++i) {
    for (std::size_t k = i + 1; k < contents.size(); ++k) {
      if (contents[i] == contents[k]) continue;
      const auto pair = ordered(contents[i], contents[k]);
      changed += different ? static_cast<std::size_t>(different_.insert(pair).second) : different_.erase(pair);
    }
  }
  if (changed == 0) return 0;
  std::string text;
  for (const auto& [a, b] : different_) text.append(a).append(" ").append(b).append("\n");
  platform::write_whole(file_, text);
  return changed;
}

}  // namespace pixmill::pipeline
