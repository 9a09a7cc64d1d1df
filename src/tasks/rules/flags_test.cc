// The short flags make the rules that a text would.
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "pixmill/core/error.h"
#include "support/testing.h"
#include "tasks/rules/rule_fixture.h"

namespace pixmill::tasks {
namespace {

using Given = std::vector<std::pair<const char*, const char*>>;

const config::Command& command() {
  static const std::vector<config::Flag> flags = [] {
    std::vector<config::Flag> all = selection_flags();
    all.insert(all.end(), rule_flags().begin(), rule_flags().end());
    return all;
  }();
  static const config::Command made{
      .name = "filter", .arguments = "", .summary = "", .example = "", .flags = config::pointers(flags)};
  return made;
}

config::Values values_of(const Given& given, config::Origin origin = config::Origin::flag) {
  config::Values values(command());
  for (const auto& [name, text] : given)
    values.set(*config::find_flag(command(), name), {text}, origin, std::string("--") + name);
  return values;
}

bool meets(const Given& given, int persons, int dogs) {
  return holds(read_rule(values_of(given)), with({{"person", persons}, {"dog", dogs}}));
}

TEST(RuleFlags, CountThings) {
  EXPECT_TRUE(meets({}, 1, 0) && !meets({}, 0, 0)) << "any thing";
  const Given persons = {{"classes", "person"}};
  EXPECT_TRUE(meets(persons, 1, 0));
  EXPECT_FALSE(meets(persons, 0, 3)) << "of the classes";
  const auto counted = [&](const char* mode, int count) {
    return meets({{"classes", "person"}, {"count-mode", mode}, {"count", "2"}}, count, 5);
  };
  EXPECT_TRUE(!counted("at-least", 1) && counted("at-least", 2) && counted("at-least", 3));
  EXPECT_TRUE(!counted("exactly", 1) && counted("exactly", 2) && !counted("exactly", 3));
  EXPECT_TRUE(counted("at-most", 0) && counted("at-most", 2) && !counted("at-most", 3)) << "none is at most 2";
  EXPECT_TRUE(meets({{"count-mode", "any"}}, 0, 1));
  const Given three = {{"classes", "person,dog"}, {"count", "3"}};
  EXPECT_TRUE(meets(three, 2, 1) && meets(three, 0, 4) && !meets(three, 1, 1)) << "together, at least";
}

TEST(RuleFlags, AreTheSameAsAText) {
  const Given text = {{"where", "any <= 2 and not dog"}, {"classes", "person"}};
  EXPECT_TRUE(meets(text, 2, 0) && !meets(text, 2, 1) && !meets(text, 3, 0));
  EXPECT_FALSE(read_rule(values_of({{"classes", "person"}})).needs_all());
  EXPECT_TRUE(read_rule(values_of({})).needs_all());
  EXPECT_EQ(read_rule(values_of({{"confidence", "0.6"}})).least_confidence(), 0.6F);
}

TEST(RuleFlags, OneRuleAtATime) {
  const auto refused = [&](const Given& given) {
    return testing::error_of(ErrorCode::usage, [&] { read_rule(values_of(given)); }).message();
  };
  EXPECT_SAYS(refused({{"where", "dog"}, {"count-mode", "any"}}), "--where and --count-mode are two rules");
  EXPECT_SAYS(refused({{"where", "dog"}, {"count", "2"}}), "--where and --count are two rules");
  EXPECT_SAYS(refused({{"count-mode", "at-most"}}), "--count-mode at-most needs a number");
  EXPECT_SAYS(refused({{"count-mode", "any"}, {"count", "2"}}), "counts nothing");
  for (const char* count : {"0", "101", "1.5"})
    testing::error_of(ErrorCode::usage, [&] { values_of({{"count", count}}); });
}

TEST(RuleFlags, AFlagGoesBeforeASetting) {
  config::Values values = values_of({{"where", "dog"}}, config::Origin::file);
  values.set(*config::find_flag(command(), "count"), {"2"}, config::Origin::flag, "--count");
  EXPECT_FALSE(holds(read_rule(values), with({{"dog", 1}}))) << "two things";
  config::Values other = values_of({{"count-mode", "at-most"}, {"count", "2"}}, config::Origin::file);
  other.set(*config::find_flag(command(), "where"), {"dog"}, config::Origin::flag, "--where");
  EXPECT_FALSE(holds(read_rule(other), with({}))) << "a dog";
}

}  // namespace
}  // namespace pixmill::tasks
