#include "runtime/needed_libraries.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "runtime/hardware.h"

namespace pixmill::runtime {
namespace {

namespace fs = std::filesystem;

bool has(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

TEST(NeededLibraries, OfThisProgram) {
  const auto names = needed_libraries("/proc/self/exe");
  EXPECT_TRUE(has(names, "libc.so.6")) << names.size();
  EXPECT_TRUE(has(names, "libstdc++.so.6") || has(names, "libc++.so.1")) << names.size();
}

TEST(NeededLibraries, OfWhatIsNoLibraryAreNone) {
  const fs::path file = fs::path(testing::TempDir()) / "pixmill-no-elf";
  EXPECT_TRUE(needed_libraries(file).empty());
  const std::string magic =
      "\x7f"
      "ELF";
  for (const std::string& content : {std::string(), magic, magic + "\x02" + std::string(200, '\xff')}) {
    std::ofstream(file, std::ios::binary) << content;
    EXPECT_TRUE(needed_libraries(file).empty());
  }
  fs::remove(file);
  EXPECT_TRUE(needed_libraries(testing::TempDir()).empty());
}

}  // namespace
}  // namespace pixmill::runtime
