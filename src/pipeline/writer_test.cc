#include "pipeline/writer.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "pipeline/testing.h"
#include "pixmill/core/error.h"

namespace pixmill::pipeline {
namespace {

namespace fs = std::filesystem;
using testing::file_text;
using testing::TemporaryFolder;
using testing::write_file;

std::span<const std::byte> bytes(const std::string& text) {
  return std::as_bytes(std::span(text));
}

std::vector<std::string> names_in(const fs::path& folder) {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(folder)) names.push_back(entry.path().filename());
  std::sort(names.begin(), names.end());
  return names;
}

TEST(Writer, FilesAppearWhole) {
  const TemporaryFolder folder;
  Writer writer(folder / "state");
  const fs::path output = folder / "out/deep/a.png";
  const fs::path staged = writer.stage(output, bytes("picture")).file;
  EXPECT_FALSE(fs::exists(output));
  EXPECT_TRUE(staged.filename().native().starts_with('.'));
  writer.commit(staged, output, false);
  EXPECT_EQ(file_text(output), "picture");
  EXPECT_EQ(names_in(output.parent_path()), std::vector<std::string>{"a.png"});
}

TEST(Writer, WhatStandsThereIsReplacedOnlyWhenAllowed) {
  const TemporaryFolder folder;
  Writer writer(folder / "state");
  write_file(folder / "out/a.png", "theirs");
  EXPECT_THROW(writer.commit(writer.stage(folder / "out/a.png", bytes("ours")).file, folder / "out/a.png", false),
               Error);
  EXPECT_EQ(file_text(folder / "out/a.png"), "theirs");
  EXPECT_EQ(names_in(folder / "out").size(), 1U);
  writer.commit(writer.stage(folder / "out/a.png", bytes("ours")).file, folder / "out/a.png", true);
  EXPECT_EQ(file_text(folder / "out/a.png"), "ours");
}

TEST(Writer, AFolderThatVanishesIsMadeAgain) {
  const TemporaryFolder folder;
  Writer writer(folder / "state");
  writer.commit(writer.stage(folder / "out/a.png", bytes("a")).file, folder / "out/a.png", false);
  fs::remove_all(folder / "out");
  writer.commit(writer.stage(folder / "out/b.png", bytes("b")).file, folder / "out/b.png", false);
  EXPECT_EQ(names_in(folder / "out"), std::vector<std::string>{"b.png"});
}

TEST(Writer, LongNamesFit) {
  const TemporaryFolder folder;
  Writer writer(folder / "state");
  const fs::path output = folder / std::string(255, 'n');
  writer.commit(writer.stage(output, bytes("a")).file, output, false);
  EXPECT_TRUE(fs::exists(output));
}

TEST(Writer, WhatAKilledRunLeftIsSweptAndWhatALivingOneHasIsNot) {
  const TemporaryFolder folder;
  const fs::path output = folder / "out/a.png";
  Writer living(folder / "state");
  const fs::path in_use = living.stage(output, bytes("living")).file;
  const pid_t child = ::fork();
  if (child == 0) {
    Writer killed(folder / "state");
    (void)killed.stage(output, bytes("killed"));
    ::kill(::getpid(), SIGKILL);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(names_in(folder / "out").size(), 2U);
  write_file(folder / "out/.pixmill-0123456789abcdef-0.tmp", "of another machine");
  Writer next(folder / "state");
  next.commit(next.stage(output, bytes("next")).file, output, false);
  EXPECT_TRUE(fs::exists(in_use));
  EXPECT_TRUE(fs::exists(folder / "out/.pixmill-0123456789abcdef-0.tmp"));
  EXPECT_EQ(names_in(folder / "out").size(), 3U);
  living.discard(in_use);
}

TEST(Writer, TroubleIsNamed) {
  const TemporaryFolder folder;
  Writer writer(folder / "state");
  write_file(folder / "file", "x");
  try {
    (void)writer.stage(folder / "file/a.png", bytes("a"));
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::unwritable);
    EXPECT_NE(error.message().find("a.png"), std::string::npos);
  }
}

}  // namespace
}  // namespace pixmill::pipeline
