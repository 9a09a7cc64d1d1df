#include "pixmill/platform/home.h"

#include <cstdlib>
#include <system_error>

#include "pixmill/core/error.h"

namespace pixmill::platform {
namespace fs = std::filesystem;
namespace {

fs::path from_environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? fs::path() : fs::path(value);
}

// An XDG folder; the standard says that relative ones are to be ignored. Never one that all users share: whoever made
// /tmp/pixmill first could put a library there.
fs::path xdg(const char* name, const char* below_home) {
  const fs::path named = from_environment(name);
  if (named.is_absolute()) return named / "pixmill";
  const fs::path home = from_environment("HOME");
  if (home.is_absolute()) return home / below_home / "pixmill";
  throw Error(
      ErrorCode::usage, std::string("there is no place for pixmill's files: HOME and ") + name + " name no folder",
      "set PIXMILL_HOME to a folder of yours (or HOME), for example PIXMILL_HOME=/var/lib/pixmill in a service");
}

}  // namespace

Home find_home() {
  const fs::path all = from_environment("PIXMILL_HOME");
  if (!all.empty()) {
    std::error_code error;
    const fs::path folder = fs::absolute(all, error);
    if (error)
      throw Error(ErrorCode::usage, "PIXMILL_HOME=" + all.string() + ": " + error.message(), "name a full path");
    return {folder / "settings.yaml", folder / "models", folder / "state", folder / "cache", folder / "data"};
  }
  const fs::path data = xdg("XDG_DATA_HOME", ".local/share");
  return {xdg("XDG_CONFIG_HOME", ".config") / "settings.yaml", data / "models", xdg("XDG_STATE_HOME", ".local/state"),
          xdg("XDG_CACHE_HOME", ".cache"), data};
}

}  // namespace pixmill::platform
