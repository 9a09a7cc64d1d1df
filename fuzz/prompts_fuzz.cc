// A file of prompts, and what it means in a picture: things inside it, or Error{usage}.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "pixmill/core/error.h"
#include "pixmill/tasks/prompts.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    const auto file = pixmill::tasks::parse_prompts({reinterpret_cast<const char*>(data), size}, "fuzz", "object");
    for (const auto& [name, groups] : file.pictures) {
      for (const auto& thing : pixmill::tasks::things_of(groups, {640, 480}, name)) {
        if (thing.box && (thing.box->left >= thing.box->right || thing.box->right > 640)) std::abort();
        if (static_cast<std::size_t>(thing.label) >= file.classes.size()) std::abort();
      }
    }
  } catch (const pixmill::Error& error) {
    if (error.code() != pixmill::ErrorCode::usage) std::abort();
  }
  return 0;
}
