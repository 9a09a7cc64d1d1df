#include "codecs/vips.h"

#include <algorithm>
#include <mutex>
#include <shared_mutex>
#include <string_view>
#include <vector>

#include "pixmill/core/error.h"

namespace pixmill::codecs {
namespace {

void drop_message(const gchar*, GLogLevelFlags, const gchar*, gpointer) {}

// Lets one operation run alone in libvips. glibc's shared_mutex prefers readers, so the one that must run alone
// holds back new ones.
class Doorway {
 public:
  std::shared_lock<std::shared_mutex> enter() {
    std::lock_guard pass(gate_);
    return std::shared_lock(room_);
  }
  std::unique_lock<std::shared_mutex> enter_alone() {
    std::lock_guard pass(gate_);
    return std::unique_lock(room_);
  }

 private:
  std::mutex gate_;
  std::shared_mutex room_;
};

Doorway doorway;

// One line of what libvips wrote: each message once, without repeats.
std::string one_line(std::string_view text) {
  std::vector<std::string_view> lines;
  std::string result;
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    if (line.empty() || std::find(lines.begin(), lines.end(), line) != lines.end()) continue;
    lines.push_back(line);
    result.append(result.empty() ? "" : "; ").append(line);
  }
  return result;
}

}  // namespace

void start_vips() {
  static std::once_flag once;
  std::call_once(once, [] {
    g_log_set_handler("VIPS", static_cast<GLogLevelFlags>(G_LOG_LEVEL_MASK & ~G_LOG_LEVEL_ERROR), drop_message,
                      nullptr);
    if (vips_init("pixmill") != 0) throw Error(ErrorCode::internal, "libvips does not start", vips_error_buffer());
    vips_concurrency_set(1);
    vips_cache_set_max(0);
  });
}

std::optional<std::string> failure_of(const std::function<bool()>& operation) {
  {
    const auto shared = doorway.enter();
    if (operation()) return std::nullopt;
  }
  const auto alone = doorway.enter_alone();
  vips_error_clear();
  if (operation()) return std::nullopt;
  return take_vips_error();
}

std::shared_lock<std::shared_mutex> enter_vips() {
  return doorway.enter();
}

std::string take_vips_error() {
  std::string text = one_line(vips_error_buffer());
  vips_error_clear();
  return text.empty() ? "libvips gave no reason" : std::move(text);
}

bool has_operation(const char* nickname) {
  return vips_type_find("VipsOperation", nickname) != 0;
}

}  // namespace pixmill::codecs
