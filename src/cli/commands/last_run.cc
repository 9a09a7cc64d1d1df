#include "cli/commands/last_run.h"

#include "cli/output/event_json.h"
#include "pixmill/platform/files.h"
#include "pixmill/platform/home.h"

namespace pixmill::cli {
namespace {

constexpr std::size_t kMostBytes = 64 << 10;

std::filesystem::path file() {
  return platform::find_home().state / "last_run.json";
}

}  // namespace

void keep_last_run(const pipeline::CacheUse& use) {
  try {
    const std::string text = dump(to_json(use)) + "\n";
    platform::write_quickly(file(), std::as_bytes(std::span(text)));
  } catch (const Error&) {
    // Only cache info shows less then.
  }
}

std::optional<pipeline::CacheUse> read_last_run() {
  try {
    return cache_use_from(nlohmann::ordered_json::parse(platform::read_text(file(), kMostBytes)));
  } catch (const std::exception&) {
    return std::nullopt;  // missing or damaged: it is only for display
  }
}

}  // namespace pixmill::cli
