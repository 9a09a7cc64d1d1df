#include "pixmill/runtime/setup.h"

#include <utility>

#include "pixmill/platform/trusted_path.h"

namespace pixmill::runtime {
namespace {

Setup& the_setup() {
  static Setup setup;
  return setup;
}

}  // namespace

void set_up(Setup setup) {
  the_setup() = std::move(setup);
}

const Setup& current_setup() {
  return the_setup();
}

EnginePlace engine_place() {
  const std::filesystem::path& engines = current_setup().engines;
  if (engines.empty()) return {};
  try {
    platform::make_trusted_folder(engines);
    return {engines, {}};
  } catch (const Error& error) {
    // A disk that is full or read-only only costs the next start its time.
    if (error.code() != ErrorCode::unreadable) return {};
    return {{}, "compiled models are not cached: " + error.message() + "; " + error.hint()};
  }
}

}  // namespace pixmill::runtime
