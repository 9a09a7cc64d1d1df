#include "cli/output/page_template.h"

namespace pixmill::cli {

std::string for_script(std::string_view json) {
  std::string text;
  for (const char letter : json) letter == '<' ? text += "\\u003c" : text += letter;
  return text;
}

std::string filled(std::string_view page, const std::map<std::string, std::string>& parts) {
  std::string text;
  while (true) {
    const std::size_t open = page.find("{{");
    text += page.substr(0, open);
    if (open == std::string_view::npos) return text;
    const std::size_t close = page.find("}}", open);
    text += parts.at(std::string(page.substr(open + 2, close - open - 2)));
    page.remove_prefix(close + 2);
  }
}

}  // namespace pixmill::cli
