#include "pixmill/pipeline/job.h"

#include <algorithm>
#include <numeric>

#include "pipeline/feeder.h"
#include "pipeline/line.h"
#include "pipeline/machine.h"
#include "pixmill/models/model_store.h"
#include "pixmill/runtime/devices.h"

namespace pixmill::pipeline {
namespace {

// Bump when the arithmetic between model and file changes, so that results of older versions are made again.
constexpr std::string_view kArithmetic = "1";

constexpr std::size_t kMaxAutomaticMemory = std::size_t{2} << 30;
constexpr int kItemsPerWorker = 3;  // one in work, one prepared, one on its way

// Loaded models are kept for the life of the process: the next job of a server or a library user starts at once.
runtime::SessionCache& session_cache() {
  static runtime::SessionCache cache;
  return cache;
}

models::ResolvedModel resolve_model(const JobSpec& spec) {
  const models::ModelStore store(spec.home.models);
  const auto read_signature = [](const std::string& name, std::span<const std::byte> bytes) {
    return runtime::read_signature({name, bytes, {}});
  };
  return store.resolve(spec.model.empty() ? models::default_model(spec.job) : spec.model, spec.job, read_signature);
}

// "auto" precision becomes the fastest one that the card says was measured to be good and that runs natively here.
runtime::SessionOptions session_options(const JobSpec& spec, const models::ModelCard& card) {
  runtime::SessionOptions options = spec.session;
  options.deny.insert(options.deny.end(), card.runtime.deny.begin(), card.runtime.deny.end());
  if (options.precision == runtime::Precision::automatic)
    options.precision = runtime::choose_precision(options, card.runtime.precision);
  return options;
}

// The shape that every batch of the job has; empty where the shape follows the photograph.
std::vector<std::int64_t> common_shape(const tasks::Task& task, int batch) {
  if (task.card().input.fit == models::Fit::short_side) return {};
  std::vector<std::int64_t> shape = task.input_shape();
  shape.front() = batch;
  return shape;
}

std::string settings_hash(const JobSpec& spec, const runtime::SessionOptions& session) {
  const codecs::EncodeOptions& picture = spec.outputs.picture;
  std::string text = spec.settings;
  text +=
      "\narithmetic=" + std::string(kArithmetic) + "\nprecision=" + std::string(runtime::name_of(session.precision));
  text += "\nformat=" + std::string(codecs::name_of(picture.format)) + "," + std::to_string(picture.quality) + "," +
          std::to_string(picture.compression);
  text += "\nmetadata=" + std::to_string(static_cast<int>(spec.outputs.keep_metadata));
  return hash_of(std::as_bytes(std::span(text)));
}

std::size_t memory_budget(const JobSpec& spec) {
  if (spec.memory_bytes > 0) return spec.memory_bytes;
  return std::min(static_cast<std::size_t>(usable_memory_bytes() / 4), kMaxAutomaticMemory);
}

// Where the time went, in words. `waited_s`: how long the reader waited for room.
std::string bottleneck(const Ended& ended, double waited_s) {
  const double compute = std::accumulate(ended.times.begin() + 1, ended.times.end(), 0.0) / 1000.0;
  if (ended.done == 0 || compute <= 0.0) return {};
  if (ended.session.load_seconds > 0.4 * ended.elapsed_s) return "loading the model, once";
  const double reading = ended.times[static_cast<std::size_t>(Stage::read)] / 1000.0;
  if (reading > 0.5 * ended.elapsed_s && waited_s < 0.1 * ended.elapsed_s)
    return "reading: the workers waited for pictures";
  const auto slowest = std::max_element(ended.times.begin() + 1, ended.times.end());
  const auto stage = static_cast<Stage>(slowest - ended.times.begin());
  return std::string(name_of(stage)) + ": " +
         std::to_string(static_cast<int>(100.0 * *slowest / 1000.0 / compute + 0.5)) + "% of the computing time";
}

class Job {
 public:
  Job(const JobSpec& spec, const EventSink& sink, const std::atomic<bool>& stop)
      : spec_(spec), reporter_(sink), stop_(stop) {}

  Ended run() {
    const Sources sources = find_sources(spec_.inputs);
    const models::ResolvedModel model = resolve_model(spec_);
    runtime::SessionOptions options = session_options(spec_, model.card);
    const std::unique_ptr<tasks::Task> task = spec_.make_task(model.card);
    const int wanted_batch = spec_.batch > 0 ? spec_.batch : model.card.runtime.batch;
    const int batch =
        std::clamp(wanted_batch, 1, std::max(1, static_cast<int>(std::min<std::size_t>(sources.items.size(), 1024))));
    options.shape = common_shape(*task, batch);
    const runtime::SessionInfo planned = runtime::plan_session(options);
    const Plan plan = plan_outputs(spec_, sources, model.name);
    const ResultKey key{{}, model.content_hash, settings_hash(spec_, options)};

    reporter_.began({spec_.job, model.name, static_cast<std::int64_t>(sources.items.size() + sources.failed.size()),
                     planned, spec_.dry_run});
    if (!model.note.empty()) reporter_.warning(model.note);
    for (const Failed& failed : sources.failed) reporter_.failed(failed);

    Journal journal(spec_.home.state / "journal.db");
    for (const std::string& warning : journal.warnings()) reporter_.warning(warning);
    Writer writer(spec_.home.state);
    const int workers = spec_.workers > 0 ? spec_.workers : runtime::usable_cores();
    Budget budget(memory_budget(spec_),
                  static_cast<std::size_t>(workers) * kItemsPerWorker + 2 * static_cast<std::size_t>(batch));
    Feeder feeder({spec_, sources, plan, key, journal, reporter_, budget});

    std::shared_ptr<runtime::Session> session;
    std::unique_ptr<Line> line;
    const auto push = [&](const ItemPtr& item) {
      if (!line) {  // a job that has nothing left to do never loads its model
        session =
            session_cache().get({model.name, model.data.bytes(), model.content_hash}, options, task->input_shape());
        check_fits(model, *session);
        for (const std::string& warning : session->info().warnings) reporter_.warning(warning);
        line = std::make_unique<Line>(LineParts{spec_, *task, *session, writer, journal, reporter_, disk_full_},
                                      workers, batch, session->info().streams);
      }
      line->push(item);
    };
    feeder.feed(push, [&] { return stop_ || disk_full_ || (spec_.fail_fast && reporter_.failures() > 0); });
    if (line) line->drain();

    Ended ended = reporter_.totals();
    ended.model_hash = model.content_hash;
    ended.workers = workers;
    ended.batch = batch;
    if (session) ended.session = session->info();
    ended.interrupted = stop_;
    ended.stopped_because = stopped_because(ended);
    ended.bottleneck = bottleneck(ended, feeder.seconds_waited());
    reporter_.ended(ended);
    return ended;
  }

 private:
  static void check_fits(const models::ResolvedModel& model, const runtime::Session& session) {
    const std::string reason = models::mismatch(model.card, session.signature());
    if (!reason.empty()) {
      throw Error(ErrorCode::bad_model, model.name + ": " + reason, "pixmill models inspect shows what a file holds");
    }
  }

  std::string stopped_because(const Ended& ended) const {
    if (ended.done + ended.skipped + ended.failed == ended.total) return {};
    if (disk_full_) return "the disk is full; free some space and run the same command again: it goes on from here";
    if (spec_.fail_fast && ended.failed > 0) return "--fail-fast";
    return {};
  }

  const JobSpec& spec_;
  Reporter reporter_;
  const std::atomic<bool>& stop_;
  std::atomic<bool> disk_full_ = false;
};

}  // namespace

Ended run(const JobSpec& spec, const EventSink& sink, const std::atomic<bool>& stop) {
  return Job(spec, sink, stop).run();
}

}  // namespace pixmill::pipeline
