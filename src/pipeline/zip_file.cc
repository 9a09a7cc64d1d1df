#include "pipeline/zip_file.h"

#include <archive.h>
#include <archive_entry.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "pipeline/growing_file.h"
#include "pixmill/core/error.h"
#include "pixmill/exports/valid_text.h"
#include "pixmill/platform/descriptor.h"
#include "pixmill/platform/files.h"

namespace pixmill::pipeline {
namespace fs = std::filesystem;
namespace {

constexpr std::size_t kPiece = 1 << 18;  // bytes of a file that is streamed

struct FreeEntry {
  void operator()(archive_entry* entry) const { archive_entry_free(entry); }
};
struct FreeArchive {
  void operator()(archive* file) const { archive_write_free(file); }
};

}  // namespace

struct ZipFile::State {
  State(fs::path file, fs::path later) : meant(later), out(std::move(file), std::move(later)) {
    check(archive_write_set_format_zip(zip.get()));
    check(archive_write_set_options(zip.get(), "zip:hdrcharset=UTF-8"));
    check(archive_write_set_bytes_per_block(zip.get(), 0));  // out gathers them
    check(archive_write_open(zip.get(), this, nullptr, write, nullptr));
  }

  // libarchive is C: what is thrown waits here.
  static la_ssize_t write(archive* zip, void* self, const void* data, std::size_t size) {
    auto& state = *static_cast<State*>(self);
    try {
      state.out.write({static_cast<const char*>(data), size});
      return static_cast<la_ssize_t>(size);
    } catch (const Error& error) {
      state.trouble = error;
    }
    archive_set_error(zip, EIO, "not written");
    return -1;
  }

  void check(la_ssize_t result) {
    if (trouble) throw Error(*trouble);
    if (result >= ARCHIVE_WARN) return;
    const char* text = archive_error_string(zip.get());
    throw Error(ErrorCode::unwritable, meant.string() + ": " + (text == nullptr ? "it cannot be written" : text));
  }

  void begin(const std::string& name, std::int64_t size, bool packed) {
    const std::unique_ptr<archive_entry, FreeEntry> entry(archive_entry_new());
    archive_entry_set_pathname_utf8(entry.get(), exports::valid_utf8(name).c_str());
    archive_entry_set_size(entry.get(), size);
    archive_entry_set_filetype(entry.get(), AE_IFREG);
    archive_entry_set_perm(entry.get(), 0644);
    check(packed ? archive_write_zip_set_compression_deflate(zip.get())
                 : archive_write_zip_set_compression_store(zip.get()));
    check(archive_write_header(zip.get(), entry.get()));
  }

  void data(std::span<const std::byte> bytes) {
    if (!bytes.empty()) check(archive_write_data(zip.get(), bytes.data(), bytes.size()));
  }

  const fs::path meant;
  GrowingFile out;
  std::optional<Error> trouble;
  std::unique_ptr<archive, FreeArchive> zip{archive_write_new()};  // ends first: it writes to out
};

ZipFile::ZipFile(fs::path file, fs::path meant) : state_(std::make_unique<State>(std::move(file), std::move(meant))) {}

ZipFile::~ZipFile() = default;

void ZipFile::add(const std::string& name, std::span<const std::byte> bytes) {
  state_->begin(name, static_cast<std::int64_t>(bytes.size()), true);
  state_->data(bytes);
}

void ZipFile::add_file(const std::string& name, const fs::path& source, bool packed) {
  const platform::Descriptor file = platform::open_to_read(source);
  struct stat status = {};
  if (::fstat(file.get(), &status) != 0) throw platform::read_error(errno, source);
  state_->begin(name, status.st_size, packed);
  std::vector<std::byte> piece(kPiece);
  std::int64_t rest = status.st_size;
  while (rest > 0) {
    const std::size_t want = std::min<std::size_t>(piece.size(), static_cast<std::size_t>(rest));
    const std::size_t count = platform::read_some(file, std::span(piece).first(want), source);
    if (count == 0) throw Error(ErrorCode::unreadable, source.string() + " became shorter while it was read");
    state_->data(std::span(piece).first(count));
    rest -= static_cast<std::int64_t>(count);
  }
}

fs::path ZipFile::finish() {
  state_->check(archive_write_close(state_->zip.get()));
  return state_->out.finish();
}

}  // namespace pixmill::pipeline
