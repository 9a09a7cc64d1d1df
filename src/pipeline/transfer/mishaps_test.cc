// What other programs do to the files of a plan meanwhile, and what is never lost by it.
#include <cerrno>
#include <functional>
#include <stdexcept>
#include <system_error>

#include "pipeline/transfer/fixture.h"
#include "pipeline/transfer/journal.h"

namespace pixmill::pipeline {
namespace {

using pixmill::testing::error_of;
using testing::file_text;
using testing::tree;
using testing::write_file;
namespace fs = std::filesystem;

class TransferMishaps : public testing::TransferTest {
 protected:
  // A move of a.jpg and b.jpg that ends when a.jpg has its new name, and is not marked yet.
  void stop_after_a() {
    class Ending : public FileLayer {
      void rename(const fs::path& from, const fs::path& to, bool replace) override {
        if (from.filename() == "b.jpg") throw std::runtime_error("the end");
        FileLayer::rename(from, to, replace);
      }
    } ending;
    EXPECT_THROW(run(two(), ending), std::runtime_error);
    EXPECT_TRUE(fs::exists(out_ / "a.jpg"));
    EXPECT_EQ(list_plans(home())[0].state, PlanState::stopped);
  }

  TransferSpec two() const { return spec(TransferAction::move, {"a.jpg", "b.jpg"}); }
};

// `out` is another file system than `in`; something happens before a source is removed.
class OtherDisk : public FileLayer {
 public:
  using Event = std::function<void(const fs::path& file)>;
  explicit OtherDisk(Event before_unlink, Event before_sync = {})
      : before_unlink_(std::move(before_unlink)), before_sync_(std::move(before_sync)) {}

  void rename(const fs::path& from, const fs::path& to, bool replace) override {
    if (from.parent_path() != to.parent_path()) throw std::system_error(EXDEV, std::generic_category());
    FileLayer::rename(from, to, replace);
  }
  void sync_file(const fs::path& file) override {
    if (before_sync_) before_sync_(file);
    FileLayer::sync_file(file);
  }
  void unlink(const fs::path& file) override {
    if (before_unlink_) before_unlink_(file);
    FileLayer::unlink(file);
  }

 private:
  const Event before_unlink_, before_sync_;
};

TEST_F(TransferMishaps, AnOldFolderThatBecameALinkToTheNewOne) {
  run(spec(TransferAction::move));
  const auto moved = tree(out_);
  fs::remove_all(in_);
  fs::create_directory_symlink(out_, in_);
  const Undone done = take_back();
  EXPECT_EQ(done.taken_back, 0);
  EXPECT_EQ(done.left.size(), 3U);
  EXPECT_EQ(tree(out_), moved);
}

TEST_F(TransferMishaps, ANewFolderThatBecameALinkToTheOldOne) {
  for (const TransferAction action : {TransferAction::copy, TransferAction::link, TransferAction::symlink}) {
    SCOPED_TRACE(name_of(action));
    run(spec(action));
    fs::remove_all(out_);
    fs::create_directory_symlink(in_, out_);
    const Undone done = take_back();
    EXPECT_EQ(done.taken_back, 0);
    EXPECT_EQ(done.left.size(), 3U);
    EXPECT_EQ(tree(in_), before_);
    fs::remove(out_);
  }
}

TEST_F(TransferMishaps, AFolderThatBecameALinkBeforeThePlanGoesOn) {
  stop_after_a();
  fs::remove_all(in_);
  fs::create_directory_symlink(out_, in_);
  error_of(ErrorCode::collision, [&] { run(two()); });
  EXPECT_EQ(file_text(out_ / "a.jpg"), text_of("a.jpg"));
}

TEST_F(TransferMishaps, ASourceThatSomebodyElseRemovedIsMoved) {
  const OtherDisk::Event remove = [](const fs::path& file) { fs::remove(file); };
  OtherDisk disk(remove);
  const Transferred done = run(spec(TransferAction::move, {"a.jpg"}), disk);
  EXPECT_EQ(done.count.done, 1);
  EXPECT_EQ(file_text(out_ / "a.jpg"), text_of("a.jpg"));
  EXPECT_EQ(take_back().taken_back, 1);
  EXPECT_EQ(tree(in_), before_);
}

TEST_F(TransferMishaps, ASourceThatCannotBeRemovedStaysAlone) {
  OtherDisk disk([](const fs::path&) { throw std::system_error(EIO, std::generic_category()); });
  EXPECT_EQ(run(spec(TransferAction::move, {"a.jpg"}), disk).failed.size(), 1U);
  EXPECT_EQ(tree(in_), before_);
  EXPECT_FALSE(fs::exists(out_ / "a.jpg"));
}

TEST_F(TransferMishaps, ASourceThatVanishedAndCannotBeRemovedLeavesItsCopy) {
  OtherDisk disk([](const fs::path& file) {
    fs::remove(file);
    throw std::system_error(EIO, std::generic_category());
  });
  EXPECT_EQ(run(spec(TransferAction::move, {"a.jpg"}), disk).failed.size(), 1U);
  EXPECT_EQ(file_text(out_ / "a.jpg"), text_of("a.jpg"));
  EXPECT_EQ(take_back().taken_back, 1);
}

TEST_F(TransferMishaps, ASourceThatChangedAfterItsCopyStays) {
  OtherDisk disk({}, [&](const fs::path&) { write_file(in_ / "a.jpg", "edited meanwhile"); });
  const Transferred done = run(spec(TransferAction::move, {"a.jpg"}), disk);
  ASSERT_EQ(done.failed.size(), 1U);
  EXPECT_SAYS(done.failed[0].message, "changed meanwhile");
  EXPECT_EQ(file_text(in_ / "a.jpg"), "edited meanwhile");
  EXPECT_EQ(file_text(out_ / "a.jpg"), text_of("a.jpg"));
}

TEST_F(TransferMishaps, ACopyThatChangesDuringTheUndoIsLeft) {
  run(spec(TransferAction::copy, {"a.jpg"}));
  OtherDisk disk({}, [&](const fs::path&) { write_file(out_ / "a.jpg", "edited meanwhile"); });
  const Undone done = undo_on(disk, {{}, false, home()}, {}, stop_);
  ASSERT_EQ(done.left.size(), 1U);
  EXPECT_SAYS(done.left[0].message, (out_ / "a.jpg").string() + " changed meanwhile");
  EXPECT_EQ(file_text(out_ / "a.jpg"), "edited meanwhile");
}

// One of two is removed only when the other lasts.
TEST_F(TransferMishaps, AnOriginalThatTheDiskDoesNotTakeKeepsItsCopy) {
  run(spec(TransferAction::copy, {"a.jpg"}));
  OtherDisk disk({}, [](const fs::path&) { throw std::system_error(EIO, std::generic_category()); });
  EXPECT_EQ(undo_on(disk, {{}, false, home()}, {}, stop_).left.size(), 1U);
  EXPECT_EQ(file_text(out_ / "a.jpg"), text_of("a.jpg"));
}

TEST_F(TransferMishaps, NewFoldersThatTheDiskDoesNotTake) {
  class Failing : public FileLayer {
   public:
    explicit Failing(fs::path folder) : folder_(std::move(folder)) {}
    void sync_folder(const fs::path& folder) override {
      if (folder == folder_) throw std::system_error(EIO, std::generic_category());
      FileLayer::sync_folder(folder);
    }

   private:
    const fs::path folder_;
  } failing(out_.parent_path());
  const Transferred done = run(spec(TransferAction::move), failing);
  EXPECT_EQ(done.count.done, 0);
  EXPECT_EQ(done.failed.size(), 3U);
  EXPECT_EQ(take_back().taken_back, 3);
  EXPECT_EQ(tree(in_), before_);
}

TEST_F(TransferMishaps, APlanThatGoesOnKeepsAFileWhoseOldPlaceIsTaken) {
  stop_after_a();
  write_file(in_ / "a.jpg", "a new file of that name");
  const Transferred done = run(spec(TransferAction::move, {"b.jpg"}));
  EXPECT_TRUE(done.resumed);
  EXPECT_EQ(done.count.done, 1);
  EXPECT_EQ(list_plans(home())[0].files, 2);
  const Undone first = take_back();
  EXPECT_EQ(first.taken_back, 1);
  ASSERT_EQ(first.left.size(), 1U);
  EXPECT_SAYS(first.left[0].message, "is there again");
  EXPECT_EQ(file_text(in_ / "a.jpg"), "a new file of that name");
  fs::remove(in_ / "a.jpg");
  EXPECT_EQ(take_back().taken_back, 1);
  EXPECT_EQ(tree(in_), before_);
}

TEST_F(TransferMishaps, AStopBeforeAPlanGoesOnForgetsNothing) {
  stop_after_a();
  stop_ = true;
  EXPECT_TRUE(run(spec(TransferAction::move, {"b.jpg"})).interrupted);
  stop_ = false;
  EXPECT_EQ(list_plans(home())[0].files, 2);
  EXPECT_EQ(take_back().taken_back, 1);
  EXPECT_EQ(tree(in_), before_);
}

TEST_F(TransferMishaps, AFileThatFailedInAPlanThatGoesOnIsTriedAgain) {
  stop_after_a();
  const Transferred done = run(spec(TransferAction::move, {"b.jpg"}));
  EXPECT_EQ(done.count.done, 1);
  EXPECT_EQ(list_plans(home())[0].files, 2);
  EXPECT_EQ(take_back().taken_back, 2);
  EXPECT_EQ(tree(in_), before_);
}

TEST_F(TransferMishaps, AFileSystemWhoseRenamesReplace) {
  write_file(out_ / "file.jpg", "somebody else's");
  fs::create_symlink("nowhere", out_ / "dangling.jpg");
  const auto there = tree(out_);
  for (const char* name : {"file.jpg", "dangling.jpg"}) {
    EXPECT_THROW(rename_by_link(in_ / "a.jpg", out_ / name), std::system_error) << name;
  }
  EXPECT_EQ(tree(out_), there);
  EXPECT_EQ(tree(in_), before_);
  rename_by_link(in_ / "a.jpg", out_ / "a.jpg");
  EXPECT_FALSE(fs::exists(in_ / "a.jpg"));
  EXPECT_EQ(file_text(out_ / "a.jpg"), text_of("a.jpg"));
  rename_by_link(in_ / "deep", out_ / "folder");  // which has no second name
  EXPECT_EQ(file_text(out_ / "folder/c.jpg"), text_of("deep/c.jpg"));
}

TEST_F(TransferMishaps, APlanThatRunsIsNotTrimmed) {
  Plan plan;
  plan.target = out_;
  Journal few(home(), {.plans = 2, .files = 100});
  const StoredPlan first = few.add(plan, std::vector<PlanRow>(1), {});
  const auto lock = PlanLock::take(home(), first.number);
  for (int i = 0; i < 3; ++i) few.add(plan, std::vector<PlanRow>(1), {});
  EXPECT_EQ(few.plans().size(), 3U);
  EXPECT_EQ(few.plans().back().plan.id, first.plan.id);
}

}  // namespace
}  // namespace pixmill::pipeline
