#include "pipeline/feeder.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <system_error>

namespace pixmill::pipeline {
namespace fs = std::filesystem;
namespace {

constexpr std::size_t kMaxFileBytes = std::size_t{4}
                                      << 30;  // no photograph is larger; a disk image with a picture's head may be
constexpr std::size_t kBlock = std::size_t{1} << 18;

class Descriptor {
 public:
  explicit Descriptor(const fs::path& path)
      : number_(path == "-" ? STDIN_FILENO : ::open(path.c_str(), O_RDONLY | O_CLOEXEC)) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (number_ > STDIN_FILENO) ::close(number_);
  }
  int number() const { return number_; }

 private:
  int number_;
};

[[noreturn]] void throw_read_error(const fs::path& path, int reason) {
  const std::string what = path.string() + ": " + std::generic_category().message(reason);
  if (reason == ENOENT) throw Error(ErrorCode::not_found, what, "it was there when the folder was listed; run again");
  throw Error(ErrorCode::unreadable, what,
              reason == EACCES ? "give this user the right to read it" : "check the disk it lies on");
}

// The whole file. A file that does not begin like a picture is not read past its head.
std::vector<std::byte> read_file(const fs::path& path) {
  const Descriptor file(path);
  if (file.number() < 0) throw_read_error(path, errno);
  struct stat status {};
  if (::fstat(file.number(), &status) != 0) throw_read_error(path, errno);
  if (S_ISDIR(status.st_mode)) throw_read_error(path, EISDIR);
  if (!S_ISREG(status.st_mode) && !S_ISFIFO(status.st_mode) && path != "-") {
    throw Error(ErrorCode::unsupported, path.string() + ": not a file", "name pictures, folders or lists");
  }
  std::vector<std::byte> bytes(
      S_ISREG(status.st_mode) ? std::min<std::size_t>(static_cast<std::size_t>(status.st_size) + 1, kBlock) : kBlock);
  std::size_t filled = 0;
  while (true) {
    if (filled == bytes.size()) {
      if (!codecs::sniff(bytes) || filled > kMaxFileBytes) break;
      bytes.resize(std::max(std::min<std::size_t>(static_cast<std::size_t>(status.st_size) + 1, kMaxFileBytes + 1),
                            filled + kBlock));
    }
    const ssize_t count = ::read(file.number(), bytes.data() + filled, bytes.size() - filled);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) throw_read_error(path, errno);
    if (count == 0) break;
    filled += static_cast<std::size_t>(count);
  }
  if (filled > kMaxFileBytes) {
    throw Error(ErrorCode::too_large, path.string() + ": larger than 4 GiB", "split it, or shrink it first");
  }
  bytes.resize(filled);
  return bytes;
}

}  // namespace

void Feeder::feed(const std::function<void(const ItemPtr&)>& push, const std::function<bool()>& stop) {
  for (std::size_t i = 0; i < parts_.sources.items.size() && !stop(); ++i) {
    ItemPtr item = read(i);
    if (!item) continue;
    if (parts_.spec.dry_run) {
      parts_.reporter.planned({item->input, item->outputs, "write", {}});
      continue;
    }
    const auto start = std::chrono::steady_clock::now();
    bool waited = false;
    item->share = parts_.budget.acquire(bytes_in_flight(*item), waited);
    if (waited) seconds_waited_ += std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    if (stop()) return;
    push(item);
  }
}

ItemPtr Feeder::read(std::size_t index) {
  auto item = std::make_shared<Item>();
  item->input = parts_.sources.items[index].path;
  item->outputs = parts_.plan.outputs[index];
  item->replace.assign(item->outputs.size(), false);
  attempt(*item, [&] {
    const StageTimer timer(item->times, Stage::read);
    item->file = read_file(item->input);
    item->key = parts_.key;
    item->key.content = hash_of(item->file);
    const codecs::Header header = codecs::read_header(item->file, item->input.string());
    item->size = header.size;
  });
  if (!item->failure) {
    try {
      if (settle_outputs(*item)) return item;
      parts_.spec.dry_run ? parts_.reporter.planned({item->input, item->outputs, "skip", "done before"})
                          : parts_.reporter.skipped({item->input, item->outputs});
      return nullptr;
    } catch (const Error& error) {
      item->failure = Failed{item->input, error.code(), error.message(), error.hint()};
    }
  }
  parts_.spec.dry_run ? parts_.reporter.planned({item->input, item->outputs, "refuse", item->failure->message})
                      : parts_.reporter.failed(*item->failure);
  return nullptr;
}

// False when all is done already. Throws Error{collision} when a file stands there that is not pixmill's.
bool Feeder::settle_outputs(Item& item) const {
  if (item.outputs.front() == kStandardOutput) return true;
  const OutputSpec& spec = parts_.spec.outputs;
  bool all_done = true;
  for (std::size_t i = 0; i < item.outputs.size(); ++i) {
    const Journal::State state = parts_.journal.state_of(item.outputs[i], item.key);
    if (state == Journal::State::foreign && !spec.overwrite) {
      throw Error(ErrorCode::collision,
                  item.outputs[i].string() + " exists and was not made by pixmill, or was changed since",
                  "--overwrite replaces it");
    }
    item.replace[i] = state != Journal::State::absent;
    all_done &= state == Journal::State::done;
  }
  return !all_done || spec.force;
}

// The file, the decoded photo, its enlarged matte (f32), the foreground and the result, at their largest moment.
std::size_t Feeder::bytes_in_flight(const Item& item) const {
  constexpr std::size_t kBytesPerPixel = 20;
  return item.file.size() + static_cast<std::size_t>(item.size.area()) * kBytesPerPixel;
}

}  // namespace pixmill::pipeline
