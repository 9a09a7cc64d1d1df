#include "pipeline/picture_exports.h"

#include <oneapi/tbb/global_control.h>
#include <oneapi/tbb/task_arena.h>

#include <algorithm>
#include <optional>
#include <span>
#include <utility>

#include "pipeline/input_picture.h"
#include "pipeline/naming.h"
#include "pixmill/core/error.h"
#include "pixmill/platform/cores.h"
#include "pixmill/platform/memory.h"

namespace pixmill::pipeline {
namespace fs = std::filesystem;
namespace {

using exports::Scope;

constexpr std::size_t kMaxAutomaticMemory = std::size_t{1} << 30;

int workers_of(const PictureWork& work) {
  return work.workers > 0 ? work.workers : platform::usable_cores();
}

std::size_t memory_of(const PictureWork& work) {
  if (work.memory_bytes > 0) return work.memory_bytes;
  return std::min(static_cast<std::size_t>(platform::usable_memory_bytes() / 8), kMaxAutomaticMemory);
}

// Of all that makes the files of a picture in a format, besides the picture.
std::string hash_of_making(const ExportFormat& format, const StoredRecord& record,
                           const std::vector<NearRecord>& neighbours) {
  std::string text = std::string(format.row->name) + " " + std::to_string(format.row->version) + "\n" + format.options +
                     "\n" + record.kind + "\n";
  text.append(reinterpret_cast<const char*>(record.body.data()), record.body.size());
  for (const NearRecord& one : neighbours) {
    text += "\n" + std::to_string(one.offset) + " " + one.record.kind + "\n";
    text.append(reinterpret_cast<const char*>(one.record.body.data()), one.record.body.size());
  }
  return hash_of(std::as_bytes(std::span(text)));
}

}  // namespace

std::string way_from(const fs::path& file, const fs::path& picture) {
  if (file == kStandardOutput || !picture.is_absolute()) return {};
  return picture.lexically_relative(file.parent_path()).generic_string();
}

// All places of the arena are for workers, as the calling thread mostly waits; see Line::Pool.
struct PictureExports::Pool {
  explicit Pool(int threads)
      : limit(tbb::global_control::max_allowed_parallelism, static_cast<std::size_t>(threads) + 1), arena(threads, 0) {
    if (plain_threads_wanted()) {
      workers = make_plain_workers(threads);
    } else {
      arena.execute([&] { workers = make_resumable_workers(); });
    }
  }
  tbb::global_control limit;
  tbb::task_arena arena;
  std::unique_ptr<Workers> workers;
};

// What is to be made of a picture in one format.
struct PictureExports::Task {
  ShownFormat* shown = nullptr;
  std::string made_of;
  std::size_t bytes = 0;               // that making it takes, beside the picture
  std::string prepared;                // of Scope::job
  std::vector<NearRecord> neighbours;  // of Scope::picture
  bool failed = false;

  const exports::ExportRow& row() const { return *shown->format->row; }
};

struct PictureExports::Picture {
  ExportInput input;
  std::size_t index = 0;
  ExportOwner owner;
  StoredRecord record;
  std::vector<Task> tasks;
  std::unique_ptr<InputPicture> file;
  Budget::Share share;
  bool made = false;

  exports::Entry entry(std::string_view name) const { return {name, record.kind, record.body, file.get()}; }
};

PictureExports::PictureExports(ExportCommits& files, const ExportNames& names, const PictureWork& work)
    : files_(files),
      names_(names),
      work_(work),
      budget_(memory_of(work), static_cast<std::size_t>(workers_of(work)) + 1),
      pool_(std::make_unique<Pool>(workers_of(work))) {}

PictureExports::~PictureExports() {
  pool_->workers->drain();
}

void PictureExports::add(const std::vector<ShownFormat*>& formats, const ExportInput& input, std::size_t index,
                         const StoredRecord& record) {
  check();
  auto picture = std::make_shared<Picture>();
  picture->input = input;
  picture->index = index;
  picture->owner = files_.owner_of(input);
  picture->record = record;
  for (ShownFormat* shown : formats) {
    Task task{.shown = shown};
    attempt(task, *picture, [&] {
      const int reach = shown->exporter->reach(picture->entry(input.relative));
      if (reach > 0 && work_.near) task.neighbours = work_.near(index, reach);
      task.made_of = hash_of_making(*shown->format, record, task.neighbours);
      if (is_there(task, *picture)) {
        files_.count_picture(*shown->result);
      } else {
        task.bytes = shown->exporter->bytes(picture->entry(input.relative));
        picture->tasks.push_back(std::move(task));
      }
    });
  }
  if (picture->tasks.empty()) return check();
  const auto shown = std::count_if(picture->tasks.begin(), picture->tasks.end(),
                                   [](const Task& task) { return task.row().shows_pictures; });
  picture->file = std::make_unique<InputPicture>(input, picture->owner, work_.decode, static_cast<int>(shown));
  bool waited = false;
  picture->share = budget_.acquire(bytes_of(*picture), waited);
  waiting_.push_back(picture);
  pool_->workers->start([this, picture] { make(*picture); });
  pass_on_finished(false);
}

void PictureExports::drain() {
  pool_->workers->drain();
  pass_on_finished(true);
  check();
}

std::size_t PictureExports::bytes_of(const Picture& picture) {
  std::size_t most = 0;
  for (const Task& task : picture.tasks) most = std::max(most, task.bytes);
  return picture.file->bytes() + most;
}

// Counts the files that stand there.
bool PictureExports::is_there(Task& task, const Picture& picture) const {
  if (task.row().scope == Scope::job) return false;
  std::vector<fs::path> outputs;
  if (task.row().scope == Scope::picture) {
    outputs.push_back(names_.of_picture(task.row(), picture.input, picture.index));
  } else {
    const std::string name = names_.named(task.row(), picture.input, picture.index).generic_string();
    for (const std::string& one : task.shown->format->make()->names_of(picture.entry(name)))
      outputs.push_back(names_.of_several(task.row(), picture.input) / one);
  }
  const bool all = std::all_of(outputs.begin(), outputs.end(), [&](const fs::path& output) {
    return files_.stands(*task.shown->result, picture.owner, output, task.made_of);
  });
  if (all) files_.count_unchanged(*task.shown->result, outputs.size());
  return all;
}

// On a worker.
void PictureExports::make(Picture& picture) {
  for (Task& task : picture.tasks) {
    attempt(task, picture, [&] {
      if (task.row().scope == Scope::job) {
        task.prepared = task.shown->exporter->prepare(picture.entry(picture.input.relative));
      } else {
        make_files(task, picture);
        files_.count_picture(*task.shown->result);
      }
    });
  }
  picture.file.reset();
  picture.share = {};
  const std::scoped_lock lock(mutex_);
  picture.made = true;
  made_one_.notify_one();
}

void PictureExports::make_files(Task& task, Picture& picture) {
  const std::unique_ptr<exports::Exporter> exporter = task.shown->format->make();
  if (task.row().scope == Scope::picture) {
    std::optional<std::string> bytes;
    exports::Entry entry = picture.entry(picture.input.relative);
    std::vector<exports::Neighbour> neighbours;
    for (const NearRecord& one : task.neighbours) neighbours.push_back({one.offset, one.record.kind, one.record.body});
    entry.neighbours = neighbours;
    exporter->add(entry, [&](std::string_view part) { bytes ? bytes->append(part) : bytes.emplace(part); });
    const fs::path output = names_.of_picture(task.row(), picture.input, picture.index);
    if (bytes || !task.row().in_parallel) {
      settle(task, picture, output, bytes.value_or(""));
    } else {
      files_.retract(*task.shown->result, picture.owner, output);
    }
  } else {
    const std::string name = names_.named(task.row(), picture.input, picture.index).generic_string();
    const fs::path folder = names_.of_several(task.row(), picture.input);
    for (const exports::SideFile& file : exporter->files_of(picture.entry(name)))
      settle(task, picture, folder / file.name, file.text);
  }
  files_.add_notes(*task.shown->result, exporter->notes());
}

void PictureExports::settle(const Task& task, const Picture& picture, const fs::path& file, const std::string& bytes) {
  files_.settle(*task.shown->result, picture.owner, picture.input.path, file, {.bytes = bytes_of_text(bytes)},
                task.made_of);
}

// On the calling thread: what formats of whole jobs get.
void PictureExports::pass_on(Picture& picture) {
  for (Task& task : picture.tasks) {
    if (task.row().scope != Scope::job || task.failed) continue;
    attempt(task, picture, [&] {
      exports::Entry entry = picture.entry(picture.input.relative);
      const std::string link = way_from(task.shown->result->path, picture.input.identity);
      entry.prepared = task.prepared;
      entry.link = link;
      task.shown->exporter->add(entry, task.shown->sink);
      files_.count_picture(*task.shown->result);
    });
  }
}

void PictureExports::pass_on_finished(bool all) {
  while (!waiting_.empty()) {
    {
      std::unique_lock lock(mutex_);
      if (all) made_one_.wait(lock, [&] { return waiting_.front()->made; });
      if (!waiting_.front()->made) return;
    }
    pass_on(*waiting_.front());
    waiting_.pop_front();
  }
}

// An option that fits no picture ends the export; everything else is the picture's own failure.
void PictureExports::attempt(Task& task, const Picture& picture, const std::function<void()>& work) {
  Failed failed{picture.input.path, ErrorCode::internal, "", "please report this"};
  try {
    return work();
  } catch (const Error& error) {
    if (error.code() == ErrorCode::usage) {
      const std::scoped_lock lock(mutex_);
      if (!usage_) usage_ = std::current_exception();
      task.failed = true;
      return;
    }
    failed = {picture.input.path, error.code(), error.message(), error.hint()};
  } catch (const std::bad_alloc&) {
    failed = {picture.input.path, ErrorCode::out_of_memory, picture.input.path + ": not enough memory",
              "lower --memory or --jobs"};
  } catch (const std::exception& error) {
    failed.message = picture.input.path + ": " + error.what();
  }
  task.failed = true;
  files_.fail(*task.shown->result, std::move(failed));
}

void PictureExports::check() {
  const std::scoped_lock lock(mutex_);
  if (usage_) std::rethrow_exception(usage_);
}

}  // namespace pixmill::pipeline
