#include "pixmill/pipeline/decisions.h"

#include <gtest/gtest.h>

#include <fstream>
#include <vector>

namespace pixmill::pipeline {
namespace {

class DecisionsTest : public ::testing::Test {
 protected:
  DecisionsTest() {
    home_.state = std::filesystem::path(::testing::TempDir()) / "pixmill_decisions";
    std::filesystem::remove_all(home_.state);
    std::filesystem::create_directories(home_.state);
  }
  ~DecisionsTest() override { std::filesystem::remove_all(home_.state); }

  platform::Home home_;
};

TEST_F(DecisionsTest, HoldInLaterRunsUntilTheyAreTakenBack) {
  const std::vector<std::string> contents = {"b", "a", "c", "a"};
  EXPECT_TRUE(Decisions(home_).empty());
  EXPECT_EQ(Decisions(home_).decide(contents, true), 3U);
  EXPECT_EQ(Decisions(home_).decide(contents, true), 0U) << "nothing new";
  const Decisions later(home_);
  EXPECT_TRUE(later.are_different("a", "b") && later.are_different("b", "a") && later.are_different("c", "a"));
  EXPECT_FALSE(later.are_different("a", "a") || later.are_different("a", "d"));
  EXPECT_EQ(Decisions(home_).decide(std::vector<std::string>{"c", "b"}, false), 1U);
  EXPECT_FALSE(Decisions(home_).are_different("b", "c"));
  EXPECT_TRUE(Decisions(home_).are_different("a", "c"));
}

TEST_F(DecisionsTest, ADamagedLineCostsOnlyItself) {
  std::ofstream(decision_file(home_)) << "a b\nnonsense\n \nc \n d\nc d\n";
  const Decisions read(home_);
  EXPECT_TRUE(read.are_different("b", "a") && read.are_different("c", "d"));
}

}  // namespace
}  // namespace pixmill::pipeline
