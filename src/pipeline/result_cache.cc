#include "pixmill/pipeline/result_cache.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <system_error>
#include <utility>

#include "pipeline/fingerprint.h"
#include "pipeline/result_entry.h"
#include "pixmill/core/error.h"
#include "pixmill/platform/cache_folder.h"
#include "pixmill/platform/descriptor.h"
#include "pixmill/platform/files.h"

namespace pixmill::pipeline {
namespace fs = std::filesystem;
namespace {

constexpr std::int64_t kAutomaticLimit = std::int64_t{1} << 30;
constexpr double kTrimmedTo = 0.9;  // of the limit, so that not every new entry starts a search for the oldest

double milliseconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
}

// The bytes of an entry, which now counts as just used. Empty where there is none.
std::vector<std::byte> read_entry(const fs::path& path, std::int64_t most) {
  const platform::Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  struct stat status {};
  if (file.get() < 0 || ::fstat(file.get(), &status) != 0 || !S_ISREG(status.st_mode) || status.st_size > most)
    return {};
  std::vector<std::byte> bytes(static_cast<std::size_t>(status.st_size));
  std::size_t filled = 0;
  while (filled < bytes.size()) {
    const std::size_t count = platform::read_some(file, std::span(bytes).subspan(filled), path);
    if (count == 0) break;
    filled += count;
  }
  bytes.resize(filled);
  ::futimens(file.get(), nullptr);
  return bytes;
}

}  // namespace

fs::path result_folder(const fs::path& cache) {
  return cache / "results";
}

std::int64_t result_cache_limit(std::int64_t wanted, const fs::path& cache) {
  if (wanted >= 0) return wanted;
  std::error_code error;
  fs::path there = cache;
  while (!fs::exists(there, error) && there.has_relative_path()) there = there.parent_path();
  const fs::space_info space = fs::space(there, error);
  if (error || space.available / 4 >= static_cast<std::uintmax_t>(kAutomaticLimit)) return kAutomaticLimit;
  const auto kept = static_cast<std::uintmax_t>(platform::measure_folder(result_folder(cache)).bytes);
  return static_cast<std::int64_t>(
      std::min(static_cast<std::uintmax_t>(kAutomaticLimit), (space.available + kept) / 4));
}

ResultCache::ResultCache(fs::path folder, std::int64_t limit, std::vector<std::string> engines)
    : folder_(std::move(folder)), limit_(limit) {
  for (std::string& engine : engines) engines_.push_back({std::move(engine)});
}

void ResultCache::set_engine(std::string engine, int graph) {
  const std::scoped_lock lock(mutex_);
  engines_.at(static_cast<std::size_t>(graph)).text = std::move(engine);
}

bool ResultCache::is_current(const Key& key) const {
  const std::scoped_lock lock(mutex_);
  return !key.digest.empty() && key.engine == engines_[static_cast<std::size_t>(key.graph)].text;
}

ResultCache::Key ResultCache::key_of(int graph, std::span<const Tensor* const> inputs) const {
  if (!on()) return {};
  Key key;
  key.graph = graph;
  {
    const std::scoped_lock lock(mutex_);
    key.engine = engines_.at(static_cast<std::size_t>(graph)).text;
  }
  std::string text = key.engine;
  for (const Tensor* input : inputs) {
    text += "\n" + std::string(name_of(input->type()));
    for (const std::int64_t extent : input->shape()) text += " " + std::to_string(extent);
    text += "\n" + hash_of({input->data(), input->bytes()});
  }
  key.digest = hash_of(std::as_bytes(std::span(text)));
  return key;
}

fs::path ResultCache::file_of(const Key& key) const {
  return folder_ / key.digest.substr(0, 2) / key.digest.substr(2);
}

std::optional<std::vector<Tensor>> ResultCache::find(const Key& key) {
  if (!is_current(key)) return std::nullopt;
  std::optional<std::vector<Tensor>> found;
  const fs::path path = file_of(key);
  std::vector<std::byte> bytes;
  try {
    bytes = read_entry(path, limit_);
    found = unpack_entry(bytes, key.digest);
    if (!found && !bytes.empty()) fs::remove(path);
  } catch (const std::exception&) {
    // An entry that cannot be read is none.
  }
  const std::scoped_lock lock(mutex_);
  ++(found ? stats_.hits : stats_.misses);
  if (found) stats_.bytes_read += static_cast<std::int64_t>(bytes.size());
  return found;
}

void ResultCache::store(const Key& key, std::span<const Tensor> outputs, double inference_ms, tasks::Keep keep) {
  if (!is_current(key) || !is_worth_it(key.graph, inference_ms, keep)) return;
  try {
    write(key, outputs);
  } catch (const std::exception& error) {
    const std::scoped_lock lock(mutex_);
    if (trouble_.empty()) trouble_ = std::string("no more results are cached: ") + error.what();
  }
}

bool ResultCache::is_worth_it(int graph, double inference_ms, tasks::Keep keep) {
  const std::scoped_lock lock(mutex_);
  double& quickest_ms = engines_[static_cast<std::size_t>(graph)].quickest_ms;
  quickest_ms = std::min(quickest_ms, inference_ms);
  const double write_mean = stats_.stored == 0 ? 0.0 : write_ms_ / static_cast<double>(stats_.stored);
  const bool pays = quickest_ms >= kWorthMs && quickest_ms >= kWorthTimes * write_mean;
  return trouble_.empty() && (keep == tasks::Keep::always || (keep == tasks::Keep::where_it_pays && pays));
}

void ResultCache::write(const Key& key, std::span<const Tensor> outputs) {
  const auto start = std::chrono::steady_clock::now();
  const std::vector<std::byte> bytes = pack_entry(outputs, key.digest);
  const auto size = static_cast<std::int64_t>(bytes.size());
  if (size > limit_) return;
  platform::write_quickly(file_of(key), bytes);
  {
    const std::scoped_lock lock(mutex_);
    ++stats_.stored;
    stats_.bytes_written += size;
    write_ms_ += milliseconds_since(start);
  }
  make_room(size);
}

void ResultCache::make_room(std::int64_t added) {
  const std::scoped_lock lock(mutex_);
  bytes_on_disk_ = bytes_on_disk_ ? *bytes_on_disk_ + added : platform::measure_folder(folder_).bytes;
  if (*bytes_on_disk_ <= limit_) return;
  platform::trim_folder(folder_, static_cast<std::int64_t>(static_cast<double>(limit_) * kTrimmedTo));
  bytes_on_disk_ = platform::measure_folder(folder_).bytes;
}

ResultCache::Stats ResultCache::stats() const {
  const std::scoped_lock lock(mutex_);
  return stats_;
}

std::string ResultCache::trouble() const {
  const std::scoped_lock lock(mutex_);
  return trouble_;
}

}  // namespace pixmill::pipeline
