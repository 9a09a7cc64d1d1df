// Plans are taken back, and what changed meanwhile is left.
#include "pixmill/pipeline/undo.h"

#include <chrono>
#include <span>

#include "pipeline/fingerprint.h"
#include "pipeline/transfer/fixture.h"
#include "pipeline/transfer/journal.h"

namespace pixmill::pipeline {
namespace {

using pixmill::testing::error_of;
using testing::file_text;
using testing::tree;
using testing::write_file;
namespace fs = std::filesystem;

class Undos : public testing::TransferTest {};

constexpr TransferAction kAll[] = {TransferAction::copy, TransferAction::move, TransferAction::link,
                                   TransferAction::symlink};

TEST_F(Undos, EverythingIsAsBefore) {
  for (const TransferAction action : kAll) {
    SCOPED_TRACE(name_of(action));
    run(spec(action));
    const Undone done = take_back();
    EXPECT_EQ(done.taken_back, 3);
    EXPECT_TRUE(done.left.empty());
    EXPECT_EQ(done.plan.state, PlanState::undone);
    EXPECT_EQ(tree(in_), before_);
    EXPECT_FALSE(fs::exists(out_));
  }
}

TEST_F(Undos, TwiceSaysSo) {
  run(spec(TransferAction::move));
  take_back();
  const Undone again = take_back();
  EXPECT_TRUE(again.was_undone);
  EXPECT_EQ(again.taken_back, 0);
  EXPECT_EQ(tree(in_), before_);
}

TEST_F(Undos, ADryRunTouchesNothing) {
  run(spec(TransferAction::move));
  const auto moved = tree(out_);
  EXPECT_EQ(take_back({}, true).taken_back, 3);
  EXPECT_EQ(tree(out_), moved);
  EXPECT_EQ(list_plans(home())[0].state, PlanState::done);
  EXPECT_EQ(take_back().taken_back, 3);
}

TEST_F(Undos, FoldersThatWereThereOrAreInUseStay) {
  write_file(out_ / "mine.txt", "mine");
  run(spec(TransferAction::move));
  write_file(out_ / "deep/note.txt", "a note");
  take_back();
  EXPECT_EQ(tree(in_), before_);
  EXPECT_EQ(tree(out_),
            (std::map<std::string, std::string>{{"mine.txt", "mine"}, {"deep", "/"}, {"deep/note.txt", "a note"}}));
}

TEST_F(Undos, FoldersOfTheOriginalsAreMadeAgain) {
  run(spec(TransferAction::move));
  fs::remove_all(in_ / "deep");
  EXPECT_EQ(take_back().taken_back, 3);
  EXPECT_EQ(tree(in_), before_);
}

TEST_F(Undos, ChangedFilesAreLeftAndNamed) {
  for (const TransferAction action : {TransferAction::copy, TransferAction::move}) {
    SCOPED_TRACE(name_of(action));
    run(spec(action));
    write_file(out_ / "deep/c.jpg", "edited meanwhile");
    const Undone done = take_back();
    EXPECT_EQ(done.taken_back, 2);
    ASSERT_EQ(done.left.size(), 1U);
    EXPECT_SAYS(done.left[0].message, (out_ / "deep/c.jpg").string());
    EXPECT_EQ(done.plan.state, PlanState::partly_undone);
    EXPECT_EQ(file_text(out_ / "deep/c.jpg"), "edited meanwhile");
    write_file(in_ / "deep/c.jpg", text_of("deep/c.jpg"));
    fs::remove_all(out_);
  }
}

// A file that was only touched is known by its content, where the catalogue knows that of the original.
TEST_F(Undos, ATouchedFileIsStillTheSame) {
  {
    Catalogue catalogue(catalogue_file(home()));
    for (const char* name : {"a.jpg", "deep/c.jpg"}) {
      FileStamp stamp = *FileLayer::of_the_system().stamp(in_ / name);
      const std::string text = text_of(name);
      catalogue.saw_input(in_ / name, stamp, hash_of(std::as_bytes(std::span(text))));
    }
  }
  run(spec(TransferAction::move));
  fs::last_write_time(out_ / "a.jpg", fs::file_time_type::clock::now());
  fs::last_write_time(out_ / "deep/er/d.jpg", fs::file_time_type::clock::now() + std::chrono::hours(1));
  const Undone done = take_back();
  EXPECT_EQ(done.taken_back, 2);
  ASSERT_EQ(done.left.size(), 1U);
  EXPECT_SAYS(done.left[0].message, "d.jpg");  // its content is not known
}

TEST_F(Undos, AnOldPlaceThatIsTakenIsNotOverwritten) {
  run(spec(TransferAction::move));
  write_file(in_ / "a.jpg", "a new file of that name");
  const Undone done = take_back();
  ASSERT_EQ(done.left.size(), 1U);
  EXPECT_EQ(done.left[0].code, ErrorCode::collision);
  EXPECT_EQ(file_text(in_ / "a.jpg"), "a new file of that name");
  EXPECT_EQ(file_text(out_ / "a.jpg"), text_of("a.jpg"));
  fs::remove(in_ / "a.jpg");
  const Undone again = take_back();  // once the place is free
  EXPECT_EQ(again.taken_back, 1);
  EXPECT_EQ(again.plan.state, PlanState::undone);
  EXPECT_EQ(tree(in_), before_);
}

TEST_F(Undos, TheLastCopyIsNotRemoved) {
  for (const TransferAction action : {TransferAction::copy, TransferAction::link}) {
    SCOPED_TRACE(name_of(action));
    run(spec(action));
    fs::remove(in_ / "a.jpg");
    const Undone done = take_back();
    EXPECT_EQ(done.taken_back, 2);
    ASSERT_EQ(done.left.size(), 1U);
    EXPECT_SAYS(done.left[0].message, "original");
    EXPECT_EQ(file_text(out_ / "a.jpg"), text_of("a.jpg"));
    fs::rename(out_ / "a.jpg", in_ / "a.jpg");
    fs::remove_all(out_);
  }
}

TEST_F(Undos, FilesThatAreGoneAreNamed) {
  run(spec(TransferAction::move));
  fs::remove(out_ / "a.jpg");
  const Undone done = take_back();
  EXPECT_EQ(done.taken_back, 2);
  ASSERT_EQ(done.left.size(), 1U);
  EXPECT_EQ(done.left[0].code, ErrorCode::not_found);
}

TEST_F(Undos, ARemovedCopyIsNoTrouble) {
  run(spec(TransferAction::copy));
  fs::remove(out_ / "a.jpg");
  const Undone done = take_back();
  EXPECT_EQ(done.taken_back, 2);
  EXPECT_EQ(done.nothing, 1);
  EXPECT_EQ(done.plan.state, PlanState::undone);
}

TEST_F(Undos, AFileThatWasThereBeforeStays) {
  run(spec(TransferAction::copy, {"a.jpg"}));
  run(spec(TransferAction::copy));  // finds a.jpg there
  EXPECT_EQ(take_back().taken_back, 2);
  EXPECT_EQ(file_text(out_ / "a.jpg"), text_of("a.jpg"));
}

// A file that came into the way of a plan is not the plan's, though it be equal.
TEST_F(Undos, WhatFailedIsNotTakenForDone) {
  class Late : public FileLayer {
   public:
    void rename(const fs::path& from, const fs::path& to, bool replace) override {
      if (to.filename() == "a.jpg") fs::copy_file(from, to);
      FileLayer::rename(from, to, replace);
    }
  } late;
  const Transferred done = run(spec(TransferAction::move), late);
  ASSERT_EQ(done.failed.size(), 1U);
  EXPECT_EQ(done.failed[0].code, ErrorCode::collision);
  EXPECT_EQ(take_back().taken_back, 2);
  EXPECT_EQ(tree(in_), before_);
  EXPECT_EQ(tree(out_), (std::map<std::string, std::string>{{"a.jpg", text_of("a.jpg")}}));
}

TEST_F(Undos, PlansAreNamed) {
  const std::string first = run(spec(TransferAction::copy, {"a.jpg"})).plan;
  const std::string second = run(spec(TransferAction::copy, {"b.jpg"})).plan;
  ASSERT_NE(first, second);
  EXPECT_EQ(list_plans(home())[0].id, second);
  take_back(first);
  EXPECT_FALSE(fs::exists(out_ / "a.jpg"));
  EXPECT_TRUE(fs::exists(out_ / "b.jpg"));
  error_of(ErrorCode::not_found, [&] { take_back("19990101-000000-aaaa"); });
  error_of(ErrorCode::usage, [&] { take_back("20"); });
  EXPECT_EQ(take_back(second.substr(0, second.size() - 1)).taken_back, 1);
}

TEST_F(Undos, WithoutAPlan) {
  EXPECT_TRUE(list_plans(home()).empty());
  EXPECT_FALSE(fs::exists(home().state));
  error_of(ErrorCode::not_found, [&] { take_back(); });
  EXPECT_TRUE(list_plans(home()).empty());
}

TEST_F(Undos, APlanThatRunsIsLeftAlone) {
  run(spec(TransferAction::move));
  Journal journal(home());
  const auto lock = PlanLock::take(home(), journal.plans()[0].number);
  ASSERT_TRUE(lock);
  error_of(ErrorCode::collision, [&] { take_back(); });
}

TEST_F(Undos, PlansOfAnOlderPixmill) {
  run(spec(TransferAction::move));
  {
    Database database;
    database.open((home().state / "plans.db").native(), SQLITE_OPEN_READWRITE, 1000);
    database.run("ALTER TABLE plans DROP COLUMN place; PRAGMA user_version = 1");
  }
  EXPECT_EQ(list_plans(home())[0].files, 3);
  EXPECT_EQ(take_back().taken_back, 3);
  EXPECT_EQ(run(spec(TransferAction::move)).count.done, 3);
}

TEST_F(Undos, OldPlansGoWhereThereAreTooMany) {
  Plan plan;
  plan.target = out_;
  Journal few(home(), {.plans = 3, .files = 100});
  for (int i = 0; i < 5; ++i) few.add(plan, std::vector<PlanRow>(1), {out_});
  EXPECT_EQ(few.plans().size(), 3U);
  Journal small(home(), {.plans = 100, .files = 10});
  for (int i = 0; i < 3; ++i) small.add(plan, std::vector<PlanRow>(8), {out_});
  const auto left = small.plans();  // the last one, and what fits beside it
  ASSERT_EQ(left.size(), 2U);
  EXPECT_EQ(small.rows_after(left[0], 0, 100).size(), 8U);
  EXPECT_EQ(small.folders(left[1]).size(), 1U);
}

}  // namespace
}  // namespace pixmill::pipeline
