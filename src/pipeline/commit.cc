#include "pipeline/commit.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <span>
#include <string>
#include <system_error>

#include "pipeline/naming.h"

namespace pixmill::pipeline {
namespace {

void write_to_standard_output(std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const ssize_t count = ::write(STDOUT_FILENO, bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) {
      throw Error(ErrorCode::unwritable, "standard output: " + std::generic_category().message(errno),
                  "is the reader still there?");
    }
    bytes = bytes.subspan(static_cast<std::size_t>(count));
  }
}

}  // namespace

void Committer::commit(const ItemPtr& item, Made made) {
  attempt(*item, [&] {
    const StageTimer timer(item->times, Stage::write);
    write(*item, made);
  });
  if (item->failure && item->failure->code == ErrorCode::disk_full) parts_.disk_full = true;
  parts_.ended(*item);
}

void Committer::write(Item& item, const Made& made) {
  if (made.files.size() != item.outputs.size()) {
    throw Error(ErrorCode::internal, "the task made " + std::to_string(made.files.size()) + " results where " +
                                         std::to_string(item.outputs.size()) + " were planned");
  }
  if (item.outputs.empty()) return;
  if (item.outputs.front() == kStandardOutput) return show(made.files.front());
  try {
    name(item, made);
  } catch (const Error& error) {
    if (error.code() != ErrorCode::collision || !made_meanwhile(item)) throw;
  }
}

// Another process may run the same job: what it made of the same picture in the same way is this item's result too.
bool Committer::made_meanwhile(const Item& item) {
  return std::all_of(item.outputs.begin(), item.outputs.end(), [&](const std::filesystem::path& output) {
    return parts_.journal.state_of(output, item.key) == Journal::State::done;
  });
}

void Committer::show(const MadeFile& file) {
  if (file.staged.empty()) return write_to_standard_output(file.bytes);
  std::ifstream stream(file.staged, std::ios::binary);
  std::vector<char> block(std::size_t{1} << 20);
  while (stream.read(block.data(), static_cast<std::streamsize>(block.size())), stream.gcount() > 0)
    write_to_standard_output(std::as_bytes(std::span(block).first(static_cast<std::size_t>(stream.gcount()))));
  discard(file.staged);
}

std::filesystem::path Committer::reserve(const std::filesystem::path& output) {
  return parts_.writer.reserve(output == kStandardOutput ? std::filesystem::temp_directory_path() / "picture" : output);
}

void Committer::name(const Item& item, const Made& made) {
  std::vector<std::filesystem::path> staged;
  try {
    for (std::size_t i = 0; i < made.files.size(); ++i) {
      const MadeFile& file = made.files[i];
      staged.push_back(file.staged.empty() ? parts_.writer.stage(item.outputs[i], file.bytes) : file.staged);
    }
    for (std::size_t i = 0; i < made.files.size(); ++i) {
      if (!item.replace[i] && parts_.journal.state_of(item.outputs[i], item.key) == Journal::State::done) {
        parts_.writer.discard(staged[i]);  // another process was quicker; its file may differ in bytes, not in kind
        continue;
      }
      const MadeFile& file = made.files[i];
      parts_.journal.begin(item.outputs[i], item.key,
                           file.staged.empty() ? fingerprint_of(std::span(file.bytes)) : *fingerprint_of(staged[i]));
      parts_.writer.commit(staged[i], item.outputs[i], item.replace[i]);
      parts_.journal.finish(item.outputs[i]);
    }
  } catch (...) {
    for (const std::filesystem::path& file : staged)
      parts_.writer.discard(file);  // those that have a name by now are not there
    throw;
  }
}

}  // namespace pixmill::pipeline
