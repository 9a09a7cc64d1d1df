#include "pipeline/feeder.h"

#include <algorithm>
#include <chrono>
#include <string>

#include "pixmill/codecs/read_file.h"
#include "pixmill/platform/memory.h"

namespace pixmill::pipeline {

Feeder::Feeder(const Parts& parts) : parts_(parts), machine_bytes_(platform::usable_memory_bytes()) {}

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
  if (parts_.spec.outputs.skip_existing && has_result(*item)) return skip(*item, "exists");
  item->replace.assign(item->outputs.size(), false);
  attempt(*item, [&] {
    const StageTimer timer(item->times, Stage::read);
    item->file = codecs::read_file(item->input);
    item->key = parts_.key;
    item->key.content = hash_of(item->file);
    const codecs::Header header = codecs::read_header(item->file, item->input.string());
    item->size = header.size;
    const auto needed = static_cast<std::int64_t>(bytes_in_flight(*item));
    if (needed > machine_bytes_) {
      throw Error(ErrorCode::too_large,
                  item->input.string() + ": would need about " + std::to_string(needed >> 20) +
                      " MiB, more than this machine has",
                  "use a smaller --canvas, or shrink the picture first");
    }
  });
  if (!item->failure) {
    try {
      if (settle_outputs(*item)) return item;
      return skip(*item, "done before");
    } catch (const Error& error) {
      item->failure = Failed{item->input, error.code(), error.message(), error.hint()};
    }
  }
  parts_.spec.dry_run ? parts_.reporter.planned({item->input, item->outputs, "refuse", item->failure->message})
                      : parts_.reporter.failed(*item->failure);
  return nullptr;
}

bool Feeder::has_result(const Item& item) {
  return std::any_of(item.outputs.begin(), item.outputs.end(), [](const std::filesystem::path& output) {
    std::error_code ignored;
    return output != kStandardOutput && std::filesystem::exists(std::filesystem::symlink_status(output, ignored));
  });
}

ItemPtr Feeder::skip(const Item& item, const char* reason) const {
  parts_.spec.dry_run ? parts_.reporter.planned({item.input, item.outputs, "skip", reason})
                      : parts_.reporter.skipped({item.input, item.outputs, reason});
  return nullptr;
}

// False when all is done already. Throws Error{collision} when a file stands there that is not pixmill's.
bool Feeder::settle_outputs(Item& item) const {
  if (item.outputs.empty() || item.outputs.front() == kStandardOutput) return true;
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

std::size_t Feeder::bytes_in_flight(const Item& item) const {
  return item.file.size() + parts_.cost(item.size);
}

}  // namespace pixmill::pipeline
