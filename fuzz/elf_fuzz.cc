// Any bytes as a shared library: the names of what it needs, or none.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <sstream>
#include <string>

#include "runtime/needed_libraries.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::istringstream file(std::string(reinterpret_cast<const char*>(data), size));
  const std::vector<std::string> names = pixmill::runtime::needed_libraries(file);
  if (names.size() > 4096) std::abort();
  for (const std::string& name : names) {
    if (name.empty() || name.size() > size || name.size() > 4096) std::abort();
  }
  return 0;
}
