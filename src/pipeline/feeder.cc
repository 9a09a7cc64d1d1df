#include "pipeline/feeder.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "pipeline/catalogue/database.h"
#include "pipeline/fingerprint.h"
#include "pixmill/platform/memory.h"

namespace pixmill::pipeline {
namespace {

// A share of the network that answers in 20 ms gives 50 files a second to one reader and 400 to eight. Where files come
// at once two are enough; one more for each time that nothing had come for a while.
constexpr std::size_t kFirstReaders = 2;
constexpr std::size_t kMostReaders = 8;
constexpr auto kLate = std::chrono::milliseconds(1);
constexpr std::size_t kWindow = 64;  // pictures that are looked at and not passed on
constexpr auto kPoll = std::chrono::milliseconds(50);

// Why a picture is not made.
constexpr const char* kDoneBefore = "done before";
constexpr const char* kSameContent = "same content";

}  // namespace

// What the readers and the thread that passes on share.
struct Feeder::Ahead {
  Ahead(std::size_t pictures, std::size_t bytes) : count(pictures), limit(bytes) {}

  // The next picture to look at; `count` when there is none.
  std::size_t take() {
    std::unique_lock lock(mutex);
    room.wait(lock, [&] { return stopped || next == count || next < head + kWindow; });
    return stopped ? count : std::min(next++, count);
  }

  // Counts the bytes of a file before it is read. The picture that is wanted next always gets them. False: stopped.
  bool reserve(std::size_t index, std::size_t bytes) {
    std::unique_lock lock(mutex);
    room.wait(lock, [&] { return stopped || index == head || used + bytes <= limit; });
    if (!stopped) used += bytes;
    return !stopped;
  }

  void give(std::size_t index, Answer answer) {
    const std::scoped_lock lock(mutex);
    ring[index % kWindow] = std::move(answer);
    ready[index % kWindow] = true;
    if (index == head) arrived.notify_one();
  }

  // Those that are ready, in order. None: stopped, or nothing came for a while. `late`: they were waited for.
  std::vector<Answer> collect(bool& late) {
    std::unique_lock lock(mutex);
    const auto here = [&] { return stopped || ready[head % kWindow]; };
    late = !arrived.wait_for(lock, kLate, here);
    if (late) arrived.wait_for(lock, kPoll, here);
    std::vector<Answer> answers;
    while (head < count && ready[head % kWindow]) {
      ready[head % kWindow] = false;
      answers.push_back(std::move(ring[head % kWindow]));
      ++head;
    }
    if (trouble) std::rethrow_exception(trouble);
    lock.unlock();
    room.notify_all();
    return answers;
  }

  void release(std::size_t bytes) {
    const std::scoped_lock lock(mutex);
    used -= bytes;
    room.notify_all();
  }

  void stop(std::exception_ptr reason = {}) {
    const std::scoped_lock lock(mutex);
    stopped = true;
    if (!trouble) trouble = std::move(reason);
    room.notify_all();
    arrived.notify_all();
  }

  const std::size_t count;
  const std::size_t limit;
  std::mutex mutex;  // guards all below
  std::condition_variable room, arrived;
  std::size_t next = 0;  // the first that no reader has taken
  std::size_t head = 0;  // the first that was not collected
  std::size_t used = 0;  // bytes of files that are read, or being read
  std::array<Answer, kWindow> ring;
  std::array<bool, kWindow> ready{};
  bool stopped = false;
  std::exception_ptr trouble;
};

Feeder::Feeder(Parts parts) : parts_(std::move(parts)), machine_bytes_(platform::usable_memory_bytes()) {}

Feeder::~Feeder() = default;

void Feeder::feed(const std::function<void(const ItemPtr&)>& push, const std::function<bool()>& stop) {
  Ahead ahead(count(), parts_.read_ahead);
  std::vector<std::jthread> readers;
  const struct Stop {
    Ahead& ahead;
    ~Stop() { ahead.stop(); }
  } stops_at_the_end{ahead};  // before the readers are waited for
  const auto add_reader = [&] {
    if (readers.size() < std::min(kMostReaders, ahead.count)) readers.emplace_back([&] { read_until_stopped(ahead); });
  };
  for (std::size_t i = 0; i < kFirstReaders; ++i) add_reader();
  for (std::size_t passed = 0; passed < ahead.count && !stop();) {
    bool late = false;
    const std::vector<Answer> answers = ahead.collect(late);
    if (late) add_reader();
    for (const Answer& answer : answers) {
      if (stop()) return;
      pass_on(answer, push, stop);
      if (answer.bytes > 0) ahead.release(answer.bytes);
      ++passed;
    }
  }
}

void Feeder::read_until_stopped(Ahead& ahead) {
  try {
    for (std::size_t index = ahead.take(); index < ahead.count; index = ahead.take())
      ahead.give(index, answer(index, ahead));
  } catch (...) {
    ahead.stop(std::current_exception());
  }
}

// A picture that fails is its own failure; where the catalogue fails, the job does.
Feeder::Answer Feeder::answer(std::size_t place, Ahead& ahead) {
  const std::size_t index = parts_.only ? (*parts_.only)[place] : place;
  Answer answer;
  answer.item = std::make_shared<Item>();
  Item& item = *answer.item;
  SourceItem source = parts_.sources.items[index];
  item.input = std::move(source.path);
  item.name = source.relative.string();
  item.outputs = parts_.plan.outputs[index];
  item.identity = parts_.sources.items.identity(index);
  item.key = parts_.key;
  if (parts_.spec.outputs.skip_existing && has_result(item)) {
    answer.skipped = "exists";
    return answer;
  }
  const bool named = item.input != kStandardInput;
  const std::optional<FileStamp> stamp = named ? parts_.files.stamp(item.input) : std::nullopt;
  answer.skipped = why_done_unread(item, stamp);
  if (item.failure || answer.skipped != nullptr) return answer;
  answer.bytes = stamp ? static_cast<std::size_t>(stamp->size) : 0;
  if (!ahead.reserve(place, answer.bytes)) return {};
  item.stamp = stamp ? settled(*stamp) : FileStamp();
  attempt(item, [&] { read(item); });
  if (!named) standard_input_ = item.identity = std::string(kStandardInput) + ":" + item.key.content;  // no other name
  answer.skipped = why_done(item);
  if (answer.skipped != nullptr && item.stamp.mtime_ns != 0)
    parts_.catalogue.saw_input(item.identity, item.stamp, item.key.content);
  return answer;
}

// Where the input looks as it did when it was read.
const char* Feeder::why_done_unread(Item& item, const std::optional<FileStamp>& stamp) const {
  if (!stamp || parts_.spec.checksum || parts_.spec.outputs.force) return nullptr;
  const std::optional<std::string> content = parts_.catalogue.content_of(item.identity, *stamp);
  if (!content) return nullptr;
  item.key.content = *content;
  item.stamp = *stamp;
  return why_done(item);
}

void Feeder::read(Item& item) {
  const StageTimer timer(item.times, Stage::read);
  item.file = parts_.files.read(item.input);
  item.key.content = hash_of(item.file);
  const codecs::Header header = codecs::read_header(item.file, item.input.string());
  item.size = header.size;
  item.bytes = item.file.size() + parts_.bytes_of(header);
  const auto needed = static_cast<std::int64_t>(item.bytes);
  if (needed > machine_bytes_) {
    throw Error(
        ErrorCode::too_large,
        item.input.string() + ": would need about " + std::to_string(needed >> 20) + " MiB, more than this machine has",
        "use a smaller --canvas, or shrink the picture first");
  }
}

void Feeder::pass_on(const Answer& answer, const std::function<void(const ItemPtr&)>& push,
                     const std::function<bool()>& stop) {
  const ItemPtr& item = answer.item;
  if (!item) return;
  if (parts_.spec.dry_run || item->failure || answer.skipped != nullptr) return report(*item, answer.skipped);
  const auto start = std::chrono::steady_clock::now();
  bool waited = false;
  item->share = parts_.budget.acquire(item->bytes, waited);
  if (waited) seconds_waited_ += std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  if (!stop()) push(item);
}

void Feeder::report(const Item& item, const char* skipped) const {
  if (parts_.spec.dry_run) {
    if (item.failure) {
      parts_.reporter.planned({item.input, item.outputs, "refuse", item.failure->message});
    } else if (skipped != nullptr) {
      parts_.reporter.planned({item.input, item.outputs, "skip", skipped});
    } else {
      parts_.reporter.planned({item.input, item.outputs, "write", {}});
    }
  } else if (item.failure) {
    parts_.reporter.failed(*item.failure);
  } else {
    parts_.reporter.skipped({item.input, item.outputs, skipped});
  }
}

bool Feeder::has_result(const Item& item) {
  return std::any_of(item.outputs.begin(), item.outputs.end(), [](const std::filesystem::path& output) {
    std::error_code ignored;
    return output != kStandardOutput && std::filesystem::exists(std::filesystem::symlink_status(output, ignored));
  });
}

// Null: it is to be made. A file that may not be replaced, or not be read, is the item's failure.
const char* Feeder::why_done(Item& item) const {
  if (item.failure) return nullptr;
  try {
    if (!files_stand(item) || parts_.spec.outputs.force) return nullptr;
    const bool needs_row = parts_.stores_records || item.outputs.empty();
    return needs_row ? why_recorded(item) : kDoneBefore;
  } catch (const CatalogueError&) {
    throw;  // the job's failure
  } catch (const Error& error) {
    item.failure = Failed{item.input, error.code(), error.message(), error.hint()};
    return nullptr;
  }
}

// Whether the catalogue has the item's result; that of an equal picture becomes its own.
const char* Feeder::why_recorded(const Item& item) const {
  if (parts_.catalogue.has_result(item.identity, item.key)) return kDoneBefore;
  if (!parts_.by_content || !parts_.catalogue.has_result(item.key)) return nullptr;
  parts_.catalogue.share_result(item.identity, item.stamp, item.key);
  return kSameContent;
}

// Whether all its files are there. Settles what may be done with those that stand in their places.
bool Feeder::files_stand(Item& item) const {
  const OutputSpec& spec = parts_.spec.outputs;
  item.replace.clear();
  item.compare.clear();
  item.owners.clear();
  if (!item.outputs.empty() && item.outputs.front() == kStandardOutput) return false;
  const Asker asker{item.identity, item.stamp, item.key, parts_.spec.checksum};
  bool done = true;
  for (const std::filesystem::path& output : item.outputs) {
    const Claim claim = claim_of(parts_.catalogue, output, asker);
    const bool ours = claim.standing == Standing::done || claim.standing == Standing::stale;
    if (auto refusal = refusal_of(claim, output, !parts_.spec.dry_run); refusal && !spec.overwrite)
      throw Error(ErrorCode::collision, *refusal, "--overwrite replaces it; another -o or --name leaves it alone");
    item.replace.push_back(ours || (spec.overwrite && claim.standing != Standing::absent));
    item.compare.push_back(claim.standing == Standing::unknown && !spec.overwrite);
    item.owners.push_back(claim.owner);
    done &= claim.standing == Standing::done;
  }
  return done;
}

}  // namespace pixmill::pipeline
