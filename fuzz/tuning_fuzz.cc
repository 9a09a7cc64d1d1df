// tuned.json: tunings whose numbers are in range, or Error{corrupt}.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "pixmill/core/error.h"
#include "pixmill/pipeline/tuning.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    for (const auto& tuning : pixmill::pipeline::parse_tunings({reinterpret_cast<const char*>(data), size}, "fuzz")) {
      for (const auto& [setup, rate] : tuning.setups) {
        if (setup.streams < 1 || setup.threads < 1 || setup.batch < 1) std::abort();
        (void)text_of(setup);
      }
    }
  } catch (const pixmill::Error& error) {
    if (error.code() != pixmill::ErrorCode::corrupt) std::abort();
  }
  return 0;
}
