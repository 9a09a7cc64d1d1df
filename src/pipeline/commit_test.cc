#include "pipeline/commit.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "pipeline/catalogue/claims.h"
#include "pipeline/fingerprint.h"
#include "pipeline/testing.h"

namespace pixmill::pipeline {
namespace {

namespace fs = std::filesystem;
using testing::file_text;
using testing::TemporaryFolder;
using testing::write_file;

std::vector<std::byte> bytes(const std::string& text) {
  const auto all = std::as_bytes(std::span(text));
  return {all.begin(), all.end()};
}

ino_t inode_of(const fs::path& file) {
  struct stat status {};
  EXPECT_EQ(::stat(file.c_str(), &status), 0) << file;
  return status.st_ino;
}

class CommitTest : public ::testing::Test {
 protected:
  ItemPtr item(const std::string& name, const std::string& content = "content") {
    auto made = std::make_shared<Item>();
    made->input = made->identity = write_file(folder_ / "in" / name, "photo");
    made->outputs = {folder_ / "out" / name};
    made->replace = {false};
    made->key = {content, "model", "settings", "job"};
    return made;
  }
  static Made made(const std::string& text) {
    Made made;
    made.files.push_back({bytes(text), {}});
    return made;
  }
  // Until all have ended.
  void commit(const ItemPtr& one, Made what) {
    Writer writer(folder_ / "state");
    Committer committer({writer, catalogue_, disk_full_, [&](Item& ended) { ended_.push_back(ended.input); }});
    committer.commit(one, std::move(what));
    committer.drain();
  }
  Standing standing(const ItemPtr& one) {
    return claim_of(catalogue_, one->outputs[0], {one->identity, one->stamp, one->key}).standing;
  }
  std::vector<std::string> names_in_out() {
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(folder_ / "out")) names.push_back(entry.path().filename());
    std::sort(names.begin(), names.end());
    return names;
  }

  TemporaryFolder folder_;
  Catalogue catalogue_{folder_ / "state/catalogue.db"};
  std::atomic<bool> disk_full_ = false;
  std::vector<fs::path> ended_;
};

TEST_F(CommitTest, AnItemEndsWhenItsFileAndItsRowAreThere) {
  const ItemPtr one = item("a.png");
  commit(one, made("result"));
  EXPECT_FALSE(one->failure);
  EXPECT_EQ(ended_, std::vector<fs::path>{one->input});
  EXPECT_EQ(file_text(one->outputs[0]), "result");
  EXPECT_EQ(standing(one), Standing::done);
  EXPECT_FALSE(catalogue_.output(one->outputs[0])->open);
  EXPECT_EQ(names_in_out(), std::vector<std::string>{"a.png"});
}

TEST_F(CommitTest, AnItemMayHaveRecordsAndNoFile) {
  const ItemPtr one = item("a.png");
  one->outputs.clear();
  Made found;
  found.records.push_back({"boxes/1", bytes("abc")});
  commit(one, std::move(found));
  EXPECT_FALSE(one->failure);
  EXPECT_TRUE(catalogue_.has_result(one->identity, one->key));
}

TEST_F(CommitTest, AFileThatSomebodyElseWroteIsNamedToo) {
  const ItemPtr one = item("a.png");
  Writer writer(folder_ / "state");
  const fs::path staged = writer.name_beside(one->outputs[0]);
  write_file(staged, "written row by row");
  Made rows;
  rows.files.push_back({{}, staged});
  commit(one, std::move(rows));
  EXPECT_EQ(file_text(one->outputs[0]), "written row by row");
  EXPECT_EQ(standing(one), Standing::done);
  EXPECT_EQ(names_in_out(), std::vector<std::string>{"a.png"});
}

TEST_F(CommitTest, WhatALostCatalogueMadeIsTakenOverWhereItIsTheSame) {
  const ItemPtr one = item("a.png");
  write_file(one->outputs[0], "result");
  const ino_t before = inode_of(one->outputs[0]);
  one->compare = {true};
  commit(one, made("result"));
  EXPECT_FALSE(one->failure);
  EXPECT_EQ(inode_of(one->outputs[0]), before) << "it was written again";
  EXPECT_EQ(standing(one), Standing::done);
}

TEST_F(CommitTest, AndLeftAloneWhereItIsNot) {
  const ItemPtr one = item("a.png");
  write_file(one->outputs[0], "theirs");
  one->compare = {true};
  commit(one, made("result"));
  ASSERT_TRUE(one->failure);
  EXPECT_EQ(one->failure->code, ErrorCode::collision);
  EXPECT_EQ(file_text(one->outputs[0]), "theirs");
  EXPECT_EQ(names_in_out(), std::vector<std::string>{"a.png"});
  EXPECT_FALSE(catalogue_.output(one->outputs[0]));
}

TEST_F(CommitTest, AFileThatAppearsMeanwhileIsNotReplaced) {
  const ItemPtr one = item("a.png");
  write_file(one->outputs[0], "theirs");
  commit(one, made("result"));
  ASSERT_TRUE(one->failure);
  EXPECT_EQ(one->failure->code, ErrorCode::collision);
  EXPECT_EQ(file_text(one->outputs[0]), "theirs");
  EXPECT_EQ(names_in_out(), std::vector<std::string>{"a.png"});
}

TEST_F(CommitTest, WhatAnotherProcessMadeMeanwhileOfTheSameIsTheResult) {
  const ItemPtr first = item("a.png");
  commit(first, made("result"));
  const ItemPtr second = item("a.png");
  commit(second, made("other bytes of the same kind"));
  EXPECT_FALSE(second->failure);
  EXPECT_EQ(file_text(second->outputs[0]), "result");
  EXPECT_EQ(names_in_out(), std::vector<std::string>{"a.png"});
}

TEST_F(CommitTest, AnotherInputThatCameMeanwhileIsNamed) {
  const ItemPtr first = item("a.png");
  commit(first, made("result"));
  const ItemPtr second = item("b.png", "another content");
  second->outputs = first->outputs;
  second->replace = {true};  // it saw an old file of its own there
  second->owners = {second->identity};
  commit(second, made("other"));
  ASSERT_TRUE(second->failure);
  EXPECT_EQ(second->failure->code, ErrorCode::collision);
  EXPECT_SAYS(second->failure->message, first->identity.string());
  EXPECT_EQ(file_text(first->outputs[0]), "result");
}

TEST_F(CommitTest, AFolderThatCannotBeMadeFailsTheItemAlone) {
  const ItemPtr bad = item("a.png");
  write_file(folder_ / "file", "x");
  bad->outputs = {folder_ / "file/a.png"};
  commit(bad, made("result"));
  ASSERT_TRUE(bad->failure);
  EXPECT_EQ(bad->failure->code, ErrorCode::unwritable);
  EXPECT_EQ(ended_.size(), 1U);
}

}  // namespace
}  // namespace pixmill::pipeline
