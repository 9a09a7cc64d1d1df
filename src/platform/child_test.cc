#include "pixmill/platform/child.h"

#include <gtest/gtest.h>

#include <csignal>
#include <filesystem>
#include <thread>

#include "pixmill/core/error.h"

namespace pixmill::platform {
namespace {

std::vector<std::string> shell(const std::string& script) {
  return {"/bin/sh", "-c", script};
}

TEST(Child, GivesOutputErrorsAndExitCode) {
  const ChildResult got = run_child(shell("echo out; echo err >&2; exit 3"));
  EXPECT_EQ(got.output, "out\n");
  EXPECT_EQ(got.errors, "err\n");
  EXPECT_EQ(got.exit_code, 3);
  EXPECT_FALSE(got.good());
  EXPECT_EQ(ending_of(got), "exit code 3");
}

TEST(Child, ArgumentsReachItAsTheyAre) {
  const std::string nasty = "a b;$(touch x)'\"*\n";
  const ChildResult got = run_child({"printf", "%s|%s", nasty, ""});
  EXPECT_TRUE(got.good());
  EXPECT_EQ(got.output, nasty + "|");
}

TEST(Child, LinesComeAsTheyAreWritten) {
  std::vector<std::string> lines;
  run_child(shell("printf 'one\\n10%%\\r20%%\\r\\n\\nlast'"),
            {.on_line = [&](auto line) { lines.emplace_back(line); }});
  EXPECT_EQ(lines, (std::vector<std::string>{"one", "10%", "20%", "last"}));
}

TEST(Child, HasNothingToRead) {
  EXPECT_EQ(run_child({"cat"}).output, "");
}

TEST(Child, MuchOutputIsReadAndItsEndKept) {
  const ChildResult got = run_child(shell("i=0; while [ $i -lt 300 ]; do printf '%016000d' $i; i=$((i+1)); done"));
  EXPECT_TRUE(got.good());
  EXPECT_GE(got.output.size(), std::size_t{1} << 20);
  EXPECT_LE(got.output.size(), std::size_t{2} << 20);
  EXPECT_TRUE(got.output.ends_with("0299"));
}

TEST(Child, EnvironmentAndFolder) {
  const ChildResult got =
      run_child(shell("echo $PIXMILL_CHILD_TEST; pwd"),
                {.environment = {{"PIXMILL_CHILD_TEST", "new"}}, .folder = std::filesystem::canonical("/usr")});
  EXPECT_EQ(got.output, "new\n/usr\n");
}

TEST(Child, ProgramThatIsNotThere) {
  try {
    run_child({"pixmill-no-such-program"});
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::not_found);
    EXPECT_NE(error.message().find("pixmill-no-such-program"), std::string::npos);
  }
}

TEST(Child, CrashIsTold) {
  const ChildResult got = run_child(shell("kill -SEGV $$"));
  EXPECT_EQ(got.signal, SIGSEGV);
  EXPECT_EQ(ending_of(got), "signal 11 (Segmentation fault)");
}

// The grandchild holds the pipes open and must be ended with the child.
TEST(Child, StopEndsItAndItsChildren) {
  std::atomic<bool> stop = false;
  std::string pid;
  const ChildResult got = run_child(shell("sleep 600 & echo $!; wait"), {.on_line =
                                                                             [&](auto line) {
                                                                               pid = line;
                                                                               stop = true;
                                                                             },
                                                                         .stop = &stop});
  EXPECT_TRUE(got.stopped);
  EXPECT_FALSE(got.good());
  const std::filesystem::path grandchild = "/proc/" + pid + "/cmdline";
  const auto alive = [&] { return std::filesystem::exists(grandchild) && run_child({"cat", grandchild}).output != ""; };
  for (int i = 0; i < 100 && alive(); ++i) std::this_thread::sleep_for(std::chrono::milliseconds(20));
  EXPECT_FALSE(alive());
}

TEST(Child, LimitEndsIt) {
  const ChildOptions options = {.limit = std::chrono::milliseconds(100)};
  const ChildResult got = run_child({"sleep", "600"}, options);
  EXPECT_TRUE(got.timed_out);
  EXPECT_FALSE(got.good());
}

TEST(Child, OneThatLeavesAChildBehindIsNotWaitedFor) {
  const ChildResult got = run_child(shell("sleep 3 & echo done"), {.limit = std::chrono::seconds(60)});
  EXPECT_TRUE(got.good());
  EXPECT_EQ(got.output, "done\n");
}

}  // namespace
}  // namespace pixmill::platform
