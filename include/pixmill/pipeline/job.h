// A job: many pictures through one task, in bounded memory; it can be interrupted and resumed.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "pixmill/codecs/codec.h"
#include "pixmill/models/model_card.h"
#include "pixmill/pipeline/event.h"
#include "pixmill/pipeline/exporting.h"
#include "pixmill/pipeline/picking.h"
#include "pixmill/pipeline/recorded.h"
#include "pixmill/platform/home.h"
#include "pixmill/runtime/session.h"
#include "pixmill/tasks/task.h"

namespace pixmill::pipeline {

// Which pictures. See docs: a file, a folder, a glob, @list.txt, "@-" for a list on standard input, or "-" for one
// picture there.
struct InputSpec {
  std::vector<std::string> inputs;
  std::string nul_list = {};         // a file of paths that end with NUL bytes, "-" for standard input; empty: none
  std::vector<std::string> include;  // globs on the path below its folder; empty: all
  std::vector<std::string> exclude;
  bool recursive = true;
  bool follow_links = false;
  std::optional<std::int64_t> newer_than;  // seconds since 1970; older files are left out
  std::int64_t limit = 0;                  // 0: all
  int shard_index = 1, shard_count = 1;    // 1-based; by hash of the relative path
};

// Where the results go and how they are called.
struct OutputSpec {
  std::string output;             // folder, file (one input), "-" (standard output), or empty: beside the one input
  std::string name_template;      // "{dir}/{stem}_nobg.{ext}"
  codecs::EncodeOptions picture;  // where the task does not say the format
  bool keep_metadata = true;
  bool overwrite = false;      // files that the catalogue does not know, or knows of another input
  bool force = false;          // do again what is done
  bool skip_existing = false;  // leave out every picture that has a result, no matter what made it
};

// A model of a task that runs several.
struct FurtherModel {
  std::string name;                     // id or path
  std::vector<std::string> tasks = {};  // of its card; empty: any
  int input_size = 0;                   // as JobSpec has it
};

struct JobSpec {
  std::string job;  // its name: part of result keys and of names of results
  InputSpec inputs;
  OutputSpec outputs;
  std::string model;                          // id or path; empty: the task runs none
  std::vector<std::string> model_tasks = {};  // of the cards of models that it takes; empty: the job's own name
  std::vector<FurtherModel> further_models = {};
  int input_size = 0;  // pixels of both sides of the model's input, where its file leaves them open; 0: the card's
  std::vector<std::string> notes = {};  // warnings of the caller, emitted when the job begins
  runtime::SessionOptions session;
  int batch = 0;                  // 0: chosen by device
  int workers = 0;                // threads that decode, compute and encode; 0: two for each usable core
  std::size_t memory_bytes = 0;   // pictures in flight; 0: chosen by the machine's memory
  std::int64_t cache_bytes = -1;  // limit of the cache of results on disk; 0: none; negative: chosen by the free disk
  // Limit of the models that this process keeps loaded for its next jobs; 0: none; negative: 4 GiB. It is one for the
  // whole process: the job that started last sets it.
  std::int64_t session_cache_bytes = -1;
  codecs::DecodeOptions decode;
  bool fail_fast = false;
  bool dry_run = false;
  bool checksum = false;  // read every input and result that is there, where size, time and inode say "unchanged"
  std::string settings;   // canonical text of every option that changes pixels: part of the resume key
  platform::Home home;
  std::vector<ExportFormat> exports = {};  // written from the records when the last picture has ended
  DataSet data_set = {};                   // that they are written as
  std::optional<Pick> pick = {};           // a rule that chooses pictures: exports are of those alone
  // Called when the last picture has ended, in a dry run too. What it throws ends the job.
  std::function<void(const Recorded&)> then = {};
  // From the cards of `model` and `further_models`, in that order.
  std::function<std::unique_ptr<tasks::Task>(std::vector<models::ModelCard>)> make_task;
};

// Runs to the end, or until `stop` turns true: what is in flight is then finished and committed. Bad pictures become
// Failed events; only what keeps the whole job from running is thrown: Error{usage, no_device, bad_model, not_found,
// collision, unwritable}. Starts threads and ends them. Several jobs may run at once.
Ended run(const JobSpec& spec, const EventSink& sink, const std::atomic<bool>& stop);

// Forgets the models that this process keeps loaded; what a running job uses lives until its end. Thread-safe.
void clear_session_cache();

}  // namespace pixmill::pipeline
