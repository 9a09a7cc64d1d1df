#include "pipeline/engines.h"

#include <algorithm>
#include <chrono>
#include <future>
#include <optional>
#include <string>
#include <utility>

#include "pixmill/models/model_card.h"
#include "pixmill/runtime/devices.h"

namespace pixmill::pipeline {
namespace {

using EnginePtr = std::unique_ptr<Engine>;

// How careful a job is in trying larger batches. On the CPU they gain little (the starter: at most 2 % of
// processor time), so a try may cost next to nothing; on a GPU they gain much, so it is made early.
constexpr int kCautionOnCpu = 64;
constexpr int kCautionOnDevice = 4;

// A driver that is reset is back after about that time.
constexpr auto kRest = std::chrono::seconds(1);

// Loaded models are kept for the life of the process: the next job of a server or a library user starts at once.
runtime::SessionCache& session_cache() {
  static runtime::SessionCache cache;
  return cache;
}

std::vector<std::string> split_devices(const std::string& list) {
  std::vector<std::string> names;
  for (std::size_t start = 0; start <= list.size();) {
    const std::size_t comma = std::min(list.find(',', start), list.size());
    names.push_back(list.substr(start, comma - start));
    start = comma + 1;
    if (names.back().empty()) {
      throw Error(ErrorCode::usage, "--device: '" + list + "' has an empty name", "--device cuda:0,cuda:1 takes two");
    }
    if (std::count(names.begin(), names.end(), names.back()) > 1) {
      throw Error(ErrorCode::usage, "--device: '" + list + "' names " + names.back() + " twice",
                  "once is enough; -j says how many pictures are in work at a time");
    }
  }
  return names;
}

// Of several devices, those that are not here are taken out of `names`, unless none is left or --require-device stands.
// Returns the warning that says so.
std::string leave_out_absent(std::vector<std::string>& names, runtime::SessionOptions options) {
  if (names.size() < 2 || options.require_device) return {};
  std::vector<std::string> here;
  std::string warning;
  for (const std::string& name : names) {
    try {
      options.device = name;
      (void)runtime::first_provider(options);
      here.push_back(name);
    } catch (const Error& error) {
      if (error.code() != ErrorCode::no_device) throw;
      warning += (warning.empty() ? "" : "; ") + name + " is left out: " + error.message();
    }
  }
  if (here.empty()) return {};  // loading the first one throws the reason
  names = std::move(here);
  return warning;
}

// The GPUs that are like the first one, as devices, where "auto" takes NVIDIA's first.
std::vector<std::string> further_gpus(const runtime::SessionOptions& options) {
  if (options.device != "auto") return {};
  const std::string provider = runtime::first_provider(options);
  if (provider != "cuda" && provider != "tensorrt") return {};
  const std::vector<runtime::Gpu>& gpus = runtime::nvidia_gpus();
  std::vector<std::string> names;
  for (std::size_t i = 1; i < gpus.size(); ++i) {
    if (gpus[i].name == gpus[0].name && gpus[i].memory_bytes == gpus[0].memory_bytes)
      names.push_back(provider + ":" + std::to_string(gpus[i].index));
  }
  return names;
}

// The shape that every batch of the graph has; empty where it follows the photograph, or is not that of one input.
std::vector<std::int64_t> common_shape(const tasks::Graph& graph, int batch) {
  if (!graph.fixed || graph.typical.size() != 1) return {};
  std::vector<std::int64_t> shape = graph.typical.front();
  shape.front() = batch;
  return shape;
}

// Sizes are tried where the user left them open, pictures share a shape, another size needs no other session, and the
// arithmetic cannot depend on the batch, as that of a quantised model can.
bool may_climb(const EngineRequest& request, const runtime::SessionOptions& options) {
  if (!request.graph.batches || request.spec.batch > 0 || request.model.card.runtime.batch > 0 || options.shape.empty())
    return false;
  return runtime::first_provider(options) != "tensorrt" && options.precision != runtime::Precision::int8;
}

std::unique_ptr<BatchSize> batch_size(const EngineRequest& request, const runtime::SessionOptions& options, int start,
                                      const Reporter& reporter) {
  if (!may_climb(request, options)) return std::make_unique<FixedBatch>(start);
  const bool on_cpu = runtime::plan_session(options).device == "cpu";
  return std::make_unique<ClimbingBatch>(ClimbingBatch::Bounds{
      .start = start,
      .caution = on_cpu ? kCautionOnCpu : kCautionOnDevice,
      .pictures_left = [&reporter, each = request.requests_a_picture] { return each * reporter.pictures_left(); }});
}

// Why the file cannot serve its graph; empty where it can.
std::string mismatch(const EngineRequest& request, const ModelSignature& signature) {
  if (request.graph.typical.size() == 1) return models::mismatch(request.model.card, signature);
  if (signature.inputs.size() == request.graph.typical.size()) return {};
  return "the " + request.graph.role + " takes " + std::to_string(request.graph.typical.size()) + " inputs, the file " +
         std::to_string(signature.inputs.size());
}

void check_fits(const EngineRequest& request, const runtime::Session& session) {
  const models::ResolvedModel& model = request.model;
  const std::string reason = mismatch(request, session.signature());
  if (!reason.empty()) {
    throw Error(ErrorCode::bad_model, model.name + ": " + reason, "pixmill models inspect shows what a file holds");
  }
}

// The model on the CPU, in its own precision; nothing where the device is the CPU.
std::function<std::shared_ptr<runtime::Session>()> loads_on_cpu(const EngineRequest& request,
                                                                runtime::SessionOptions options) {
  if (runtime::plan_session(options).device == "cpu") return {};
  options.backend = "auto";
  options.device = "cpu";
  options.prefer.clear();
  options.provider_options.clear();
  options.precision = runtime::Precision::fp32;
  options.shape.clear();
  options.require_device = false;
  return [&request, options] { return cached_session(request.model, options); };
}

EnginePtr load_engine(const EngineRequest& request, const Choice& choice, Reporter& reporter) {
  const int start = first_batch(choice, request.model.card, request.pictures);
  const runtime::SessionOptions options = options_for_batch(choice, request.graph, start);
  const std::vector<std::int64_t> warm_shape =
      request.graph.typical.size() == 1 ? request.graph.typical.front() : std::vector<std::int64_t>();
  // The engine loads one session at a time, so `held` needs no lock.
  const auto load = [&request, &choice, warm_shape, held = options](int batch, bool anew) mutable {
    const runtime::ModelSource source{request.model.name, request.model.data.bytes(), request.model.content_hash};
    if (anew) session_cache().drop(source, held);  // for another batch perhaps, and it would keep its memory
    held = options_for_batch(choice, request.graph, batch);
    if (anew) session_cache().drop(source, held);
    auto session = session_cache().get(source, held, warm_shape);
    check_fits(request, *session);
    return session;
  };
  return std::make_unique<Engine>(Engine::Parts{.device = choice.session.device,
                                                .load = load,
                                                .size = batch_size(request, options, start, reporter),
                                                .memory_bytes = request.spec.batch > 0 ? 0 : request.memory_bytes,
                                                .tell = [&reporter](const Event& event) { reporter.tell(event); },
                                                .rest = kRest,
                                                .graph = request.index,
                                                .batches = request.graph.batches,
                                                .one_size = request.graph.fixed,
                                                .load_on_cpu = loads_on_cpu(request, options)});
}

void tell(const EngineRequest& request, const Engine& engine, Reporter& reporter) {
  for (const std::string& warning : engine.share().session.warnings) reporter.warning(warning);
  const int asked = static_cast<int>(std::min<std::int64_t>(request.spec.batch, request.pictures));
  if (asked > 0 && engine.wanted() != asked) {
    reporter.warning("-b " + std::to_string(request.spec.batch) + " is ignored: " + request.model.name + " takes " +
                     std::to_string(engine.wanted()) + " at a time and nothing else");
  }
}

}  // namespace

std::vector<Choice> choose_devices(const JobSpec& spec, const models::ResolvedModel& model, std::int64_t pictures) {
  std::vector<std::string> names = split_devices(spec.session.device);
  const std::string left_out = leave_out_absent(names, spec.session);
  const auto choose_all = [&](runtime::SessionOptions asked) {
    std::vector<Choice> choices;
    for (const std::string& name : names) {
      asked.device = name;
      choices.push_back(choose(spec.home, model, asked, spec.batch, pictures));
    }
    if (!left_out.empty()) {
      std::string& warning = choices.front().warning;
      warning = left_out + (warning.empty() ? "" : "; " + warning);
    }
    return choices;
  };
  std::vector<Choice> choices = choose_all(spec.session);
  const bool agree = std::all_of(choices.begin(), choices.end(), [&](const Choice& choice) {
    return choice.session.precision == choices.front().session.precision;
  });
  if (!agree) {
    runtime::SessionOptions asked = spec.session;
    asked.precision = runtime::Precision::fp32;
    choices = choose_all(asked);
  }
  for (std::string& gpu : further_gpus(choices.front().session)) {
    Choice same = choices.front();
    same.session.device = std::move(gpu);
    same.warning.clear();
    choices.push_back(std::move(same));
  }
  return choices;
}

runtime::SessionOptions options_for_batch(const Choice& choice, const tasks::Graph& graph, int batch) {
  runtime::SessionOptions options = choice.session;
  options.shape = common_shape(graph, batch);
  return options;
}

int first_batch(const Choice& choice, const models::ModelCard& card, std::int64_t pictures) {
  const int wanted = card.runtime.batch > 0 ? card.runtime.batch : choice.batch;
  return static_cast<int>(std::clamp<std::int64_t>(wanted, 1, std::max<std::int64_t>(1, pictures)));
}

std::vector<EnginePtr> load_engines(const EngineRequest& request, Reporter& reporter) {
  const std::int64_t kept = request.spec.session_cache_bytes;
  session_cache().set_budget(kept < 0 ? runtime::SessionCache::kDefaultBudget : static_cast<std::size_t>(kept));
  std::vector<std::future<EnginePtr>> loading;
  for (const Choice& choice : request.choices) {
    const auto policy = request.choices.size() == 1 ? std::launch::deferred : std::launch::async;
    loading.push_back(std::async(policy, [&] { return load_engine(request, choice, reporter); }));
  }
  std::vector<EnginePtr> engines;
  std::optional<Error> first;
  for (std::size_t i = 0; i < loading.size(); ++i) {
    try {
      engines.push_back(loading[i].get());
    } catch (const Error& error) {
      if (request.spec.session.require_device || (i + 1 == loading.size() && engines.empty()))
        throw Error(first.value_or(error));
      if (!first) first = error;
      reporter.warning(request.choices[i].session.device + " is left out: " + error.message());
    }
  }
  for (const EnginePtr& engine : engines) tell(request, *engine, reporter);
  return engines;
}

std::shared_ptr<runtime::Session> cached_session(const models::ResolvedModel& model,
                                                 const runtime::SessionOptions& options) {
  return session_cache().get({model.name, model.data.bytes(), model.content_hash}, options);
}

void clear_session_cache() {
  session_cache().clear();
}

runtime::SessionCache::Stats session_stats() {
  return session_cache().stats();
}

}  // namespace pixmill::pipeline
