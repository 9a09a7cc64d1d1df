// @list.txt and the patterns of --include: text from outside.
#include <cstdint>

#include "pipeline/glob.h"
#include "pixmill/pipeline/sources.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  try {
    (void)pixmill::pipeline::parse_list(text);
  } catch (const pixmill::Error&) {  // a proper error
  }
  if (size < 256) {
    const std::size_t middle = size / 2;
    (void)pixmill::pipeline::glob_match(text.substr(0, middle), text.substr(middle));
    (void)pixmill::pipeline::natural_less(text.substr(0, middle), text.substr(middle));
  }
  return 0;
}
