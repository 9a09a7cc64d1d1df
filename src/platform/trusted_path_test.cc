#include "pixmill/platform/trusted_path.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <string>

#include "support/testing.h"

namespace pixmill::platform {
namespace {

namespace fs = std::filesystem;
using testing::error_of;
using testing::TemporaryFolder;
using testing::write_file;

constexpr uid_t kSomebody = 4711;

class TrustedPath : public ::testing::Test {
 protected:
  ~TrustedPath() override { ::umask(umask_); }

  // An error must name the path and how to fix it.
  void expect_refused(const fs::path& path, const fs::path& place) const {
    const std::optional<Error> refused = refusal_of(path);
    ASSERT_TRUE(refused) << path;
    EXPECT_EQ(refused->code(), ErrorCode::unreadable);
    EXPECT_TRUE(refused->message().starts_with(place.string() + " ")) << refused->message();
    EXPECT_FALSE(refused->hint().empty());
    error_of(ErrorCode::unreadable, [&] { require_trusted(path); });
  }
  static void set_mode(const fs::path& path, mode_t mode) { ASSERT_EQ(::chmod(path.c_str(), mode), 0); }
  static void give_away(const fs::path& path) { ASSERT_EQ(::lchown(path.c_str(), kSomebody, kSomebody), 0); }

  const mode_t umask_ = ::umask(022);  // before anything is made
  TemporaryFolder folder_;
  const fs::path code_ = folder_ / "code";
  const fs::path library_ = write_file(code_ / "lib.so", "");
};

TEST_F(TrustedPath, OnesOwnFilesAreTrustedAndSoIsWhatIsNotThere) {
  EXPECT_FALSE(refusal_of(library_));
  EXPECT_FALSE(refusal_of(code_));
  EXPECT_FALSE(refusal_of(code_ / "not/there"));
  EXPECT_FALSE(refusal_of("/usr/lib"));
  EXPECT_FALSE(refusal_of("/"));
}

TEST_F(TrustedPath, WhatOthersCanWriteIsRefused) {
  set_mode(library_, 0666);
  expect_refused(library_, library_);
  set_mode(library_, 0644);
  set_mode(code_, 0777);
  expect_refused(library_, code_);
  expect_refused(code_, code_);
  EXPECT_SAYS(refusal_of(code_)->hint(), "chmod go-w");
  set_mode(code_, 01777);  // in a sticky folder others cannot replace the library, but it opens others beside it
  expect_refused(library_, code_);
}

TEST_F(TrustedPath, AFolderOnTheWayThatOthersCanRenameIsRefused) {
  const fs::path deep = write_file(folder_ / "a/b/lib.so", "");
  set_mode(folder_ / "a", 0777);
  expect_refused(deep, folder_ / "a");
  set_mode(folder_ / "a", 01777);  // sticky: b is ours, and stays where it is
  EXPECT_FALSE(refusal_of(deep));
}

TEST_F(TrustedPath, AGroupThatMayWriteIsOneOfOthers) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root gives files to groups";
  ASSERT_EQ(::chown(code_.c_str(), 0, kSomebody), 0);
  set_mode(code_, 0775);
  expect_refused(library_, code_);
  ASSERT_EQ(::chown(code_.c_str(), 0, 0), 0);  // the group of root
  EXPECT_FALSE(refusal_of(library_));
}

TEST_F(TrustedPath, WhatBelongsToAnotherUserIsRefusedEvenToRoot) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root gives files away";
  give_away(library_);
  expect_refused(library_, library_);
  EXPECT_SAYS(refusal_of(library_)->message(), "4711");
  EXPECT_FALSE(refusal_of(library_, kSomebody)) << "the owner of a program may own its modules";
}

TEST_F(TrustedPath, AFolderOfAnotherUserOnTheWayIsRefused) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root gives files away";
  const fs::path deep = write_file(folder_ / "a/b/lib.so", "");
  give_away(folder_ / "a");
  expect_refused(deep, folder_ / "a");
}

TEST_F(TrustedPath, LinksAreLookedThrough) {
  fs::create_directory_symlink(code_, folder_ / "link");
  EXPECT_FALSE(refusal_of(folder_ / "link/lib.so"));
  fs::create_symlink("code/lib.so", folder_ / "near");
  EXPECT_FALSE(refusal_of(folder_ / "near"));
  set_mode(code_, 0777);
  expect_refused(folder_ / "link", code_);
  expect_refused(folder_ / "near", code_);
  fs::create_symlink("circle", folder_ / "circle");
  EXPECT_TRUE(refusal_of(folder_ / "circle"));
}

TEST_F(TrustedPath, ALinkThatAnotherUserPutIntoAStickyFolderIsRefused) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root gives files away";
  fs::create_directory(folder_ / "tmp");
  set_mode(folder_ / "tmp", 01777);
  fs::create_directory_symlink(code_, folder_ / "tmp/pixmill");
  EXPECT_FALSE(refusal_of(folder_ / "tmp/pixmill"));
  give_away(folder_ / "tmp/pixmill");
  expect_refused(folder_ / "tmp/pixmill/lib.so", folder_ / "tmp/pixmill");
}

TEST_F(TrustedPath, FoldersForCodeAreMadeForTheUserAlone) {
  const mode_t before = ::umask(0);
  make_trusted_folder(folder_ / "data/pixmill/runtimes");
  ::umask(before);
  EXPECT_EQ(static_cast<int>(fs::status(folder_ / "data/pixmill/runtimes").permissions()), 0700);
  EXPECT_EQ(static_cast<int>(fs::status(folder_ / "data/pixmill").permissions()), 0755);
  make_trusted_folder(code_);  // what is there stays as it is
  set_mode(code_, 0777);
  error_of(ErrorCode::unreadable, [&] { make_trusted_folder(code_); });
  error_of(ErrorCode::unreadable, [&] { make_trusted_folder(code_ / "below"); });
  EXPECT_FALSE(fs::exists(code_ / "below"));
}

TEST_F(TrustedPath, AFileInTheWayOfAFolderIsAnError) {
  error_of(ErrorCode::unreadable, [&] { make_trusted_folder(library_ / "below"); });
}

}  // namespace
}  // namespace pixmill::platform
