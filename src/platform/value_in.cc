#include "pixmill/platform/value_in.h"

#include <fstream>

#include "pixmill/core/text.h"

namespace pixmill::platform {

std::string value_in(const std::filesystem::path& path, std::string_view key, char separator) {
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    const std::size_t at = line.find(separator);
    if (at != std::string::npos && trimmed(std::string_view(line).substr(0, at)) == key) {
      const std::string value = trimmed(std::string_view(line).substr(at + 1));
      const bool quoted = value.size() >= 2 && value.front() == '"' && value.back() == '"';
      return quoted ? value.substr(1, value.size() - 2) : value;
    }
  }
  return {};
}

}  // namespace pixmill::platform
