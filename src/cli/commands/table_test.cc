// The table of commands and flags as a whole.
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "cli/commands/commands.h"

namespace pixmill::cli {
namespace {

// One row of the table is the whole declaration: every row must be complete and its default must fit its own check.
TEST(FlagTable, EveryRowIsSound) {
  for (const Command& command : commands()) {
    std::set<std::string_view> names;
    std::set<char> letters;
    EXPECT_FALSE(command.summary.empty()) << command.name;
    EXPECT_FALSE(command.example.empty()) << command.name;
    for (const Flag* flag : command.flags) {
      EXPECT_TRUE(names.insert(flag->name).second) << flag->name;
      if (flag->letter != 0) EXPECT_TRUE(letters.insert(flag->letter).second) << flag->name;
      EXPECT_FALSE(flag->help.empty()) << flag->name;
      EXPECT_FALSE(flag->group.empty()) << flag->name;
      EXPECT_EQ(flag->value.empty(), flag->kind == Kind::toggle) << flag->name;
      if (flag->kind != Kind::bytes) {
        EXPECT_EQ(flag->choices.empty(), flag->kind != Kind::choice) << flag->name;
      }
      if (!flag->fallback.empty()) EXPECT_EQ(refuse_value(*flag, flag->fallback), "") << flag->name;
      if (flag->kind != Kind::text && flag->kind != Kind::path) {
        EXPECT_NE(refuse_value(*flag, "certainly no value"), "") << flag->name;
      }
    }
  }
}

TEST(Values, LaterOriginsWinAndBadOnesAreNamed) {
  const Command& command = *find_command("cutout");
  Values values(command);
  const Flag& quality =
      **std::find_if(command.flags.begin(), command.flags.end(), [](const Flag* f) { return f->name == "quality"; });
  EXPECT_EQ(values.integer("quality"), 90);
  values.set(quality, {"70"}, Origin::environment, "PIXMILL_QUALITY");
  EXPECT_EQ(values.integer("quality"), 70);
  try {
    values.set(quality, {"101"}, Origin::flag, "--quality");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::usage);
    EXPECT_NE(error.message().find("1 to 100"), std::string::npos);
  }
  EXPECT_EQ(config::environment_name("only-mask"), "PIXMILL_ONLY_MASK");
}

}  // namespace
}  // namespace pixmill::cli
