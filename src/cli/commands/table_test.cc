// The table of commands and flags as a whole.
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "cli/commands/commands.h"
#include "pixmill/exports/export.h"
#include "pixmill/tasks/job.h"

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
      if (!flag->also.empty()) EXPECT_TRUE(names.insert(flag->also).second) << flag->also;
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

// An option of a job either changes its results, and then is part of the key that resume compares, or stands here. A
// new flag fails this test until that is decided.
TEST(FlagTable, EveryFlagOfAJobSaysWhetherItChangesTheResult) {
  std::set<std::string_view> same = {
      "output",     "name",        "overwrite",    "skip-existing",  "force",         "dry-run",  // where results go
      "format",     "precision",   "model",  // resolved ones are part of the key
      "names",      "prompts",               // their content is part of the key
      "split",      "images",      "zip",    // where labels go
      "draw",       "crops",       "sheet",  // asked of what is recorded, as the flags of formats
      "include",    "exclude",     "no-recursive", "follow",         "newer-than",    "limit",           "shard",
      "max-pixels", "files0-from", "device",       "require-device", "backend",       "provider-option", "batch",
      "jobs",       "threads",     "memory",       "cache",          "session-cache", "preset",          "report",
      "compare",    "json",        "fail-fast",    "no-progress",    "quiet",         "verbose",         "log-file",
      "checksum",   "index"};
  for (const char* asked_of_records :
       {"where", "count-mode", "count", "known", "to", "print0", "copy", "undo", "overlay"})
    same.insert(asked_of_records);
  const auto is_of_a_format = [](const Command& command, std::string_view flag) {
    const tasks::Job* job = tasks::find_job(command.name);
    const auto rows = exports::exports();
    return !job->record_kind.empty() && std::any_of(rows.begin(), rows.end(), [&](const exports::ExportRow& row) {
      const auto& flags = row.flags();
      return std::any_of(flags.begin(), flags.end(), [&](const Flag& one) { return one.name == flag; });
    });
  };
  // Groups are made of what is recorded.
  const std::set<std::string_view> of_groups = {"threshold", "no-mirrored", "turned",        "keep",      "extra",
                                                "html",      "different",   "not-different", "similarity"};
  int changing = 0;
  for (const Command& command : commands()) {
    if (!command.is_job) continue;
    for (const Flag* flag : command.flags) {
      const bool asked_later = same.contains(flag->name) || is_of_a_format(command, flag->name) ||
                               (tasks::find_job(command.name)->groups_pictures && of_groups.contains(flag->name));
      EXPECT_NE(flag->changes_result, asked_later) << command.name << " --" << flag->name;
      changing += flag->changes_result ? 1 : 0;
    }
  }
  EXPECT_GT(changing, 10);
}

TEST(ResultKey, HasEveryOptionThatChangesTheResultAndNoOther) {
  const Command& job = default_job_command();
  const std::string plain = config::result_key(Values(job));
  for (const Flag* flag : job.flags) {
    if (flag->kind != Kind::toggle) continue;
    Values values(job);
    values.set(*flag, {"true"}, Origin::flag, "");
    EXPECT_EQ(config::result_key(values) != plain, flag->changes_result) << flag->name;
  }
}

}  // namespace
}  // namespace pixmill::cli
