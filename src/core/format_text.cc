#include "pixmill/core/format_text.h"

#include <cstdarg>
#include <cstdio>

namespace pixmill {

std::string format_text(const char* pattern, ...) {
  char text[512];
  va_list arguments;
  va_start(arguments, pattern);
  std::vsnprintf(text, sizeof text, pattern, arguments);
  va_end(arguments);
  return text;
}

}  // namespace pixmill
