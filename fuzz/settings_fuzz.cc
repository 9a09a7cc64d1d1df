// The settings file.
#include <cstdint>

#include "pixmill/config/settings.h"
#include "pixmill/core/error.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    (void)pixmill::config::parse_settings({reinterpret_cast<const char*>(data), size}, "fuzz");
  } catch (const pixmill::Error&) {  // a proper error
  }
  return 0;
}
