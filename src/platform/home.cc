#include "pixmill/platform/home.h"

#include <cstdlib>
#include <system_error>

namespace pixmill::platform {
namespace fs = std::filesystem;
namespace {

fs::path from_environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? fs::path() : fs::path(value);
}

fs::path temporary_folder() {
  std::error_code error;
  const fs::path named = fs::temp_directory_path(error);
  return error ? fs::path("/tmp") : named;
}

// An XDG folder; the standard says that relative ones are to be ignored.
fs::path xdg(const char* name, const char* below_home) {
  const fs::path named = from_environment(name);
  if (named.is_absolute()) return named / "pixmill";
  const fs::path home = from_environment("HOME");
  return (home.empty() ? temporary_folder() : home / below_home) / "pixmill";
}

}  // namespace

Home find_home() {
  const fs::path all = from_environment("PIXMILL_HOME");
  if (!all.empty()) {
    const fs::path folder = fs::absolute(all);
    return {folder / "settings.yaml", folder / "models", folder / "state", folder / "cache", folder / "data"};
  }
  const fs::path data = xdg("XDG_DATA_HOME", ".local/share");
  return {xdg("XDG_CONFIG_HOME", ".config") / "settings.yaml", data / "models", xdg("XDG_STATE_HOME", ".local/state"),
          xdg("XDG_CACHE_HOME", ".cache"), data};
}

}  // namespace pixmill::platform
