#include "pixmill/platform/home.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <map>
#include <optional>
#include <string>

#include "support/testing.h"

namespace pixmill::platform {
namespace {

using pixmill::testing::error_of;

// The variables that name folders, put back afterwards.
class FindHome : public ::testing::Test {
 protected:
  FindHome() {
    for (const char* name : kNames) {
      const char* value = ::getenv(name);
      before_[name] = value == nullptr ? std::nullopt : std::optional<std::string>(value);
      ::unsetenv(name);
    }
  }
  ~FindHome() override {
    for (const auto& [name, value] : before_) value ? ::setenv(name, value->c_str(), 1) : ::unsetenv(name);
  }
  static void set(const char* name, const char* value) { ::setenv(name, value, 1); }

  static constexpr const char* kNames[] = {"PIXMILL_HOME",  "HOME",           "XDG_CONFIG_HOME",
                                           "XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME"};
  std::map<const char*, std::optional<std::string>> before_;
};

TEST_F(FindHome, WithoutAnyIsAnErrorAndNeverATemporaryFolder) {
  const Error error = error_of(ErrorCode::usage, [] { find_home(); });
  EXPECT_SAYS(error.hint(), "PIXMILL_HOME");
  set("HOME", "relative");
  set("XDG_CONFIG_HOME", "/config");
  EXPECT_SAYS(error_of(ErrorCode::usage, [] { find_home(); }).message(), "XDG_DATA_HOME");
}

TEST_F(FindHome, RelativeFoldersOfXdgAreIgnored) {
  set("HOME", "/home/me");
  set("XDG_CACHE_HOME", "cache");
  set("XDG_STATE_HOME", "/state");
  const Home home = find_home();
  EXPECT_EQ(home.cache, "/home/me/.cache/pixmill");
  EXPECT_EQ(home.state, "/state/pixmill");
  EXPECT_EQ(home.settings, "/home/me/.config/pixmill/settings.yaml");
}

TEST_F(FindHome, OneFolderForAllIsMadeAbsolute) {
  set("PIXMILL_HOME", "mine");
  EXPECT_EQ(find_home().models, std::filesystem::current_path() / "mine/models");
}

}  // namespace
}  // namespace pixmill::platform
