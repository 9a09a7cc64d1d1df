#include "exports/folder_names.h"

#include <algorithm>
#include <cctype>
#include <set>
#include <string_view>

namespace pixmill::exports {
namespace {

constexpr std::size_t kLongest = 100;  // bytes; file systems take 255

bool is_forbidden(char letter) {
  return static_cast<unsigned char>(letter) < 0x20 || letter == 0x7F ||
         std::string_view("/\\:*?\"<>|").find(letter) != std::string_view::npos;
}

std::string safe(std::string name) {
  std::replace_if(name.begin(), name.end(), is_forbidden, '_');
  if (name.size() > kLongest) {
    std::size_t end = kLongest;
    while (end > 0 && (static_cast<unsigned char>(name[end]) & 0xC0U) == 0x80U) --end;  // whole letters of UTF-8
    name.resize(end);
  }
  while (!name.empty() && (name.back() == '.' || name.back() == ' ')) name.pop_back();
  const std::size_t first = name.find_first_not_of(' ');
  name.erase(0, std::min(first, name.size()));
  if (name.starts_with('.')) name.front() = '_';  // else it would be hidden, or the folder above
  return name.empty() ? "class" : name;
}

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char letter) { return static_cast<char>(std::tolower(letter)); });
  return text;
}

}  // namespace

std::vector<std::string> folder_names(const std::vector<std::string>& classes) {
  std::vector<std::string> names;
  std::set<std::string> taken;
  for (std::size_t i = 0; i < classes.size(); ++i) {
    std::string name = safe(classes[i]);
    while (!taken.insert(lower(name)).second) name += "_" + std::to_string(i);
    names.push_back(std::move(name));
  }
  return names;
}

}  // namespace pixmill::exports
