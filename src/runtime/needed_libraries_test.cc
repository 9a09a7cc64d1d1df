#include "runtime/needed_libraries.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

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

TEST(NeededLibraries, OfDamagedFilesAreThoseThatCanBeRead) {
  std::ifstream seed(fs::path(PIXMILL_SOURCE_DIR) / "fuzz/seeds/elf/two.so", std::ios::binary);
  const std::string whole{std::istreambuf_iterator<char>(seed), {}};
  const auto needed = [](const std::string& bytes) {
    std::istringstream file(bytes);
    return needed_libraries(file);
  };
  EXPECT_EQ(needed(whole), (std::vector<std::string>{"libcudart.so.13", "libc.so.6"}));
  EXPECT_EQ(needed(whole.substr(0, whole.size() - 5)).size(), 1U);
  const std::string endless = whole.substr(0, whole.size() - 1) + std::string(1 << 20, 'x');
  EXPECT_EQ(needed(endless), std::vector<std::string>{"libcudart.so.13"}) << "a megabyte is no name";
}

}  // namespace
}  // namespace pixmill::runtime
