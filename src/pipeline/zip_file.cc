#include "pipeline/zip_file.h"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include "pipeline/growing_file.h"
#include "pixmill/core/error.h"
#include "pixmill/exports/zip_stream.h"
#include "pixmill/platform/descriptor.h"
#include "pixmill/platform/files.h"

namespace pixmill::pipeline {
namespace fs = std::filesystem;
namespace {

constexpr std::size_t kPiece = 1 << 18;  // bytes of a file that is streamed

}  // namespace

struct ZipFile::State {
  State(fs::path file, fs::path later) : out(std::move(file), std::move(later)) {}

  GrowingFile out;
  exports::ZipStream zip{[this](std::string_view bytes) { out.write(bytes); }};
};

ZipFile::ZipFile(fs::path file, fs::path meant) : state_(std::make_unique<State>(std::move(file), std::move(meant))) {}

ZipFile::~ZipFile() = default;

void ZipFile::add(const std::string& name, std::span<const std::byte> bytes) {
  state_->zip.begin(name, static_cast<std::int64_t>(bytes.size()), true);
  state_->zip.add(bytes);
}

void ZipFile::add_file(const std::string& name, const fs::path& source, bool packed) {
  const platform::Descriptor file = platform::open_to_read(source);
  struct stat status = {};
  if (::fstat(file.get(), &status) != 0) throw platform::read_error(errno, source);
  state_->zip.begin(name, status.st_size, packed);
  std::vector<std::byte> piece(kPiece);
  std::int64_t rest = status.st_size;
  while (rest > 0) {
    const std::size_t want = std::min<std::size_t>(piece.size(), static_cast<std::size_t>(rest));
    const std::size_t count = platform::read_some(file, std::span(piece).first(want), source);
    if (count == 0) throw Error(ErrorCode::unreadable, source.string() + " became shorter while it was read");
    state_->zip.add(std::span(piece).first(count));
    rest -= static_cast<std::int64_t>(count);
  }
}

fs::path ZipFile::finish() {
  state_->zip.finish();
  return state_->out.finish();
}

}  // namespace pixmill::pipeline
