#include "pipeline/path_table.h"

#include <gtest/gtest.h>

#include <string>

namespace pixmill::pipeline {
namespace {

TEST(PathTable, KnowsWhatItWasGivenAndNothingElse) {
  PathTable table;
  EXPECT_FALSE(table.contains("/a"));
  for (std::uint32_t i = 0; i < 10'000; ++i) EXPECT_FALSE(table.add("/folder/" + std::to_string(i), i));
  EXPECT_EQ(table.size(), 10'000U);
  for (std::uint32_t i = 0; i < 10'000; ++i) EXPECT_EQ(table.add("/folder/" + std::to_string(i), 7), i);
  EXPECT_EQ(table.size(), 10'000U);
  EXPECT_FALSE(table.contains("/folder/10000"));
}

}  // namespace
}  // namespace pixmill::pipeline
