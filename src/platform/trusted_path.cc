#include "pixmill/platform/trusted_path.h"

#include <grp.h>
#include <pwd.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <deque>
#include <string>
#include <system_error>

namespace pixmill::platform {
namespace {

namespace fs = std::filesystem;

constexpr uid_t kRoot = 0;
constexpr gid_t kGroupOfRoot = 0;
// The user of files without a known owner: in a container the host's folders, on a network drive those of its root.
constexpr uid_t kOutside = 65534;
constexpr int kMostLinks = 40;

// The user of this process; both texts are empty where the system knows no such user, as in many containers.
struct User {
  gid_t group = static_cast<gid_t>(-1);
  std::string name;
};

User current_user() {
  std::array<char, 4096> buffer;
  passwd entry{};
  passwd* found = nullptr;
  if (::getpwuid_r(::geteuid(), &entry, buffer.data(), buffer.size(), &found) != 0 || found == nullptr) return {};
  return {found->pw_gid, found->pw_name};
}

std::string name_of_user(uid_t number) {
  std::array<char, 4096> buffer;
  passwd entry{};
  passwd* found = nullptr;
  const bool known = ::getpwuid_r(number, &entry, buffer.data(), buffer.size(), &found) == 0 && found != nullptr;
  return known ? "'" + std::string(found->pw_name) + "'" : "number " + std::to_string(number);
}

// Many systems give every user a group of the same name, and a umask that lets it write: it has no other member.
bool is_users_own(gid_t group) {
  if (group == kGroupOfRoot) return true;
  const User user = current_user();
  if (user.name.empty() || user.group != group) return false;
  std::array<char, 16384> buffer;
  ::group entry{};
  ::group* found = nullptr;
  if (::getgrgid_r(group, &entry, buffer.data(), buffer.size(), &found) != 0 || found == nullptr) return false;
  if (user.name != found->gr_name) return false;
  for (char** member = found->gr_mem; *member != nullptr; ++member) {
    if (user.name != *member) return false;
  }
  return true;
}

// The permissions of the group then stand for those of all who are named.
bool names_more_users(const fs::path& path) {
  return ::lgetxattr(path.c_str(), "system.posix_acl_access", nullptr, 0) > 0;
}

class Walk {
 public:
  Walk(fs::path path, std::optional<uid_t> owner) : path_(std::move(path)), owner_(owner) {}

  std::optional<Error> refusal() {
    push(path_);
    struct stat status {};
    if (::lstat("/", &status) != 0) return failure("/", errno);
    if (auto error = look_at("/", status, rest_.empty())) return error;
    fs::path at = "/";
    while (!rest_.empty()) {
      const fs::path name = std::move(rest_.front());
      rest_.pop_front();
      if (name == "..") {
        at = at.parent_path();
        if (::lstat(at.c_str(), &status) != 0) return failure(at, errno);
        continue;
      }
      const bool anybody_adds = others_write(at, status);  // at is sticky then: only owners rename and remove
      const fs::path next = at / name;
      if (::lstat(next.c_str(), &status) != 0)
        return errno == ENOENT ? std::nullopt : std::optional(failure(next, errno));
      if (anybody_adds && !trusts(status.st_uid)) return belongs_to_others(next, status.st_uid);
      if (S_ISLNK(status.st_mode)) {
        std::error_code error;
        const fs::path target = fs::read_symlink(next, error);
        if (error || ++links_ > kMostLinks) return failure(next, error ? error.value() : ELOOP);
        if (target.is_absolute()) at = "/";
        push(target);
        if (::lstat(at.c_str(), &status) != 0) return failure(at, errno);
        continue;
      }
      if (auto error = look_at(next, status, rest_.empty())) return error;
      at = next;
    }
    return std::nullopt;
  }

 private:
  void push(const fs::path& path) {
    const fs::path relative = path.relative_path();
    std::deque<fs::path> parts;
    for (const fs::path& part : relative) {
      if (!part.empty() && part != ".") parts.push_back(part);
    }
    rest_.insert(rest_.begin(), parts.begin(), parts.end());
  }

  bool trusts(uid_t user) const { return user == ::geteuid() || user == kRoot || user == owner_; }

  static bool others_write(const fs::path& path, const struct stat& status) {
    if ((status.st_mode & S_IWOTH) != 0) return true;
    return (status.st_mode & S_IWGRP) != 0 && (!is_users_own(status.st_gid) || names_more_users(path));
  }

  std::optional<Error> look_at(const fs::path& path, const struct stat& status, bool last) const {
    const bool through = !last && S_ISDIR(status.st_mode);
    if (!trusts(status.st_uid) && !(through && status.st_uid == kOutside))
      return belongs_to_others(path, status.st_uid);
    if (!others_write(path, status) || (through && (status.st_mode & S_ISVTX) != 0)) return std::nullopt;
    return Error(ErrorCode::unreadable, path.string() + " can be written by other users" + consequence(path),
                 "check what is there, then: chmod go-w '" + path.string() + "'");
  }

  Error belongs_to_others(const fs::path& path, uid_t user) const {
    const std::string we = ::geteuid() == kRoot ? "root" : "user " + name_of_user(::geteuid());
    return {
        ErrorCode::unreadable,
        path.string() + " belongs to user " + name_of_user(user) + ", and pixmill runs as " + we + consequence(path),
        "run pixmill as its owner, or name a folder of your own with PIXMILL_HOME"};
  }

  std::string consequence(const fs::path& path) const {
    return path == path_ ? ": no code is loaded from there" : ": no code is loaded from " + path_.string();
  }

  static Error failure(const fs::path& path, int number) {
    return {ErrorCode::unreadable, path.string() + ": " + std::generic_category().message(number)};
  }

  fs::path path_;
  std::optional<uid_t> owner_;
  std::deque<fs::path> rest_;
  int links_ = 0;
};

void make_folders(const fs::path& path, mode_t mode) {
  if (::mkdir(path.c_str(), mode) == 0 || errno == EEXIST) return;
  if (errno == ENOENT && path.has_relative_path()) {
    constexpr mode_t kParents = 0755;
    make_folders(path.parent_path(), kParents);
    if (::mkdir(path.c_str(), mode) == 0 || errno == EEXIST) return;
  }
  const bool full = errno == ENOSPC || errno == EDQUOT;
  throw Error(full ? ErrorCode::disk_full : ErrorCode::unwritable,
              path.string() + ": " + std::generic_category().message(errno));
}

}  // namespace

std::optional<Error> refusal_of(const fs::path& path, std::optional<uid_t> owner) {
  std::error_code error;
  const fs::path absolute = fs::absolute(path, error);
  if (error) return Error(ErrorCode::unreadable, path.string() + ": " + error.message());
  const fs::file_status status = fs::status(absolute, error);
  if (fs::exists(status) && !fs::is_directory(status)) {
    if (auto refused = Walk(absolute.parent_path(), owner).refusal()) return refused;
    // What a link means lies in a folder of its own, where a library looks for others too.
    const fs::path real = fs::canonical(absolute, error);
    if (error) return Error(ErrorCode::unreadable, path.string() + ": " + error.message());
    if (auto refused = Walk(real.parent_path(), owner).refusal()) return refused;
  }
  return Walk(absolute, owner).refusal();
}

void require_trusted(const fs::path& path, std::optional<uid_t> owner) {
  if (const std::optional<Error> refused = refusal_of(path, owner)) throw Error(*refused);
}

void make_trusted_folder(const fs::path& path) {
  constexpr mode_t kOwn = 0700;
  require_trusted(path);
  make_folders(path, kOwn);
  require_trusted(path);
}

}  // namespace pixmill::platform
