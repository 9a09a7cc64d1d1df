#include "pixmill/vectors/vector_file.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>
#include <vector>

#include "pixmill/core/error.h"
#include "pixmill/core/half_rows.h"
#include "pixmill/platform/files.h"
#include "pixmill/vectors/npy.h"

namespace pixmill::vectors {
namespace {

class VectorFileTest : public ::testing::Test {
 protected:
  platform::TemporaryFolder folder_{"vector_file_test"};
  const std::filesystem::path path_ = folder_ / "vectors.npy";

  static std::vector<float> numbers(std::size_t count) {
    std::vector<float> values(count);
    std::iota(values.begin(), values.end(), 1.0F);
    return values;
  }

  static std::vector<float> wide(const VectorView& view) {
    std::vector<float> values(view.rows().values.size());
    widen(view.rows().values, values);
    return values;
  }

  ErrorCode error_of(const std::function<void()>& act) {
    try {
      act();
    } catch (const Error& error) {
      EXPECT_NE(error.message().find(path_.string()), std::string::npos) << error.message();
      return error.code();
    }
    ADD_FAILURE() << "nothing was thrown";
    return ErrorCode::internal;
  }
};

TEST_F(VectorFileTest, RowsComeBackAndSayHowManyTheyAre) {
  VectorFile file = VectorFile::make(path_, 3);
  file.write(0, numbers(6));
  file.write(2, numbers(3));
  file.commit(3);
  const VectorView view(path_, 3, 3);
  EXPECT_EQ(wide(view), (std::vector<float>{1, 2, 3, 4, 5, 6, 1, 2, 3}));
  EXPECT_EQ(read_npy_head(platform::read_text(path_, 1000)), (NpyShape{3, 3, true}));
}

TEST_F(VectorFileTest, AnErasedRowIsNoNumbersAndTheOthersStay) {
  VectorFile::make(path_, 2).write(0, numbers(6));
  VectorFile::open(path_).erase(1);
  const VectorView view(path_, 3, 2);
  const std::vector<float> values = wide(view);
  EXPECT_TRUE(std::isnan(values[2]) && std::isnan(values[3]));
  EXPECT_EQ(values[1], 2);
  EXPECT_EQ(values[4], 5);
}

TEST_F(VectorFileTest, AViewOutlivesItsFile) {
  VectorFile::make(path_, 2).write(0, numbers(6));
  VectorView view(path_, 3, 2);
  std::filesystem::remove(path_);
  const VectorView moved = std::move(view);
  EXPECT_EQ(wide(moved)[5], 6);
}

TEST_F(VectorFileTest, WhatIsNoSuchFileIsRefusedByName) {
  EXPECT_EQ(error_of([&] { VectorFile::open(path_); }), ErrorCode::not_found);
  platform::write_whole(path_, "no vectors");
  EXPECT_EQ(error_of([&] { VectorFile::open(path_); }), ErrorCode::corrupt);
  EXPECT_EQ(error_of([&] { VectorView(path_, 0, 2); }), ErrorCode::corrupt);
  VectorFile::make(path_, 2).write(0, numbers(6));
  EXPECT_EQ(error_of([&] { VectorView(path_, 3, 3); }), ErrorCode::corrupt);
  std::filesystem::resize_file(path_, kNpyHead + 6 * sizeof(std::uint16_t) - 1);
  EXPECT_EQ(error_of([&] { VectorView(path_, 3, 2); }), ErrorCode::corrupt);
}

}  // namespace
}  // namespace pixmill::vectors
