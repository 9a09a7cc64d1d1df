#include "pixmill/exports/zip_stream.h"

#include <archive.h>
#include <archive_entry.h>

#include <cerrno>
#include <exception>
#include <string_view>
#include <utility>

#include "pixmill/core/error.h"
#include "pixmill/core/unicode.h"

namespace pixmill::exports {
namespace {

struct FreeEntry {
  void operator()(archive_entry* entry) const { archive_entry_free(entry); }
};
struct FreeArchive {
  void operator()(archive* file) const { archive_write_free(file); }
};

}  // namespace

struct ZipStream::State {
  explicit State(Sink where) : sink(std::move(where)) {
    check(archive_write_set_format_zip(zip.get()));
    check(archive_write_set_options(zip.get(), "zip:hdrcharset=UTF-8"));
    check(archive_write_set_bytes_per_block(zip.get(), 0));  // the sink gathers them
    check(archive_write_open(zip.get(), this, nullptr, write, nullptr));
  }

  // libarchive is C: what is thrown waits here.
  static la_ssize_t write(archive* zip, void* self, const void* data, std::size_t size) {
    auto& state = *static_cast<State*>(self);
    try {
      if (!state.trouble) state.sink({static_cast<const char*>(data), size});
      return static_cast<la_ssize_t>(size);
    } catch (...) {
      state.trouble = std::current_exception();
    }
    archive_set_error(zip, EIO, "not written");
    return -1;
  }

  void check(la_ssize_t result) const {
    if (trouble) std::rethrow_exception(trouble);
    if (result >= ARCHIVE_WARN) return;
    const char* text = archive_error_string(zip.get());
    throw Error(ErrorCode::unwritable, std::string("a zip file: ") + (text == nullptr ? "it cannot be written" : text));
  }

  Sink sink;
  std::exception_ptr trouble;
  std::unique_ptr<archive, FreeArchive> zip{archive_write_new()};  // ends first: it writes to the sink
};

ZipStream::ZipStream(Sink sink) : state_(std::make_unique<State>(std::move(sink))) {}

// Unfinished, it may still have a last block to write, which nobody wants.
ZipStream::~ZipStream() {
  state_->sink = [](std::string_view) {};
}

void ZipStream::begin(const std::string& name, std::int64_t size, bool packed) {
  const std::unique_ptr<archive_entry, FreeEntry> entry(archive_entry_new());
  archive_entry_set_pathname_utf8(entry.get(), valid_utf8(name).c_str());
  archive_entry_set_size(entry.get(), size);
  archive_entry_set_filetype(entry.get(), AE_IFREG);
  archive_entry_set_perm(entry.get(), 0644);
  state_->check(packed ? archive_write_zip_set_compression_deflate(state_->zip.get())
                       : archive_write_zip_set_compression_store(state_->zip.get()));
  state_->check(archive_write_header(state_->zip.get(), entry.get()));
}

void ZipStream::add(std::span<const std::byte> bytes) {
  if (!bytes.empty()) state_->check(archive_write_data(state_->zip.get(), bytes.data(), bytes.size()));
}

void ZipStream::finish() {
  state_->check(archive_write_close(state_->zip.get()));
}

}  // namespace pixmill::exports
