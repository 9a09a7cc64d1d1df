// The processes of a bench: the job as a user runs it, then the model alone.
#include <algorithm>
#include <chrono>
#include <cstdlib>

#include "measure/bench/record.h"
#include "measure/profile.h"
#include "pixmill/core/error.h"
#include "pixmill/pipeline/speeds.h"
#include "pixmill/platform/memory.h"

namespace pixmill::measure {
namespace fs = std::filesystem;
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kBarePictures = 32;  // as many different ones as the model alone is fed with
constexpr double kBareSeconds[] = {0.5, 3.0};
constexpr int kProfiledInferences = 10;

// The model and its pictures as the job ran them, without the job around it.
struct Alone {
  Subject subject;
  std::shared_ptr<runtime::Session> session = {};
  int batch = 1;
};

Alone load_alone(const pipeline::JobSpec& spec, const BenchRun& run, const fs::path& profile) {
  std::vector<std::string> pictures;
  for (const BenchPicture& picture : run.pictures) pictures.push_back(picture.name);
  pictures.resize(std::min(pictures.size(), kBarePictures));
  const std::string& model = spec.model;
  Alone alone{.subject = load_subject(model, pictures, kBarePictures, spec.home)};
  const std::int64_t declared = alone.subject.signature.inputs.front().shape.front();
  alone.batch = alone.subject.takes_batches() ? run.batch : std::max<int>(1, static_cast<int>(declared));
  runtime::SessionOptions options = spec.session;
  options.backend = run.session.backend;
  options.device = run.session.device;
  options.precision = run.session.precision;
  options.streams = run.session.streams;
  options.threads = run.session.threads;
  options.shape = alone.subject.shape(alone.batch);
  options.profile = profile.string();
  alone.session = runtime::load_session(alone.subject.source(run.session.precision), options);
  return alone;
}

class Worker {
 public:
  Worker(pipeline::JobSpec spec, const BenchOrders& orders, const std::function<void(const std::string&)>& say,
         const std::atomic<bool>& stop)
      : spec_(std::move(spec)), orders_(orders), say_(say), stop_(stop) {
    const auto speeds = pipeline::find_speeds(spec_.home);
    spec_.home.state = orders.folder / "state";
    if (speeds) pipeline::keep_speeds(spec_.home, *speeds);
    spec_.home.cache = orders.cache;
    spec_.outputs.force = true;
  }

  void measure() {
    BenchRun run;
    run.memory_before = platform::memory_bytes();
    pass(run, "cold");
    if (orders_.warm) run.warm_s = pass(run, "warm");
    run.memory_after = platform::memory_bytes();
    run.memory_peak = platform::peak_memory_bytes();
    measure_bare(run);
    say_(dump_line({{"run", to_json(run)}}));
  }

  void profile() {
    BenchRun run;
    pass(run, "profile");
    {
      const Alone alone = load_alone(spec_, run, orders_.folder / "trace");
      if (run.session.backend != "onnxruntime" && run.session.backend != "openvino") {
        throw Error(ErrorCode::unsupported, "only ONNX Runtime and OpenVINO trace their operators",
                    "--backend onnxruntime");
      }
      for (int i = 0; i < kProfiledInferences && !stop_; ++i) {
        const Tensor batch = alone.subject.batch(static_cast<std::size_t>(i), alone.batch);
        alone.session->run({&batch, 1}, alone.subject.wanted);
      }
    }  // the trace is written at the session's end
    for (const fs::directory_entry& file : fs::directory_iterator(orders_.folder)) {
      if (file.path().extension() == ".json")
        return say_(dump_line({{"operators", to_json(slowest_operators(file.path(), kProfiledInferences))}}));
    }
    throw Error(ErrorCode::internal, run.session.backend + " wrote no trace", "please report this");
  }

 private:
  // Returns the seconds it took.
  double pass(BenchRun& run, const std::string& name) {
    spec_.outputs.output = (orders_.folder / name / "").string();
    run.pictures.clear();
    run.warnings.clear();
    const auto sink = [&](const pipeline::Event& event) {
      if (const auto* done = std::get_if<pipeline::Done>(&event)) {
        run.pictures.push_back({done->input.string(), done->size, done->times});
      } else if (const auto* now = std::get_if<pipeline::Progress>(&event)) {
        say_(dump_line({{"pass", name}, {"done", now->done}, {"total", now->total}}));
      }
    };
    const auto start = std::chrono::steady_clock::now();
    const pipeline::Ended ended = pipeline::run(spec_, sink, stop_);
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    say_(dump_line({{"pass", name}, {"done", ended.done}, {"total", ended.total}, {"ended", true}}));
    if (ended.interrupted) throw Error(ErrorCode::interrupted, "interrupted");
    if (ended.done == 0) {
      throw Error(ErrorCode::not_found, "none of " + std::to_string(ended.total) + " pictures succeeded",
                  "run the job itself to see why");
    }
    run.done = ended.done;
    run.failed = ended.failed;
    run.session = ended.session;
    run.workers = ended.workers;
    run.batch = ended.batch;
    run.model = ended.model;
    run.model_hash = ended.model_hash;
    run.warnings = ended.warnings;
    return seconds;
  }

  // For as long as the job itself took, within bounds.
  void measure_bare(BenchRun& run) {
    say_(dump_line({{"pass", "bare"}}));
    try {
      const Alone alone = load_alone(spec_, run, {});
      throughput(*alone.session, alone.subject, alone.batch, 0.0, stop_);  // the first call of each stream is slower
      const double seconds = std::clamp(run.warm_s, kBareSeconds[0], kBareSeconds[1]);
      run.bare_rate = throughput(*alone.session, alone.subject, alone.batch, seconds, stop_);
    } catch (const Error& error) {
      run.bare_note = error.message();
    }
  }

  pipeline::JobSpec spec_;
  const BenchOrders& orders_;
  const std::function<void(const std::string&)>& say_;
  const std::atomic<bool>& stop_;
};

std::string from_environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

}  // namespace

std::optional<BenchOrders> bench_orders() {
  const std::string passes = from_environment("PIXMILL_BENCH_PASSES");
  if (passes.empty()) return std::nullopt;
  return BenchOrders{.folder = from_environment("PIXMILL_BENCH_FOLDER"),
                     .cache = from_environment("PIXMILL_BENCH_CACHE"),
                     .warm = passes == "cold,warm",
                     .profile = passes == "profile"};
}

void bench_worker(pipeline::JobSpec spec, const BenchOrders& orders, const std::function<void(const std::string&)>& say,
                  const std::atomic<bool>& stop) {
  const auto refuse = [&](const std::string& message, const std::string& hint) {
    say(dump_line({{"error", {{"message", message}, {"hint", hint}}}}));
  };
  try {
    Worker worker(std::move(spec), orders, say, stop);
    orders.profile ? worker.profile() : worker.measure();
  } catch (const Error& error) {
    refuse(error.message(), error.hint());
  } catch (const std::exception& error) {
    refuse(error.what(), "");
  }
}

}  // namespace pixmill::measure
