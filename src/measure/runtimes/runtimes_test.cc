#include "pixmill/measure/runtimes.h"

#include <gtest/gtest.h>

#include <array>
#include <fstream>

#include "measure/runtimes/fetch.h"
#include "pixmill/core/error.h"
#include "pixmill/platform/child.h"
#include "pixmill/platform/digest.h"

namespace pixmill::measure {
namespace {

namespace fs = std::filesystem;

constexpr std::array<std::string_view, 2> kFiles = {"some/lib/libthing.so.1", "some-1.0.dist-info/LICENSE"};

// A wheel of its own in a folder that pip is sent to.
class Fetch : public testing::Test {
 protected:
  void SetUp() override {
    fs::remove_all(folder_);
    fs::create_directories(folder_ / "index");
    if (platform::run_child({"python3", "-m", "pip", "--version"}).exit_code != 0) GTEST_SKIP() << "no pip";
    setenv("PIP_NO_INDEX", "1", 1);
    setenv("PIP_FIND_LINKS", (folder_ / "index").c_str(), 1);
    const platform::ChildResult made = platform::run_child({"python3", "-c", R"(
import sys, zipfile
with zipfile.ZipFile(sys.argv[1], "w") as wheel:
    wheel.writestr("some/lib/libthing.so.1", "library")
    wheel.writestr("some/lib/other.py", "python")
    wheel.writestr("some-1.0.dist-info/LICENSE", "licence")
    wheel.writestr("some-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: some\nVersion: 1.0\n")
    wheel.writestr("some-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nTag: py3-none-manylinux_2_17_x86_64\n")
)",
                                                            file_});
    ASSERT_TRUE(made.good()) << made.errors;
    hash_ = platform::hash_file(file_).sha256;
    wheel_ = {.project = "some",
              .version = "1.0",
              .abi = "none",
              .platform = "manylinux_2_17_x86_64",
              .sha256 = hash_,
              .bytes = static_cast<std::int64_t>(fs::file_size(file_)),
              .unpacked = 14,
              .files = kFiles};
  }
  void TearDown() override {
    unsetenv("PIP_NO_INDEX");
    unsetenv("PIP_FIND_LINKS");
    fs::remove_all(folder_);
  }

  const fs::path folder_ = fs::path(testing::TempDir()) / "pixmill-fetch";
  const fs::path file_ = folder_ / "index" / "some-1.0-py3-none-manylinux_2_17_x86_64.whl";
  const std::atomic<bool> stop_ = false;
  std::string hash_;
  Wheel wheel_;
};

TEST_F(Fetch, BringsTheLibrariesAlone) {
  fetch_wheel(
      wheel_, folder_, [](auto, auto) {}, stop_);
  EXPECT_TRUE(fs::exists(wheel_file(wheel_, folder_)));
  EXPECT_FALSE(fs::exists(folder_ / "part"));
  unpack_wheel(wheel_, folder_, folder_ / "out", stop_);
  std::string text;
  std::ifstream(folder_ / "out" / "libthing.so.1") >> text;
  EXPECT_EQ(text, "library");
  EXPECT_TRUE(fs::exists(folder_ / "out" / "some-LICENSE"));
  EXPECT_EQ(std::distance(fs::directory_iterator(folder_ / "out"), fs::directory_iterator()), 2);
}

TEST_F(Fetch, WhatIsHereIsNotFetchedAgain) {
  fetch_wheel(
      wheel_, folder_, [](auto, auto) {}, stop_);
  fs::remove(file_);
  EXPECT_NO_THROW(fetch_wheel(
      wheel_, folder_, [](auto, auto) {}, stop_));
  std::ofstream(wheel_file(wheel_, folder_), std::ios::app) << "damage";
  EXPECT_THROW(fetch_wheel(
                   wheel_, folder_, [](auto, auto) {}, stop_),
               Error);
}

TEST_F(Fetch, AnotherHashIsRefused) {
  const std::string other(64, '0');
  wheel_.sha256 = other;
  try {
    fetch_wheel(
        wheel_, folder_, [](auto, auto) {}, stop_);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::corrupt) << error.message();
  }
  EXPECT_FALSE(fs::exists(wheel_file(wheel_, folder_)));
  EXPECT_FALSE(fs::exists(folder_ / "part"));
}

TEST(RuntimePackages, ArePinned) {
  for (const RuntimePackage& package : runtime_packages()) {
    std::vector<Wheel> wheels(package.libraries.begin(), package.libraries.end());
    wheels.push_back(package.runtime);
    for (const Wheel& wheel : wheels) {
      EXPECT_EQ(wheel.sha256.size(), 64U) << wheel.project;
      EXPECT_GT(wheel.bytes, 0) << wheel.project;
      EXPECT_FALSE(wheel.files.empty()) << wheel.project;
    }
  }
}

}  // namespace
}  // namespace pixmill::measure
