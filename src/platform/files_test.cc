#include "pixmill/platform/files.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <system_error>

#include "support/testing.h"

namespace pixmill::platform {
namespace {

namespace fs = std::filesystem;
using pixmill::testing::error_of;
using pixmill::testing::file_text;
using pixmill::testing::TemporaryFolder;
using pixmill::testing::write_file;

// The umask belongs to the whole process; nothing else of these tests runs meanwhile.
class Umask {
 public:
  explicit Umask(mode_t mask) : before_(::umask(mask)) {}
  ~Umask() { ::umask(before_); }
  Umask(const Umask&) = delete;
  Umask& operator=(const Umask&) = delete;

 private:
  mode_t before_;
};

int permissions_of(const fs::path& path) {
  return static_cast<int>(fs::status(path).permissions());
}

TEST(Files, NewFilesAndFoldersHonourTheUmask) {
  const TemporaryFolder folder;
  for (const auto& [mask, file, inside] : {std::tuple{0022, 0644, 0755}, {0077, 0600, 0700}, {0002, 0664, 0775}}) {
    const Umask set(static_cast<mode_t>(mask));
    const fs::path place = folder / std::to_string(mask);
    write_whole(place / "whole", "text");
    write_quickly(place / "quick", {});
    copy_whole(place / "whole", place / "copy");
    EXPECT_EQ(permissions_of(place), inside);
    for (const char* name : {"whole", "quick", "copy"}) EXPECT_EQ(permissions_of(place / name), file) << name;
    open_to_append(place / "log");
    EXPECT_EQ(permissions_of(place / "log"), file);
  }
}

TEST(Files, AReplacedFileKeepsItsPermissions) {
  const TemporaryFolder folder;
  const fs::path file = write_file(folder / "private", "old");
  fs::permissions(file, fs::perms::owner_read | fs::perms::owner_write);
  write_whole(file, "new");
  EXPECT_EQ(permissions_of(file), 0600);
  EXPECT_EQ(file_text(file), "new");
}

TEST(Files, NothingIsLeftOfAWriteThatFailed) {
  const TemporaryFolder folder;
  fs::create_directory(folder / "taken");
  error_of(ErrorCode::unwritable, [&] { write_whole(folder / "taken", "text"); });
  EXPECT_EQ(std::distance(fs::directory_iterator(folder.path()), {}), 1);
}

TEST(Files, LinksAreFollowedToTheFileThatTheyMean) {
  const TemporaryFolder folder;
  write_file(folder / "dotfiles/settings", "");
  fs::create_directory(folder / "config");
  fs::create_symlink("../dotfiles/settings", folder / "config/near");
  fs::create_symlink(folder / "config/near", folder / "far");
  fs::create_symlink("nowhere", folder / "dangling");
  fs::create_symlink("circle", folder / "circle");
  EXPECT_TRUE(fs::equivalent(target_of_links(folder / "far"), folder / "dotfiles/settings"));
  EXPECT_EQ(target_of_links(folder / "dangling"), folder / "nowhere");
  EXPECT_EQ(target_of_links(folder / "new"), folder / "new");
  error_of(ErrorCode::unwritable, [&] { target_of_links(folder / "circle"); });
}

}  // namespace
}  // namespace pixmill::platform
