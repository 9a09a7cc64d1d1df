#include "pixmill/vectors/npy.h"

#include <gtest/gtest.h>

namespace pixmill::vectors {
namespace {

TEST(NpyTest, AHeadReadsBack) {
  for (const NpyShape& shape : {NpyShape{0, 1, false}, {1'000'000'000'000, 65'536, true}, {3, 512, false}}) {
    const std::string head = npy_head(shape);
    EXPECT_EQ(head.size(), kNpyHead);
    EXPECT_EQ(head.back(), '\n');
    EXPECT_EQ(read_npy_head(head), shape);
    EXPECT_EQ(read_npy_head(head + "rows"), shape);
  }
}

TEST(NpyTest, OtherBytesAreNoHead) {
  std::string head = npy_head({3, 4, false});
  EXPECT_EQ(read_npy_head(""), std::nullopt);
  EXPECT_EQ(read_npy_head(std::string(200, ' ')), std::nullopt);
  EXPECT_EQ(read_npy_head(head.substr(0, 127)), std::nullopt);
  for (std::size_t i = 0; i < head.size(); ++i) {
    std::string changed = head;
    changed[i] = '!';
    EXPECT_EQ(read_npy_head(changed), std::nullopt) << i;
  }
}

}  // namespace
}  // namespace pixmill::vectors
