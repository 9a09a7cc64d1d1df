// One picture in a job.
#pragma once

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "pipeline/budget.h"
#include "pixmill/codecs/codec.h"
#include "pixmill/pipeline/catalogue.h"
#include "pixmill/pipeline/event.h"

namespace pixmill::pipeline {

struct Item {
  std::filesystem::path input;
  std::string name;                            // its path below the folder that it was found in
  std::vector<std::filesystem::path> outputs;  // one for each product of the task
  std::vector<bool> replace;  // per output: a file of ours (or one that may be overwritten) stands there
  std::vector<bool> compare;  // per output: a file that nobody knows stands there; missing: none does
  std::vector<std::filesystem::path> owners;  // per output: the input that the catalogue names; missing: none
  std::filesystem::path identity;             // the input's name in the catalogue; empty: `input`
  FileStamp stamp;                            // of the input, when it was read
  ResultKey key;
  Budget::Share share;          // given back when the item ends
  std::vector<std::byte> file;  // until it is decoded
  Size size;
  std::size_t bytes = 0;  // that it needs at most while it is in work
  StageTimes times{};
  std::vector<std::string> notes;                             // of the task
  std::vector<std::pair<std::string, std::int64_t>> tallies;  // figures of the job that this picture adds to
  std::optional<Failed> failure;                              // set once; later stages let the item pass
  bool left = false;                                          // for the next run: no device is left that runs the model
};

// Adds to the figure of that name, or makes it.
inline void add_to(std::vector<std::pair<std::string, std::int64_t>>& tallies, std::string_view name,
                   std::int64_t count) {
  for (auto& [known, sum] : tallies) {
    if (known != name) continue;
    sum += count;
    return;
  }
  tallies.emplace_back(name, count);
}

using ItemPtr = std::shared_ptr<Item>;

// Adds the time from its making to its end to one stage of an item.
class StageTimer {
 public:
  StageTimer(StageTimes& times, Stage stage) : slot_(times[static_cast<std::size_t>(stage)]) {}
  StageTimer(const StageTimer&) = delete;
  StageTimer& operator=(const StageTimer&) = delete;
  ~StageTimer() {
    slot_ += std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start_).count();
  }

 private:
  double& slot_;
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

// Runs one stage of an item; what it throws becomes the item's failure.
template <typename Work>
void attempt(Item& item, Work&& work) {
  if (item.failure) return;
  try {
    work();
  } catch (const Error& error) {
    item.failure = Failed{item.input, error.code(), error.message(), error.hint()};
  } catch (const std::bad_alloc&) {
    item.failure = Failed{item.input, ErrorCode::out_of_memory, item.input.string() + ": not enough memory",
                          "lower --memory or --jobs"};
  } catch (const std::exception& error) {
    item.failure =
        Failed{item.input, ErrorCode::internal, item.input.string() + ": " + error.what(), "please report this"};
  }
}

}  // namespace pixmill::pipeline
