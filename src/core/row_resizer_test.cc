#include "pixmill/core/row_resizer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "core/simd_testing.h"
#include "pixmill/core/resize.h"

namespace pixmill {
namespace {

TEST(RowResizer, MakesWhatResizeMakesOfTheWhole) {
  std::mt19937 random(3);
  const auto any = [&](int low, int high) { return std::uniform_int_distribution<int>(low, high)(random); };
  for (int round = 0; round < 60; ++round) {
    const Size from = {any(1, 60), any(1, 60)};
    const Size to = {round % 5 == 0 ? from.width : any(1, 150), round % 7 == 0 ? from.height : any(1, 150)};
    const int channels = round % 2 == 0 ? 1 : 3;
    const Filter filter = round % 3 == 0 ? Filter::bicubic : Filter::lanczos3;
    SCOPED_TRACE("round " + std::to_string(round));
    const Image picture = testing::synthetic(from, channels, PixelType::f32);
    const Image expected = resize(picture, to, filter);

    RowResizer resizer(from, to, channels, filter);
    int made = 0;
    while (made < to.height) {
      while (resizer.ready() == 0) {
        ASSERT_LT(resizer.written(), from.height);
        const int rows = std::min(any(1, 9), from.height - resizer.written());
        resizer.write(picture.view().crop({0, resizer.written(), from.width, rows}));
      }
      const Image rows = resizer.take(any(1, 20));
      ASSERT_EQ(rows.width(), to.width);
      for (int y = 0; y < rows.height(); ++y, ++made) {
        for (int x = 0; x < to.width * channels; ++x)
          ASSERT_NEAR(rows.row<float>(y)[x], expected.row<float>(made)[x], 1e-5F) << made << ", " << x;
      }
    }
    EXPECT_EQ(resizer.ready(), 0);
  }
}

}  // namespace
}  // namespace pixmill
