// What the pipeline asks of the file system, in one place: tests put another one there, which forgets what was not
// synced, or answers late.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <vector>

#include "pixmill/pipeline/catalogue.h"

namespace pixmill::pipeline {

// Thread-safe. What fails is thrown as std::system_error with its errno, unless said otherwise.
class FileLayer {
 public:
  virtual ~FileLayer() = default;

  // With those above it. Returns the folders that have a new entry: it lasts once they are synced.
  virtual std::vector<std::filesystem::path> make_folders(const std::filesystem::path& folder);
  virtual FileStamp create(const std::filesystem::path& file, std::span<const std::byte> bytes);  // never replaces
  virtual void sync_file(const std::filesystem::path& file);                                      // its bytes last
  virtual void sync_folder(const std::filesystem::path& folder);                                  // its names last
  // Without `replace`, a file that stands there is EEXIST.
  virtual void rename(const std::filesystem::path& from, const std::filesystem::path& to, bool replace);
  virtual void remove(const std::filesystem::path& file) noexcept;

  // A new file with the bytes, the times, the permission bits and the user's attributes of another one; shared blocks
  // where the file system has them. `owner`: with its owner too, where this user may say so. EBUSY: it changed
  // meanwhile.
  virtual FileStamp copy(const std::filesystem::path& from, const std::filesystem::path& to, bool owner);
  virtual void link(const std::filesystem::path& from, const std::filesystem::path& to);     // a second name of a file
  virtual void symlink(const std::filesystem::path& text, const std::filesystem::path& to);  // never replaces
  virtual void unlink(const std::filesystem::path& file);                                    // a name that is there
  virtual bool remove_folder(const std::filesystem::path& folder);                           // whether it was empty

  // What stands at a path itself; empty: nothing.
  struct Entry {
    enum class Kind { file, link, folder, other } kind = Kind::other;
    FileStamp stamp;
    std::uint64_t device = 0;
  };
  virtual std::optional<Entry> entry(const std::filesystem::path& path);

  virtual std::optional<FileStamp> stamp(const std::filesystem::path& file);  // follows links; empty: no regular file
  virtual std::vector<std::byte> read(const std::filesystem::path& file);     // as codecs::read_file()

  static FileLayer& of_the_system();
};

// FileLayer::rename() without `replace` where the file system has no such call: a second name, then the first one goes.
// Where it has no second names either, a file that appears at `to` in this moment is replaced.
void rename_by_link(const std::filesystem::path& from, const std::filesystem::path& to);

inline constexpr std::int64_t kCoarsestTick = 2'000'000'000;  // ns: FAT keeps times in steps of two seconds

// The stamp of a file that is about to be read; equal to nothing where it changed so lately that it may change again
// within one tick of the file system's clock.
FileStamp settled(const FileStamp& stamp);

}  // namespace pixmill::pipeline
