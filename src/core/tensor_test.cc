#include "pixmill/core/tensor.h"

#include <gtest/gtest.h>

#include "support/testing.h"

namespace pixmill {
namespace {

TEST(Tensor, AShapeWhoseSizeOverflowsIsRefused) {
  constexpr std::int64_t kHuge = std::int64_t{1} << 33;
  for (const std::vector<std::int64_t>& shape : {std::vector<std::int64_t>{kHuge, kHuge}, {-1, 3}, {kHuge << 29}})
    testing::error_of(ErrorCode::out_of_memory, [&] { Tensor(shape, ElementType::f32); });
}

TEST(Tensor, ScalarsHaveOneElementAndEmptyOnesNone) {
  EXPECT_EQ(Tensor({}, ElementType::i64).bytes(), 8U);
  EXPECT_EQ(Tensor({0, std::int64_t{1} << 40}, ElementType::f32).bytes(), 0U);
}

}  // namespace
}  // namespace pixmill
