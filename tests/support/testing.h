// For the tests of all modules: a temporary folder for each, and errors as values.
#pragma once

#include <gtest/gtest.h>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "pixmill/core/error.h"
#include "pixmill/platform/files.h"

namespace pixmill::testing {

class TemporaryFolder : public platform::TemporaryFolder {
 public:
  TemporaryFolder() : platform::TemporaryFolder("pixmill_test") {}
};

inline std::filesystem::path write_file(const std::filesystem::path& path, const std::string& text) {
  std::filesystem::create_directories(path.parent_path());
  std::ofstream(path, std::ios::binary) << text;
  return path;
}

inline std::string file_text(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

// The Error that `action` must throw, with its code checked.
template <typename Action>
Error error_of(ErrorCode code, Action action) {
  try {
    action();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), code) << error.message();
    return error;
  }
  ADD_FAILURE() << "no error";
  return {ErrorCode::internal, ""};
}

#define EXPECT_SAYS(text, part) EXPECT_NE(std::string(text).find(part), std::string::npos) << text

}  // namespace pixmill::testing
