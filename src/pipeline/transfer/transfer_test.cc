// Copies, moves and links of chosen files, and what is refused.
#include "pixmill/pipeline/transfer.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <system_error>

#include "pipeline/catalogue/catalogue_fixture.h"
#include "pipeline/transfer/fixture.h"

namespace pixmill::pipeline {
namespace {

using pixmill::testing::error_of;
using testing::file_text;
using testing::tree;
using testing::write_file;
namespace fs = std::filesystem;

class Transfers : public testing::TransferTest {};

TEST_F(Transfers, MovesKeepTheTree) {
  const FileStamp stamp = *FileLayer::of_the_system().stamp(in_ / "deep/c.jpg");
  const Transferred done = run(spec(TransferAction::move));
  EXPECT_EQ(done.count.done, 3);
  EXPECT_TRUE(done.failed.empty());
  EXPECT_EQ(tree(in_),
            (std::map<std::string, std::string>{{"b.jpg", text_of("b.jpg")}, {"deep", "/"}, {"deep/er", "/"}}));
  EXPECT_EQ(file_text(out_ / "deep/er/d.jpg"), text_of("deep/er/d.jpg"));
  EXPECT_EQ(FileLayer::of_the_system().stamp(out_ / "deep/c.jpg")->inode, stamp.inode);
  const std::vector<Plan> plans = list_plans(home());
  ASSERT_EQ(plans.size(), 1U);
  EXPECT_EQ(plans[0].id, done.plan);
  EXPECT_EQ(plans[0].files, 3);
  EXPECT_EQ(plans[0].state, PlanState::done);
  EXPECT_EQ(plans[0].asked, "a test");
}

TEST_F(Transfers, CopiesKeepTimesAndPermissions) {
  fs::permissions(in_ / "a.jpg", fs::perms(0640));
  const timespec times[2] = {{1'000'000'000, 5}, {1'100'000'000, 123'456'789}};
  ASSERT_EQ(::utimensat(AT_FDCWD, (in_ / "a.jpg").c_str(), times, 0), 0);
  const Transferred done = run(spec(TransferAction::copy));
  EXPECT_EQ(done.count.done, 3);
  EXPECT_EQ(tree(in_), before_);
  EXPECT_EQ(tree(out_).size(), 5U);  // with two folders, and without temporary files
  struct stat status {};
  ASSERT_EQ(::stat((out_ / "a.jpg").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0640U);
  EXPECT_EQ(status.st_mtim.tv_sec, 1'100'000'000);
  EXPECT_EQ(status.st_mtim.tv_nsec, 123'456'789);
  EXPECT_EQ(file_text(out_ / "a.jpg"), text_of("a.jpg"));
}

TEST_F(Transfers, LinksAreSecondNames) {
  EXPECT_EQ(run(spec(TransferAction::link)).count.done, 3);
  EXPECT_TRUE(fs::equivalent(in_ / "deep/er/d.jpg", out_ / "deep/er/d.jpg"));
  EXPECT_EQ(fs::hard_link_count(in_ / "a.jpg"), 2U);
}

TEST_F(Transfers, SymbolicLinksAreAbsolute) {
  EXPECT_EQ(run(spec(TransferAction::symlink)).count.done, 3);
  EXPECT_EQ(fs::read_symlink(out_ / "deep/c.jpg"), in_ / "deep/c.jpg");
}

TEST_F(Transfers, ASecondRunFindsAllThere) {
  for (const TransferAction action : {TransferAction::copy, TransferAction::link, TransferAction::symlink}) {
    SCOPED_TRACE(name_of(action));
    run(spec(action));
    const Transferred again = run(spec(action));
    EXPECT_EQ(again.count.there, 3);
    EXPECT_EQ(again.count.done, 0);
    EXPECT_EQ(again.plan, "");
    fs::remove_all(out_);
  }
  EXPECT_EQ(list_plans(home()).size(), 3U);
}

TEST_F(Transfers, ADryRunTouchesNothing) {
  TransferSpec dry = spec(TransferAction::move);
  dry.dry_run = true;
  EXPECT_EQ(run(dry).count.done, 3);
  EXPECT_EQ(tree(in_), before_);
  EXPECT_FALSE(fs::exists(out_));
  EXPECT_TRUE(list_plans(home()).empty());
}

TEST_F(Transfers, AForeignFileIsNeverReplaced) {
  for (const TransferAction action :
       {TransferAction::copy, TransferAction::move, TransferAction::link, TransferAction::symlink}) {
    SCOPED_TRACE(name_of(action));
    write_file(out_ / "deep/c.jpg", "somebody else's");
    const Error error = error_of(ErrorCode::collision, [&] { run(spec(action)); });
    EXPECT_SAYS(error.message(), (out_ / "deep/c.jpg").string());
    EXPECT_EQ(tree(in_), before_);
    EXPECT_EQ(tree(out_).size(), 2U);
    EXPECT_EQ(file_text(out_ / "deep/c.jpg"), "somebody else's");
  }
  EXPECT_TRUE(list_plans(home()).empty());
}

// The only sign that a file is one's own is a plan; without it a move would end in a file that was there before.
TEST_F(Transfers, AMoveDoesNotTakeAnEqualFileForItsOwn) {
  write_file(out_ / "a.jpg", text_of("a.jpg"));
  error_of(ErrorCode::collision, [&] { run(spec(TransferAction::move)); });
  EXPECT_EQ(tree(in_), before_);
}

TEST_F(Transfers, TwoFilesOfOneNameAreRefused) {
  TransferSpec twins = spec(TransferAction::copy, {"a.jpg", "b.jpg"});
  twins.files[1].relative = "a.jpg";
  const Error error = error_of(ErrorCode::collision, [&] { run(twins); });
  EXPECT_SAYS(error.message(), (in_ / "a.jpg").string() + " and " + (in_ / "b.jpg").string());
  EXPECT_FALSE(fs::exists(out_));
}

TEST_F(Transfers, ATargetAmongTheInputsIsRefused) {
  for (const fs::path& place : {in_, in_ / "chosen", in_ / "deep/../x"}) {
    TransferSpec inside = spec(TransferAction::move);
    inside.target = place;
    EXPECT_SAYS(error_of(ErrorCode::collision, [&] { run(inside); }).message(), "input folder");
  }
  fs::create_directory_symlink(in_, folder_ / "way");
  TransferSpec linked = spec(TransferAction::copy);
  linked.target = folder_ / "way/chosen";
  error_of(ErrorCode::collision, [&] { run(linked); });
  EXPECT_EQ(tree(in_), before_);
}

TEST_F(Transfers, ATargetThatIsNoFolder) {
  error_of(ErrorCode::unwritable, [&] {
    TransferSpec wrong = spec(TransferAction::copy);
    wrong.target = write_file(folder_ / "file", "text");
    run(wrong);
  });
  error_of(ErrorCode::unwritable, [&] {
    TransferSpec wrong = spec(TransferAction::copy);
    wrong.target = folder_ / "file/below";
    run(wrong);
  });
  error_of(ErrorCode::collision, [&] {
    fs::create_directories(out_ / "a.jpg");
    run(spec(TransferAction::copy));
  });
  error_of(ErrorCode::usage, [&] {
    TransferSpec wrong = spec(TransferAction::copy);
    wrong.target.clear();
    run(wrong);
  });
}

TEST_F(Transfers, ATargetCanBeRefusedEarly) {
  const auto place = [&](const fs::path& target) {
    TransferSpec made = spec(TransferAction::copy, {});
    made.target = target;
    return made;
  };
  EXPECT_NO_THROW(require_target(place(out_ / "deep")));
  EXPECT_FALSE(fs::exists(out_));
  error_of(ErrorCode::unwritable, [&] { require_target(place(write_file(folder_ / "file", "text") / "x")); });
  error_of(ErrorCode::collision, [&] { require_target(place(in_ / "x")); });
  error_of(ErrorCode::usage, [&] { require_target(place("")); });
}

TEST_F(Transfers, NothingLeavesTheTarget) {
  for (const char* relative : {"../a.jpg", "x/../../a.jpg", "/etc/a.jpg", ".", ""}) {
    TransferSpec wrong = spec(TransferAction::copy, {"a.jpg"});
    wrong.files[0].relative = relative;
    error_of(ErrorCode::usage, [&] { run(wrong); });
  }
}

TEST_F(Transfers, FilesThatVanishedOrChangedAreNamedAndTheOthersGo) {
  TransferSpec some = spec(TransferAction::move, {"a.jpg", "b.jpg", "deep/c.jpg"});
  some.files[1].stamp = *FileLayer::of_the_system().stamp(in_ / "b.jpg");
  write_file(in_ / "b.jpg", "other bytes than when it was looked at");
  fs::remove(in_ / "deep/c.jpg");
  const Transferred done = run(some);
  EXPECT_EQ(done.count.done, 1);
  ASSERT_EQ(done.failed.size(), 2U);
  EXPECT_EQ(done.failed[0].code, ErrorCode::collision);
  EXPECT_EQ(done.failed[1].code, ErrorCode::not_found);
  EXPECT_TRUE(fs::exists(in_ / "b.jpg"));
}

TEST_F(Transfers, ALinkIsNotMovedAndElseFollowed) {
  fs::create_symlink(in_ / "a.jpg", in_ / "link.jpg");
  const Transferred moved = run(spec(TransferAction::move, {"link.jpg"}));
  ASSERT_EQ(moved.failed.size(), 1U);
  EXPECT_SAYS(moved.failed[0].message, "link.jpg is a symbolic link");
  EXPECT_TRUE(fs::exists(in_ / "a.jpg"));
  run(spec(TransferAction::copy, {"link.jpg"}));
  EXPECT_FALSE(fs::is_symlink(out_ / "link.jpg"));
  EXPECT_EQ(file_text(out_ / "link.jpg"), text_of("a.jpg"));
}

TEST_F(Transfers, FoldersWithoutRights) {
  if (::geteuid() == 0) GTEST_SKIP() << "root may write everywhere";
  fs::permissions(in_ / "deep", fs::perms(0555));
  const Transferred done = run(spec(TransferAction::move));
  fs::permissions(in_ / "deep", fs::perms(0755));
  EXPECT_EQ(done.count.done, 2);
  ASSERT_EQ(done.failed.size(), 1U);
  EXPECT_SAYS(done.failed[0].message, "deep/c.jpg");
}

TEST_F(Transfers, TheCatalogueFollowsAMove) {
  const fs::path from = in_ / "a.jpg", to = out_ / "a.jpg";
  {
    Catalogue catalogue(catalogue_file(home()));
    const FileStamp stamp = *FileLayer::of_the_system().stamp(from);
    std::vector<Catalogue::Entry> entries = {
        {from, stamp, testing::kKey, {}, {testing::record("detections/2", "found")}}};
    catalogue.begin(entries);
  }
  const auto records_of = [&](const fs::path& path) {
    int count = 0;
    Catalogue(catalogue_file(home())).records_of(std::vector{path}, "detections/2", [&](const auto&, const auto&) {
      ++count;
    });
    return count;
  };
  run(spec(TransferAction::move));
  EXPECT_EQ(records_of(from), 0);
  EXPECT_EQ(records_of(to), 1);
  take_back();
  EXPECT_EQ(records_of(from), 1);
  EXPECT_EQ(records_of(to), 0);
  run(spec(TransferAction::move));  // the path is known from the first time
  EXPECT_EQ(records_of(to), 1);
}

TEST_F(Transfers, ADamagedOrLockedAwayJournalMovesNothing) {
  write_file(home().state / "plans.db", std::string(5000, 'x'));
  const Error error = error_of(ErrorCode::corrupt, [&] { run(spec(TransferAction::move)); });
  EXPECT_SAYS(error.message(), "plans.db");
  EXPECT_EQ(tree(in_), before_);
}

TEST_F(Transfers, NamesOfAllBytes) {
  const std::vector<std::string> names = {"with space\n.jpg", "\xff\xfe.jpg", "'\"%?#.jpg", "-o.jpg"};
  for (const std::string& name : names) write_file(in_ / name, text_of(name));
  before_ = tree(in_);
  EXPECT_EQ(run(spec(TransferAction::move, names)).count.done, 4);
  EXPECT_EQ(file_text(out_ / names[1]), text_of(names[1]));
  EXPECT_EQ(take_back().taken_back, 4);
  EXPECT_EQ(tree(in_), before_);
}

// Ctrl-C between two groups: the same call goes on with the same plan, and one undo takes all back.
TEST_F(Transfers, AStoppedRunGoesOn) {
  std::vector<std::string> names;
  for (int i = 0; i < 3000; ++i) {
    names.push_back("many/" + std::to_string(i) + ".jpg");
    write_file(in_ / names.back(), text_of(names.back()));
  }
  before_ = tree(in_);
  Catalogue catalogue(catalogue_file(home()));
  TransferSpec all = spec(TransferAction::move, names);
  const TransferWatch stopping{.file = {}, .progress = [&](const TransferProgress&) { stop_ = true; }};
  const Transferred first = transfer(all, catalogue, stopping, stop_);
  EXPECT_TRUE(first.interrupted);
  EXPECT_GT(first.count.done, 0);
  EXPECT_LT(first.count.done, 3000);
  EXPECT_EQ(list_plans(home())[0].state, PlanState::stopped);
  stop_ = false;
  std::erase_if(all.files, [&](const TransferFile& file) { return !fs::exists(file.source); });
  const Transferred second = transfer(all, catalogue, {}, stop_);
  EXPECT_TRUE(second.resumed);
  EXPECT_EQ(second.plan, first.plan);
  EXPECT_EQ(second.count.done + first.count.done, 3000);
  const std::vector<Plan> plans = list_plans(home());
  ASSERT_EQ(plans.size(), 1U);
  EXPECT_EQ(plans[0].files, 3000);
  EXPECT_EQ(plans[0].state, PlanState::done);
  EXPECT_EQ(take_back().taken_back, 3000);
  EXPECT_EQ(tree(in_), before_);
  EXPECT_FALSE(fs::exists(out_));
}

// Another file system than that of the files, which becomes full.
class FullDisk : public FileLayer {
 public:
  explicit FullDisk(int room) : room_(room) {}
  FileStamp copy(const fs::path& from, const fs::path& to, bool owner) override {
    if (room_-- <= 0) throw std::system_error(ENOSPC, std::generic_category());
    return FileLayer::copy(from, to, owner);
  }
  void rename(const fs::path& from, const fs::path& to, bool replace) override {
    if (from.parent_path() != to.parent_path()) throw std::system_error(EXDEV, std::generic_category());
    FileLayer::rename(from, to, replace);
  }

 private:
  int room_;
};

TEST_F(Transfers, AFullDiskStopsAndTheSameCommandGoesOn) {
  FullDisk full(1);
  const Transferred stopped = run(spec(TransferAction::move), full);
  EXPECT_EQ(stopped.count.done, 1);
  ASSERT_EQ(stopped.failed.size(), 1U) << "the others are not tried";
  EXPECT_EQ(stopped.failed[0].code, ErrorCode::disk_full);
  EXPECT_FALSE(stopped.stopped_because.empty());
  EXPECT_EQ(list_plans(home())[0].state, PlanState::stopped);
  EXPECT_EQ(tree(in_).size() + tree(out_).size(), before_.size() + (fs::exists(out_ / "deep") ? 1U : 0U));
  FullDisk roomy(100);
  const Transferred done = run(spec(TransferAction::move, {"deep/c.jpg", "deep/er/d.jpg"}), roomy);
  EXPECT_TRUE(done.resumed);
  EXPECT_EQ(done.count.done, 2);
  EXPECT_EQ(take_back().taken_back, 3);
  EXPECT_EQ(tree(in_), before_);
}

TEST_F(Transfers, AFileThatChangesWhileItIsCopiedFails) {
  class Changing : public FileLayer {
   public:
    FileStamp copy(const fs::path& from, const fs::path& to, bool owner) override {
      if (from.filename() == "a.jpg") throw std::system_error(EBUSY, std::generic_category());
      return FileLayer::copy(from, to, owner);
    }
  } changing;
  const Transferred done = run(spec(TransferAction::copy), changing);
  EXPECT_EQ(done.count.done, 2);
  ASSERT_EQ(done.failed.size(), 1U);
  EXPECT_SAYS(done.failed[0].message, "a.jpg changed meanwhile");
  EXPECT_FALSE(fs::exists(out_ / "a.jpg"));
}

// Attributes of users, as file managers write them for tags, go with a copy.
TEST_F(Transfers, CopiesKeepAttributes) {
  const std::string value = "holiday";
  if (::setxattr((in_ / "a.jpg").c_str(), "user.xdg.tags", value.data(), value.size(), 0) != 0)
    GTEST_SKIP() << "this file system has no attributes";
  run(spec(TransferAction::copy));
  char read[32] = {};
  EXPECT_EQ(::getxattr((out_ / "a.jpg").c_str(), "user.xdg.tags", read, sizeof read),
            static_cast<ssize_t>(value.size()));
  EXPECT_EQ(read, value);
}

TEST_F(Transfers, AStoppedRunOfAnotherCommandDoesNotGoOn) {
  stop_ = true;
  const Transferred stopped = run(spec(TransferAction::copy));
  EXPECT_TRUE(stopped.interrupted);
  stop_ = false;
  TransferSpec other = spec(TransferAction::copy);
  other.asked = "another command";
  EXPECT_NE(run(other).plan, stopped.plan);
  const fs::path here = fs::current_path();
  fs::current_path(folder_.path());  // the same words mean other files there
  EXPECT_FALSE(run(spec(TransferAction::copy)).resumed);
  fs::current_path(here);
  EXPECT_TRUE(run(spec(TransferAction::copy)).resumed);
}

}  // namespace
}  // namespace pixmill::pipeline
