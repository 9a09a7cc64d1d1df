#include "pixmill/pipeline/job.h"

#include <algorithm>
#include <exception>
#include <iterator>
#include <mutex>
#include <numeric>
#include <optional>
#include <set>
#include <span>
#include <system_error>

#include "pipeline/engines.h"
#include "pipeline/feeder.h"
#include "pipeline/fingerprint.h"
#include "pipeline/graphs.h"
#include "pipeline/job_devices.h"
#include "pipeline/job_exports.h"
#include "pipeline/line.h"
#include "pipeline/picking.h"
#include "pipeline/recorded.h"
#include "pixmill/core/large_blocks.h"
#include "pixmill/core/nearest.h"
#include "pixmill/core/text.h"
#include "pixmill/pipeline/catalogue_figures.h"
#include "pixmill/platform/cache_folder.h"
#include "pixmill/platform/cores.h"
#include "pixmill/platform/memory.h"

namespace pixmill::pipeline {
namespace {

// A worker waits while OpenVINO computes on threads of its own, and while a result is written: with a second one for
// each core the starter is 1.2 times as fast, u2netp in bf16 1.08 times (measured).
constexpr int kWorkersPerCore = 2;

constexpr std::size_t kMaxAutomaticMemory = std::size_t{2} << 30;

// By what was requested: what "auto" takes may change when the machine is measured or tuned, and every precision that
// it takes is good, so a finished result stays finished. "-1" was PNG's level of compression: so they have it still.
std::string requested_text(const JobSpec& spec) {
  const codecs::EncodeOptions& picture = spec.outputs.picture;
  return "\nprecision=" + std::string(runtime::name_of(spec.session.precision)) +
         "\nformat=" + std::string(codecs::name_of(picture.format)) + ",-1";
}

// Of these the names of pictures are parts: below another folder another picture may have the name.
std::string absolute_inputs(const InputSpec& inputs) {
  std::string text;
  for (const std::string& input : inputs.inputs)
    text += "\n" + std::filesystem::absolute(input).lexically_normal().string();
  return text;
}

// A warning of pictures that the options name and that are not there; empty without any.
std::string missing_names(const tasks::Task& task, const Sources& sources) {
  constexpr std::size_t kShown = 3;
  const std::vector<std::string> names = task.names();
  std::set<std::string> missing(names.begin(), names.end());
  for (std::size_t i = 0; i < sources.items.size() && !missing.empty(); ++i)
    missing.erase(sources.items[i].relative.string());
  if (missing.empty()) return {};
  std::vector<std::string> shown(
      missing.begin(), std::next(missing.begin(), static_cast<std::ptrdiff_t>(std::min(kShown, missing.size()))));
  if (missing.size() > kShown) shown.emplace_back("...");
  return std::to_string(missing.size()) +
         " of the pictures that the options name are not among the inputs: " + joined(shown, ", ");
}

std::string settings_hash(const JobSpec& spec, const tasks::Task& task) {
  std::string text = spec.settings + "\n" + task.key() + requested_text(spec);
  if (!task.names().empty()) text += "\nnames below" + absolute_inputs(spec.inputs);
  for (const auto& [name, value] : spec.session.provider_options)
    text.append("\noption ").append(name).append("=").append(value);
  return hash_of(std::as_bytes(std::span(text)));
}

// What a picture takes at its largest moment, beside its file: while it is decoded, in the task, or while a result is
// encoded, of which the task still has the pixels and perhaps a plane of floats.
std::size_t bytes_in_work(const JobSpec& spec, const tasks::Task& task, const codecs::Header& header) {
  constexpr std::size_t kBytesPerPixel = 8;
  const Size result = task.result_size(header.size);
  const PixelType type = header.bits > 8 ? PixelType::u16 : PixelType::u8;
  std::size_t encoding = 0;
  for (const tasks::Product& product : task.products()) {
    const codecs::Format format = product.format.value_or(spec.outputs.picture.format);
    const int channels = codecs::holds_alpha(format) ? 4 : 3;
    encoding = std::max(encoding, codecs::encode_bytes(format, result, channels, type, spec.outputs.picture.quality));
  }
  encoding += static_cast<std::size_t>(result.area()) * kBytesPerPixel;
  return std::max({codecs::decode_bytes(header), task.cost(header.size).bytes, encoding});
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

std::vector<runtime::SessionInfo> sessions_of(const std::vector<Engine*>& engines) {
  std::vector<runtime::SessionInfo> sessions;
  for (const Engine* engine : engines) sessions.push_back(engine->share().session);
  return sessions;
}

// Null where the job wants none.
std::unique_ptr<ResultCache> open_cache(const JobSpec& spec, std::vector<std::string> engines) {
  if (spec.home.cache.empty() || std::filesystem::is_symlink(result_folder(spec.home.cache))) return nullptr;
  const std::int64_t limit = result_cache_limit(spec.cache_bytes, spec.home.cache);
  if (limit == 0) return nullptr;
  return std::make_unique<ResultCache>(result_folder(spec.home.cache), limit, std::move(engines));
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
    return spec_.pick && spec_.pick->known_only ? choose_of_known(sources) : run(sources);
  }

 private:
  Ended run(const Sources& sources) {
    const auto pictures = static_cast<std::int64_t>(sources.items.size());
    const std::size_t memory = memory_budget(spec_);
    const JobGraphs graphs = find_graphs(spec_, pictures, memory);
    const tasks::Task& task = *graphs.task;
    const std::string model = graphs.model_name(), tuned = graphs.tuned();
    const std::vector<runtime::SessionInfo> planned = graphs.planned(pictures);
    const Plan plan =
        task.products().empty() ? Plan() : plan_outputs(spec_, sources, model, task.products(), task.name_fields());
    std::optional<JobExports> exports;
    if (!spec_.exports.empty()) exports.emplace(spec_, sources, model);
    const ResultKey key{{}, graphs.models_key(), settings_hash(spec_, task), std::string(task.name())};

    reporter_.began({spec_.job, model, pictures + static_cast<std::int64_t>(sources.failed.size()),
                     planned.empty() ? runtime::SessionInfo() : planned.front(), spec_.dry_run, planned, tuned});
    for (const std::string& note : spec_.notes) reporter_.warning(note);
    for (const JobGraph& graph : graphs.all) warn_of(graph);
    if (std::string missing = missing_names(task, sources); !missing.empty()) reporter_.warning(std::move(missing));
    for (const Failed& failed : sources.failed) reporter_.failed(failed);

    Catalogue catalogue(catalogue_file(spec_.home), {.old_journal = old_journal_file(spec_.home)});
    for (const std::string& warning : catalogue.take_warnings()) reporter_.warning(warning);
    std::optional<Picking> picking;
    if (spec_.pick) picking.emplace(*spec_.pick, sources, catalogue, &key);
    const bool feeds_all = !picking || spec_.outputs.force || spec_.checksum;
    if (!feeds_all) reporter_.known({picking->known()});
    Writer writer(spec_.home.state);
    Committer committer({writer, catalogue, disk_full_, [&](Item& item) { reporter_.item_ended(item); }});
    const int workers = spec_.workers > 0 ? spec_.workers : kWorkersPerCore * platform::usable_cores();
    const std::size_t read_ahead = Feeder::read_ahead_of(memory);
    Budget budget(memory - read_ahead, static_cast<std::size_t>(workers));
    const auto bytes_of = [&](const codecs::Header& header) { return bytes_in_work(spec_, task, header); };
    Feeder feeder({spec_, sources, plan, key, catalogue, reporter_, budget, read_ahead, bytes_of,
                   picking || !spec_.exports.empty(), task.names().empty(), FileLayer::of_the_system(),
                   feeds_all ? nullptr : &picking->unknown()});

    const runtime::SessionCache::Stats sessions_before = session_stats();
    const std::int64_t inferences = task.cost({1500, 1000}).inferences;
    std::vector<EngineRequest> requests;
    for (const JobGraph& graph : graphs.all) {
      const std::size_t shares = graphs.all.size() * graph.choices.size();
      requests.push_back({spec_, graph.model, graph.graph, static_cast<int>(requests.size()), graph.choices, pictures,
                          memory / shares,
                          std::max<std::int64_t>(1, inferences / static_cast<std::int64_t>(graphs.all.size()))});
    }
    Devices devices(reporter_);
    std::unique_ptr<ResultCache> results;
    std::unique_ptr<Line> line;
    const auto load = [&](int graph) {
      const auto at = static_cast<std::size_t>(graph);
      std::vector<Engine*> engines = devices.load(requests[at]);
      if (results && !engines.empty()) results->set_engine(graphs.engine_text(spec_, at, sessions_of(engines)), graph);
      return engines;
    };
    // A job that has nothing left to do, or finds every answer of a graph in the cache, never loads its model.
    const auto push = [&](const ItemPtr& item) {
      if (!line) {
        std::error_code error;
        const bool may_find = std::filesystem::exists(result_folder(spec_.home.cache), error);
        std::vector<std::string> texts;
        for (std::size_t graph = 0; graph < graphs.all.size(); ++graph)
          texts.push_back(graphs.engine_text(spec_, graph, graphs.planned(graph, pictures)));
        if (!texts.empty()) results = open_cache(spec_, std::move(texts));
        line = std::make_unique<Line>(LineParts{spec_,
                                                task,
                                                {},
                                                budget,
                                                committer,
                                                reporter_,
                                                results.get(),
                                                graphs.all.empty() ? std::function<std::vector<Engine*>(int)>() : load,
                                                device_threads(planned)},
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
    const bool complete = may_export(pictures);
    if (picking && (complete || spec_.dry_run))
      choose(*picking, exports, feeds_all ? all_of(sources.items) : picking->unknown());
    if (exports && complete) write_exports_of(*exports, catalogue, &key, feeder.standard_input());
    if (spec_.then && (complete || spec_.dry_run)) spec_.then(RecordedSources(sources, catalogue, key, stop_));
    const auto& engines = devices.all();
    for (const auto& engine : engines) {
      if (std::string warning = engine->warning(); !warning.empty()) reporter_.warning(std::move(warning));
    }

    if (results && !results->trouble().empty()) reporter_.warning(results->trouble());
    if (!engines.empty() && !spec_.home.cache.empty())
      platform::trim_folder(platform::engine_folder(spec_.home.cache), platform::kEngineLimit);

    Ended ended = reporter_.totals();
    if (chosen_ && spec_.pick->then) spec_.pick->then(*picking);
    if (chosen_) chosen_->known -= ended.done;
    ended.chosen = chosen_;
    ended.cache = cache_use(results.get(), sessions_before);
    if (!graphs.all.empty()) ended.model_hash = graphs.all.front().model.content_hash;
    ended.workers = workers;
    ended.tuned = tuned;
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

  // A rule asked of what the catalogue knows: no model, and no look at a picture.
  Ended choose_of_known(const Sources& sources) {
    const auto pictures = static_cast<std::int64_t>(sources.items.size());
    std::optional<JobExports> exports;
    if (!spec_.exports.empty()) exports.emplace(spec_, sources, "");
    reporter_.began({.job = spec_.job,
                     .total = pictures + static_cast<std::int64_t>(sources.failed.size()),
                     .dry_run = spec_.dry_run});
    for (const std::string& note : spec_.notes) reporter_.warning(note);
    for (const Failed& failed : sources.failed) reporter_.failed(failed);
    Catalogue catalogue(catalogue_file(spec_.home), {.old_journal = old_journal_file(spec_.home)});
    for (const std::string& warning : catalogue.take_warnings()) reporter_.warning(warning);
    Picking picking(*spec_.pick, sources, catalogue, nullptr);
    reporter_.known({picking.known()});
    if (picking.known() == 0 && pictures > 0)
      throw Error(ErrorCode::not_found, "nothing is known of these pictures, or they changed since",
                  "look at them first: leave --known out; or pixmill import");
    if (const auto unknown = static_cast<std::int64_t>(picking.unknown().size()); unknown > 0)
      reporter_.warning("nothing is known of " + std::to_string(unknown) + " of " + std::to_string(pictures) +
                        " pictures, or they changed since: they are not asked");
    check_classes(catalogue);
    choose(picking, exports, {});
    if (exports && !spec_.dry_run && pictures > 0) write_exports_of(*exports, catalogue, nullptr, {});
    Ended ended = reporter_.totals();
    if (spec_.pick->then) spec_.pick->then(picking);
    ended.chosen = chosen_;
    ended.total = ended.skipped + ended.failed;  // the others are not asked
    ended.interrupted = stop_;
    reporter_.ended(ended);
    return ended;
  }

  // A class that no picture has may be one that is not there, or a slip of the pen: where a known one is near, it is an
  // error.
  void check_classes(const Catalogue& catalogue) {
    const std::vector<std::string> known = Facts(catalogue).classes();
    for (const std::string& name : spec_.pick->rule->classes()) {
      if (contains(known, name)) continue;
      if (nearest(name, known)) spec_.pick->rule->check_classes(known);
      reporter_.warning("no picture has a '" + name + "'");
    }
  }

  // Exports are of the hits from here on.
  // `fed`: the pictures that were looked at meanwhile.
  void choose(Picking& picking, std::optional<JobExports>& exports, const std::vector<std::uint32_t>& fed) {
    picking.ask(fed);
    const std::int64_t silent = picking.pictures() - picking.asked() - reporter_.failures();
    if (silent > 0 && !spec_.dry_run && !spec_.pick->known_only)
      reporter_.warning(std::to_string(silent) + " of the pictures could not be asked; --force looks at them again");
    chosen_ = Chosen{picking.hits(), picking.asked(), picking.asked()};
    if (!exports) return;
    exports->keep(picking.chosen(),
                  [&](std::size_t hit, const StoredRecord& record) { return picking.reasons(hit, record); });
  }

  void warn_of(const JobGraph& graph) {
    if (!graph.model.note.empty()) reporter_.warning(graph.model.note);
    for (const Choice& choice : graph.choices) {
      if (!choice.warning.empty()) reporter_.warning(choice.warning);
    }
  }

  // What is left unfinished is exported by the run that finishes it.
  bool may_export(std::int64_t pictures) const {
    return !spec_.dry_run && !stop_ && !disk_full_ && reporter_.pictures_left() == 0 && pictures > 0;
  }

  void write_exports_of(JobExports& exports, Catalogue& catalogue, const ResultKey* key,
                        const std::string& standard_input) {
    try {
      exports.write(catalogue, key, standard_input, reporter_, stop_);
    } catch (const Error& error) {
      if (error.code() == ErrorCode::interrupted) return;
      const std::filesystem::path output = spec_.outputs.output;
      reporter_.exported({.format = std::string(spec_.exports.front().row->name),
                          .path = output,
                          .failed = {{output, error.code(), error.message(), error.hint()}}});
    }
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
  std::optional<Chosen> chosen_;
};

}  // namespace

Ended run(const JobSpec& spec, const EventSink& sink, const std::atomic<bool>& stop) {
  const struct ReleaseAtEnd {
    ~ReleaseAtEnd() { release_spare_blocks(); }
  } release_at_end;
  return Job(spec, sink, stop).run();
}

}  // namespace pixmill::pipeline
