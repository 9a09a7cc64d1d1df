#include "pixmill/pipeline/job.h"

#include <algorithm>
#include <exception>
#include <numeric>
#include <set>
#include <system_error>

#include "pipeline/engines.h"
#include "pipeline/feeder.h"
#include "pipeline/fingerprint.h"
#include "pipeline/line.h"
#include "pixmill/models/model_store.h"
#include "pixmill/pipeline/catalogue_figures.h"
#include "pixmill/platform/cache_folder.h"
#include "pixmill/platform/cores.h"
#include "pixmill/platform/memory.h"
#include "pixmill/runtime/devices.h"
#include "pixmill/runtime/model_file.h"

namespace pixmill::pipeline {
namespace {

// Bump when the arithmetic between model and file changes, so that results of older versions are made again.
constexpr std::string_view kArithmetic = "1";

// A worker waits while OpenVINO computes on threads of its own, and while a result is written: with a second one for
// each core the starter is 1.2 times as fast, u2netp in bf16 1.08 times (measured).
constexpr int kWorkersPerCore = 2;

constexpr std::size_t kMaxAutomaticMemory = std::size_t{2} << 30;

models::ResolvedModel resolve_model(const JobSpec& spec) {
  const models::ModelStore store(spec.home.models);
  models::ResolvedModel model = store.resolve(spec.model, spec.job, runtime::signature_of);
  if (spec.session.precision != runtime::Precision::int8) return model;
  const bool quantised =
      runtime::read_model_file({model.name, model.data.bytes(), {}}).precision == runtime::Precision::int8;
  return quantised ? std::move(model) : store.variant(model, "int8");
}

// The model with an input of `size` x `size` pixels; 0: as its card has it.
models::ResolvedModel with_size(models::ResolvedModel model, int size) {
  if (size == 0) return model;
  models::InputSpec& input = model.card.input;
  const ModelSignature signature = runtime::read_signature({model.name, model.data.bytes(), {}});
  const std::size_t first = input.planar ? 2 : 1;  // of the dimensions: height, then width
  const std::vector<std::int64_t> shape =
      signature.inputs.empty() ? std::vector<std::int64_t>() : signature.inputs.front().shape;
  if (shape.size() == 4 && (shape[first] > 0 || shape[first + 1] > 0) &&
      (shape[first] != size || shape[first + 1] != size)) {
    const auto text = [](std::int64_t extent) { return extent > 0 ? std::to_string(extent) : std::string("any"); };
    throw Error(ErrorCode::usage,
                model.name + " takes " + text(shape[first + 1]) + " x " + text(shape[first]) +
                    " pixels and nothing else: --imgsz " + std::to_string(size) + " does not fit",
                "leave --imgsz out, or use a model whose file leaves the size open (pixmill models inspect)");
  }
  if (size % input.multiple != 0) {
    throw Error(ErrorCode::usage,
                model.name + " takes multiples of " + std::to_string(input.multiple) + " pixels, not --imgsz " +
                    std::to_string(size),
                "--imgsz " + std::to_string(size + input.multiple - size % input.multiple) + " fits");
  }
  input.size = {size, size};
  return model;
}

// What runs: the model, or its variant in int8 where "auto" chose that. It keeps the name that the user knows.
models::ResolvedModel model_to_run(const JobSpec& spec, models::ResolvedModel model, const Choice& choice) {
  const bool chosen =
      spec.session.precision == runtime::Precision::automatic && choice.session.precision == runtime::Precision::int8;
  if (!chosen) return model;
  models::ResolvedModel variant = models::ModelStore(spec.home.models).variant(model, "int8");
  variant.name = std::move(model.name);
  variant.note = std::move(model.note);
  return variant;
}

// By what was requested: what "auto" takes may change when the machine is measured or tuned, and every precision that
// it takes is good, so a finished result stays finished.
std::string settings_hash(const JobSpec& spec) {
  const codecs::EncodeOptions& picture = spec.outputs.picture;
  std::string text = spec.settings;
  text += "\narithmetic=" + std::string(kArithmetic) +
          "\nprecision=" + std::string(runtime::name_of(spec.session.precision));
  text += "\nformat=" + std::string(codecs::name_of(picture.format)) + "," + std::to_string(picture.compression);
  for (const auto& [name, value] : spec.session.provider_options)
    text.append("\noption ").append(name).append("=").append(value);
  return hash_of(std::as_bytes(std::span(text)));
}

// The decoded photo, its enlarged matte (f32), the foreground and the result, at their largest moment.
std::size_t bytes_in_flight(const JobSpec& spec, Size size) {
  constexpr std::size_t kBytesPerPixel = 20;
  return static_cast<std::size_t>(size.area() + spec.result_pixels) * kBytesPerPixel;
}

std::size_t memory_budget(const JobSpec& spec) {
  if (spec.memory_bytes > 0) return spec.memory_bytes;
  return std::min(static_cast<std::size_t>(platform::usable_memory_bytes() / 4), kMaxAutomaticMemory);
}

// The bottleneck as a message. `waited_s`: how long the reader waited for room in the budget.
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

// All that an output depends on beside the picture, for the cache.
std::string engine_text(const JobSpec& spec, const models::ResolvedModel& model, const tasks::Task& task,
                        const std::vector<runtime::SessionInfo>& sessions) {
  std::set<std::string> devices;
  for (const runtime::SessionInfo& info : sessions) {
    devices.insert(info.backend + " " + info.backend_version + " " + info.device + " " +
                   std::string(runtime::name_of(info.precision)));
  }
  std::string text = model.content_hash;
  for (const std::string& device : devices) text += "\n" + device;
  for (const auto& [name, value] : spec.session.provider_options)
    text.append("\n").append(name).append("=").append(value);
  for (const int output : task.wanted_outputs()) text += "\n" + std::to_string(output);
  return text;
}

// The devices of a job, loaded on another thread than the one that asks for them.
class Devices {
 public:
  // Called once. Returns none where loading failed: see check().
  std::vector<Engine*> load(const EngineRequest& request, Reporter& reporter) {
    try {
      engines_ = load_engines(request, reporter);
    } catch (...) {
      failure_ = std::current_exception();
    }
    tried_ = true;
    std::vector<Engine*> borrowed;
    for (const auto& engine : engines_) borrowed.push_back(engine.get());
    return borrowed;
  }

  // Throws what loading threw.
  void check() const {
    if (tried_ && failure_) std::rethrow_exception(failure_);
  }

  // Whether nothing is left that runs the model. From any thread.
  bool none_left() const {
    return tried_ && std::none_of(engines_.begin(), engines_.end(), [](const auto& one) { return one->healthy(); });
  }

  // Empty before they are loaded. After that from any thread.
  const std::vector<std::unique_ptr<Engine>>& all() const {
    static const std::vector<std::unique_ptr<Engine>> none;
    return tried_ ? engines_ : none;
  }

  std::vector<runtime::SessionInfo> sessions() const {
    std::vector<runtime::SessionInfo> infos;
    for (const auto& engine : all()) infos.push_back(engine->share().session);
    return infos;
  }

 private:
  std::vector<std::unique_ptr<Engine>> engines_;
  std::exception_ptr failure_;
  std::atomic<bool> tried_ = false;  // the others stand from then on
};

// Null where the job wants none.
std::unique_ptr<ResultCache> open_cache(const JobSpec& spec, std::string engine) {
  if (spec.home.cache.empty() || std::filesystem::is_symlink(result_folder(spec.home.cache))) return nullptr;
  const std::int64_t limit = result_cache_limit(spec.cache_bytes, spec.home.cache);
  if (limit == 0) return nullptr;
  return std::make_unique<ResultCache>(result_folder(spec.home.cache), limit, std::move(engine));
}

CacheUse cache_use(const ResultCache* results, const runtime::SessionCache::Stats& sessions_before) {
  const runtime::SessionCache::Stats sessions = session_stats();
  CacheUse use;
  use.session_hits = static_cast<std::int64_t>(sessions.hits - sessions_before.hits);
  use.session_misses = static_cast<std::int64_t>(sessions.misses - sessions_before.misses);
  if (results == nullptr) return use;
  const ResultCache::Stats stats = results->stats();
  use.results_on = true;
  use.result_hits = stats.hits;
  use.result_misses = stats.misses;
  use.results_kept = stats.stored;
  use.bytes_read = stats.bytes_read;
  use.bytes_written = stats.bytes_written;
  return use;
}

class Job {
 public:
  Job(const JobSpec& spec, const EventSink& sink, const std::atomic<bool>& stop)
      : spec_(spec), reporter_(sink), stop_(stop) {}

  Ended run() {
    const Sources sources = find_sources(spec_.inputs, [&] { return stop_.load(); });
    const auto pictures = static_cast<std::int64_t>(sources.items.size());
    models::ResolvedModel named = resolve_model(spec_);
    const std::vector<Choice> choices = choose_devices(spec_, named, pictures);
    const std::string named_hash = named.content_hash;
    const models::ResolvedModel model =
        with_size(model_to_run(spec_, std::move(named), choices.front()), spec_.input_size);
    const std::unique_ptr<tasks::Task> task = spec_.make_task(model.card);
    const std::vector<runtime::SessionInfo> planned = plan_sessions(choices, *task, pictures);
    const Plan plan = plan_outputs(spec_, sources, model.name);
    const ResultKey key{{}, named_hash, settings_hash(spec_), spec_.job};

    reporter_.began({spec_.job, model.name, pictures + static_cast<std::int64_t>(sources.failed.size()),
                     planned.front(), spec_.dry_run, planned, choices.front().tuned});
    for (const std::string& note : spec_.notes) reporter_.warning(note);
    if (!model.note.empty()) reporter_.warning(model.note);
    for (const Choice& choice : choices) {
      if (!choice.warning.empty()) reporter_.warning(choice.warning);
    }
    for (const Failed& failed : sources.failed) reporter_.failed(failed);

    Catalogue catalogue(catalogue_file(spec_.home), {.old_journal = old_journal_file(spec_.home)});
    for (const std::string& warning : catalogue.take_warnings()) reporter_.warning(warning);
    Writer writer(spec_.home.state);
    Committer committer({writer, catalogue, disk_full_, [&](Item& item) { reporter_.item_ended(item); }});
    const int workers = spec_.workers > 0 ? spec_.workers : kWorkersPerCore * platform::usable_cores();
    const std::size_t memory = memory_budget(spec_);
    const std::size_t read_ahead = Feeder::read_ahead_of(memory);
    Budget budget(memory - read_ahead, static_cast<std::size_t>(workers));
    const auto bytes_of = [&](Size size) { return bytes_in_flight(spec_, size); };
    Feeder feeder({spec_, sources, plan, key, catalogue, reporter_, budget, read_ahead, bytes_of});

    const runtime::SessionCache::Stats sessions_before = session_stats();
    const EngineRequest request{spec_, model, *task, choices, pictures, memory / choices.size()};
    Devices devices;
    std::unique_ptr<ResultCache> results;
    std::unique_ptr<Line> line;
    const auto load = [&] {
      std::vector<Engine*> engines = devices.load(request, reporter_);
      if (results && !engines.empty()) results->set_engine(engine_text(spec_, model, *task, devices.sessions()));
      return engines;
    };
    // A job that has nothing left to do, or finds every answer in the cache, never loads its model.
    const auto push = [&](const ItemPtr& item) {
      if (!line) {
        std::error_code error;
        const bool may_find = std::filesystem::exists(result_folder(spec_.home.cache), error);
        results = open_cache(spec_, engine_text(spec_, model, *task, planned));
        line = std::make_unique<Line>(
            LineParts{spec_, *task, {}, budget, committer, reporter_, results.get(), load, device_threads(planned)},
            workers);
        if (!results || !may_find) line->load_now();
      }
      line->push(item);
    };
    feeder.feed(push, [&] {
      return stop_ || disk_full_ || (spec_.fail_fast && reporter_.failures() > 0) || devices.none_left();
    });
    if (line) line->drain();
    for (const std::string& warning : catalogue.take_warnings()) reporter_.warning(warning);
    devices.check();
    const auto& engines = devices.all();
    for (const auto& engine : engines) {
      if (std::string warning = engine->warning(); !warning.empty()) reporter_.warning(std::move(warning));
    }

    if (results && !results->trouble().empty()) reporter_.warning(results->trouble());
    if (!engines.empty() && !spec_.home.cache.empty())
      platform::trim_folder(platform::engine_folder(spec_.home.cache), platform::kEngineLimit);

    Ended ended = reporter_.totals();
    ended.cache = cache_use(results.get(), sessions_before);
    ended.model_hash = model.content_hash;
    ended.workers = workers;
    ended.tuned = choices.front().tuned;
    for (const auto& engine : engines) ended.devices.push_back(engine->share());
    if (!engines.empty()) {
      ended.batch = ended.devices.front().batch;
      ended.session = ended.devices.front().session;
      ended.batching = verdict(ended.devices.front().batches, ended.batch);
    }
    ended.interrupted = stop_;
    const Engine* lost = devices.none_left() ? engines.back().get() : nullptr;
    ended.device_lost = lost != nullptr && ended.unfinished() > 0;
    ended.stopped_because = stopped_because(ended, lost);
    ended.bottleneck = bottleneck(ended, feeder.seconds_waited());
    reporter_.ended(ended);
    return ended;
  }

 private:
  static std::vector<runtime::SessionInfo> plan_sessions(const std::vector<Choice>& choices, const tasks::Task& task,
                                                         std::int64_t pictures) {
    std::vector<runtime::SessionInfo> planned;
    for (const Choice& choice : choices) {
      planned.push_back(
          runtime::plan_session(options_for_batch(choice, task, first_batch(choice, task.card(), pictures))));
    }
    return planned;
  }

  static int device_threads(const std::vector<runtime::SessionInfo>& planned) {
    return Engine::kSideBySideOnDevice *
           static_cast<int>(std::count_if(planned.begin(), planned.end(),
                                          [](const runtime::SessionInfo& info) { return info.device != "cpu"; }));
  }

  // `lost`: one of the devices, when all are broken.
  std::string stopped_because(const Ended& ended, const Engine* lost) const {
    if (ended.unfinished() == 0) return {};
    if (lost != nullptr) {
      return lost->device() + " no longer works: " + lost->failure()->message() +
             "; once it works again, the same command resumes from here; --device takes another one";
    }
    if (disk_full_) return "the disk is full; free some space and run the same command again: it resumes from here";
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
