#include "models/hash_cache.h"

#include <sys/stat.h>

#include <cerrno>
#include <chrono>
#include <sstream>
#include <string>
#include <utility>

#include "pixmill/platform/files.h"

namespace pixmill::models {
namespace {

constexpr std::size_t kLargestCache = 1 << 20;  // bytes
constexpr int kMostEntries = 256;
constexpr std::int64_t kSettled = 1'000'000'000;  // ns: a file changed within its clock's tick may change unseen

std::int64_t nanoseconds(const timespec& time) {
  return std::int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

struct stat status_of(const std::filesystem::path& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) throw platform::read_error(errno, path);
  return status;
}

// Identifies the state of a file that was hashed. One word without spaces.
std::string identity(const struct stat& status) {
  std::ostringstream text;
  text << status.st_dev << ':' << status.st_ino << ':' << status.st_size << ':' << nanoseconds(status.st_mtim) << ':'
       << nanoseconds(status.st_ctim);
  return text.str();
}

bool is_settled(const struct stat& status) {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::nanoseconds>(now).count() - nanoseconds(status.st_ctim) > kSettled;
}

std::string read_cache(const std::filesystem::path& file) {
  try {
    return platform::read_text(file, kLargestCache);
  } catch (const Error&) {
    return {};
  }
}

}  // namespace

HashCache::HashCache(std::filesystem::path file, std::int64_t threshold)
    : file_(std::move(file)), threshold_(threshold) {}

platform::FileHashes HashCache::of(const std::filesystem::path& path) const {
  const struct stat before = status_of(path);
  if (before.st_size < threshold_) return platform::hash_file(path);

  const std::string wanted = identity(before);
  std::string kept;
  std::istringstream lines(read_cache(file_));
  std::string line;
  for (int count = 1; std::getline(lines, line) && count < kMostEntries; ++count) {
    std::istringstream words(line);
    std::string known;
    platform::FileHashes hashes;
    if (!(words >> known >> hashes.sha256 >> hashes.md5) || hashes.sha256.size() != 64 || hashes.md5.size() != 32)
      continue;
    if (known == wanted) return hashes;
    kept += line + "\n";
  }

  platform::FileHashes hashes = platform::hash_file(path);
  if (is_settled(before) && identity(status_of(path)) == wanted) {
    try {
      platform::write_whole(file_, wanted + " " + hashes.sha256 + " " + hashes.md5 + "\n" + kept);
    } catch (const Error&) {
      // A home that cannot be written costs time, not the job.
    }
  }
  return hashes;
}

}  // namespace pixmill::models
