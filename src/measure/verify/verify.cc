#include "pixmill/measure/verify.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <new>
#include <thread>
#include <utility>

#include "measure/verify/verdict.h"
#include "pixmill/core/error.h"
#include "pixmill/core/tensor_batch.h"
#include "pixmill/platform/cores.h"
#include "pixmill/runtime/devices.h"

namespace pixmill::measure {
namespace {

using runtime::Precision;
using Outputs = std::vector<Tensor>;  // of one picture

constexpr int kFewestStreams = 2;

// The first dimension that the loaded model requires; 0 where it takes any.
std::size_t fixed_batch(const runtime::Session& session) {
  const std::vector<std::int64_t>& shape = session.signature().inputs.front().shape;
  return !shape.empty() && shape.front() > 0 ? static_cast<std::size_t>(shape.front()) : 0;
}

bool denies(const models::RuntimeSpec& card, const runtime::DeviceStatus& place) {
  return std::any_of(card.deny.begin(), card.deny.end(), [&](const std::string& name) {
    return name == place.id || name == place.backend || name == place.provider;
  });
}

// A place to run, with the device as the user named it ("cuda:1").
struct Place {
  runtime::DeviceStatus status;
  std::string device;
};

std::vector<Place> places(const VerifyOptions& options) {
  (void)runtime::plan_session({.backend = options.backend, .device = options.device, .require_device = true});
  std::vector<Place> found;
  for (runtime::DeviceStatus& status : runtime::devices()) {
    const bool on_cpu = status.provider.starts_with("CPU");
    const bool meant = options.device == "auto" || status.id == options.device || (options.device == "cpu" && on_cpu) ||
                       options.device.substr(0, options.device.rfind(':')) == status.id;
    if (!status.available || !meant || (options.backend != "auto" && status.backend != options.backend)) continue;
    if (status.backend == "libtorch") continue;  // it reads TorchScript, which the reference does not
    std::string device = options.device == "auto" || on_cpu ? status.id : options.device;
    found.push_back({std::move(status), std::move(device)});
  }
  if (found.empty())
    throw Error(ErrorCode::unsupported,
                "LibTorch cannot be verified: it runs TorchScript files only, which the baseline does not",
                "name another backend or device");
  return found;
}

// Whether the place computes in that precision, and not in fp32 instead.
bool computes(const Place& place, Precision precision) {
  try {
    return runtime::plan_session({.backend = place.status.backend, .device = place.device, .precision = precision})
               .precision == precision;
  } catch (const Error&) {
    return false;
  }
}

// Two, four, and one that leaves a rest.
std::vector<int> batch_sizes(int pictures) {
  std::vector<int> sizes;
  for (const int size : {2, 4}) {
    if (size <= pictures) sizes.push_back(size);
  }
  for (const int size : {3, 5}) {
    if (size < pictures && pictures % size != 0) {
      sizes.push_back(size);
      break;
    }
  }
  return sizes;
}

class Verifier {
 public:
  Verifier(const Subject& subject, const VerifyOptions& options)
      : subject_(subject),
        options_(options),
        tolerance_(tasks::comparison_of(subject.model.card)),
        file_takes_batches_(subject.signature.inputs.front().shape.front() < 0),
        side_by_side_(static_cast<int>(
            std::min(subject.inputs.size(), static_cast<std::size_t>(std::max(1, options.side_by_side))))) {
    findings_.model = subject.model.name;
    findings_.task = subject.model.card.task;
    findings_.metric = tolerance_.name;
    findings_.unit = tolerance_.unit;
    findings_.mean_score_wanted = tolerance_.mean_score;
    findings_.worst_score_wanted = tolerance_.worst_score;
    findings_.mean_error_wanted = tolerance_.mean_error;
  }

  Findings run() {
    const std::vector<Place> all = places(options_);
    run_reference();
    note_what_is_not_tried();
    for (const Place& place : all) {
      try_place(place, Precision::fp32);
      for (const Precision precision : place.status.precisions) {
        const bool has_file = precision != Precision::int8 || subject_.int8;
        if (precision != Precision::fp32 && has_file && computes(place, precision)) try_place(place, precision);
      }
    }
    findings_.advised = advise(subject_.model.card.runtime, file_takes_batches_, findings_.checks);
    if (options_.drawn) keep_precisions();
    return std::move(findings_);
  }

 private:
  // Generated pictures do not suffice to allow or forbid a precision.
  void keep_precisions() {
    findings_.drawn = true;
    findings_.advised.precision = subject_.model.card.runtime.precision;
    findings_.notes.emplace_back(
        "generated pictures only show what is broken; to judge bf16 or fp16, name photographs");
  }

  void run_reference() {
    Check check;
    check.device = "cpu";
    check.backend = "onnxruntime";
    check.verdict = Verdict::reference;
    announce(check);
    const auto session = load({check.device, check.backend, Precision::fp32}, 1, 1);
    check.precision = session->info().precision;
    Sameness sameness;
    Tally tally;
    double truth = 0.0;
    for (std::size_t i = 0; i < subject_.inputs.size(); ++i) {
      reference_.push_back(infer_alone(*session, i));
      tally.add(tasks::agreement(subject_.model.card, reference_.back(), reference_.back()));
      sameness.add(reference_.back());
      truth += truth_of(i, reference_.back());
    }
    constant_ = sameness.constant();
    if (!options_.masks.empty()) reference_truth_ = truth / static_cast<double>(reference_.size());
    if (constant_)
      findings_.notes.emplace_back("the model gives the same result for every picture, in full precision too");
    settle(check, tally, reference_truth_);
    if (!tally.finite()) {
      check.verdict = Verdict::broken;
      check.why = "the baseline itself holds values that are not numbers, or infinite";
    }
    check.chosen = true;
    findings_.checks.push_back(check);
  }

  void note_what_is_not_tried() {
    if (!file_takes_batches_) {
      findings_.notes.emplace_back("the file fixes the batch, so other batch sizes cannot be tried");
    } else if (side_by_side_ < 2) {
      findings_.notes.emplace_back("one picture makes no batch: name two or more to try batches");
    } else if (subject_.shape(1).empty()) {
      findings_.notes.emplace_back("the pictures have different sizes in the model, so batches were not tried");
    }
  }

  // All that is tried with one backend and precision: one by one, in batches, in streams.
  void try_place(const Place& place, Precision precision) {
    Check check;
    check.device = place.device;
    check.backend = place.status.backend;
    check.precision = precision;
    announce(check);
    try {
      const auto session = load({place.device, place.status.backend, precision}, 1, 1);
      if (precision != Precision::fp32 && session->info().precision != precision)
        return;  // not this model, or not here
      check.precision = session->info().precision;
      check.reduced = precision != Precision::fp32;
      check.chosen = may_take(place, check);
      const bool is_reference = place.status.id == "cpu" && place.status.backend == "onnxruntime" && !check.reduced;
      std::vector<Outputs> own;
      if (!is_reference) own = try_singly(check, *session);
      alone_ = findings_.checks.back().verdict;
      const std::vector<Outputs>& singles = is_reference ? reference_ : own;
      if (file_takes_batches_ && !subject_.shape(1).empty()) {
        for (const int size : batch_sizes(side_by_side_)) try_batch(place, precision, check, size, singles);
      }
      try_streams(place, precision, check, singles);
    } catch (const Error& error) {
      if (error.code() == ErrorCode::interrupted) throw;
      check.verdict = Verdict::unable;
      check.why = error.message();
      findings_.checks.push_back(check);
    }
  }

  // Returns the outputs of the first pictures, for what follows.
  std::vector<Outputs> try_singly(Check check, runtime::Session& session) {
    std::vector<Outputs> singles;
    guarded(check, [&] {
      Tally tally;
      Sameness sameness;
      double truth = 0.0;
      for (std::size_t i = 0; i < subject_.inputs.size(); ++i) {
        Outputs outputs = infer_alone(session, i);
        tally.add(tasks::agreement(subject_.model.card, reference_[i], outputs));
        sameness.add(outputs);
        if (tally.finite()) truth += truth_of(i, outputs);
        if (static_cast<int>(i) < side_by_side_) singles.push_back(std::move(outputs));
      }
      const bool has_truth = !options_.masks.empty();
      settle(check, tally,
             has_truth ? std::optional(truth / static_cast<double>(subject_.inputs.size())) : std::nullopt);
      judge(check, tally, sameness.constant());
    });
    findings_.checks.push_back(check);
    return singles;
  }

  void try_batch(const Place& place, Precision precision, Check check, int size, const std::vector<Outputs>& singles) {
    check.batch = size;
    check.chosen = check.chosen && subject_.takes_batches();
    announce(check);
    guarded(check, [&] {
      const auto session = load({place.device, place.status.backend, precision}, size, 1);
      std::vector<Outputs> outputs;
      for (int first = 0; first < side_by_side_; first += size) {
        const int count = std::min(size, side_by_side_ - first);
        for (Outputs& one : infer(*session, static_cast<std::size_t>(first), count)) outputs.push_back(std::move(one));
      }
      judge_beside(check, singles, outputs, "the result of a picture depends on the others in its batch");
      check.companions = check.verdict == Verdict::differs && check.why.starts_with("the result");
    });
    findings_.checks.push_back(check);
  }

  void try_streams(const Place& place, Precision precision, Check check, const std::vector<Outputs>& singles) {
    check.streams = std::max(kFewestStreams, std::min(platform::usable_cores(), side_by_side_));
    announce(check);
    guarded(check, [&] {
      const auto session = load({place.device, place.status.backend, precision}, 1, check.streams);
      judge_beside(check, singles, infer_side_by_side(*session, check.streams),
                   "inferences that run side by side disturb each other");
    });
    findings_.checks.push_back(check);
  }

  std::vector<Outputs> infer_side_by_side(runtime::Session& session, int callers) {
    std::vector<Outputs> outputs(static_cast<std::size_t>(side_by_side_));
    std::atomic<std::size_t> next = 0;
    std::exception_ptr failure;
    std::mutex mutex;  // guards `failure`
    const auto call = [&] {
      try {
        for (std::size_t i = next++; i < outputs.size(); i = next++) outputs[i] = infer_alone(session, i);
      } catch (...) {
        const std::scoped_lock lock(mutex);
        failure = std::current_exception();
      }
    };
    std::vector<std::thread> threads;
    for (int i = 0; i < callers; ++i) threads.emplace_back(call);
    for (std::thread& thread : threads) thread.join();
    if (failure) std::rethrow_exception(failure);
    return outputs;
  }

  // Judges results in batches or streams: against the reference, and against the same pictures alone.
  void judge_beside(Check& check, const std::vector<Outputs>& singles, const std::vector<Outputs>& outputs,
                    const std::string& blame) const {
    Tally to_reference, to_singles;
    Sameness sameness;
    for (std::size_t i = 0; i < outputs.size(); ++i) {
      to_reference.add(tasks::agreement(subject_.model.card, reference_[i], outputs[i]));
      if (i < singles.size() && alone_ != Verdict::broken)
        to_singles.add(tasks::agreement(subject_.model.card, singles[i], outputs[i]));
      sameness.add(outputs[i]);
    }
    settle(check, to_reference, std::nullopt);
    judge(check, to_reference, sameness.constant());
    if (check.verdict == Verdict::broken || to_singles.pictures() == 0) return;
    const std::string why = beyond(to_singles, tolerance_);
    if (!why.empty()) {
      check.verdict = Verdict::differs;
      check.why = blame + ": " + why;
    } else {  // together they are what they are alone, and that was judged over more pictures, or by true masks
      check.verdict = alone_ == Verdict::differs ? Verdict::differs : Verdict::good;
      check.why = alone_ == Verdict::differs ? "as one picture at a time" : "";
    }
  }

  void judge(Check& check, const Tally& tally, bool constant) const {
    if (!tally.finite()) {
      check.verdict = Verdict::broken;
      check.why = "values that are not numbers, or infinite";
    } else if (constant && !constant_) {
      check.verdict = Verdict::broken;
      check.why = "the same result for every picture";
    } else {
      check.why = beyond(tally, tolerance_);
      if (check.why.empty() && check.truth) check.why = beyond_truth(*reference_truth_, *check.truth);
      check.verdict = check.why.empty() ? Verdict::good : Verdict::differs;
    }
  }

  static void settle(Check& check, const Tally& tally, std::optional<double> truth) {
    check.pictures = tally.pictures();
    check.max_error = tally.max_error();
    check.mean_error = tally.mean_error();
    check.mean_score = tally.mean_score();
    check.worst_score = tally.worst_score();
    check.truth = truth;
  }

  // Any exception of a running model makes the check broken; an interruption ends all.
  template <typename Action>
  static void guarded(Check& check, Action action) {
    try {
      action();
    } catch (const Error& error) {
      if (error.code() == ErrorCode::interrupted) throw;
      check.verdict = Verdict::broken;
      check.why = error.message();
    } catch (const std::bad_alloc&) {
      check.verdict = Verdict::broken;
      check.why = "out of memory";
    }
  }

  // `count` pictures from `first` on in one inference, padded where the model insists on more.
  std::vector<Outputs> infer(runtime::Session& session, std::size_t first, int count) const {
    if (options_.stop != nullptr && *options_.stop) throw Error(ErrorCode::interrupted, "stopped");
    std::vector<const Tensor*> parts;
    for (int i = 0; i < count; ++i) parts.push_back(&subject_.inputs[first + static_cast<std::size_t>(i)]);
    const Tensor joined = join(parts, fixed_batch(session));
    std::vector<Outputs> pictures(parts.size());
    for (Tensor& output : session.run({&joined, 1}, subject_.wanted)) {
      if (joined.shape().front() == 1) {
        pictures.front().push_back(std::move(output));
        continue;
      }
      std::vector<Tensor> slices = split(output, parts.size());
      for (std::size_t i = 0; i < parts.size(); ++i) pictures[i].push_back(std::move(slices[i]));
    }
    return pictures;
  }

  Outputs infer_alone(runtime::Session& session, std::size_t picture) const {
    return std::move(infer(session, picture, 1).front());
  }

  struct Way {
    std::string device, backend;
    Precision precision;
  };

  std::shared_ptr<runtime::Session> load(const Way& way, int batch, int streams) const {
    if (options_.stop != nullptr && *options_.stop) throw Error(ErrorCode::interrupted, "stopped");
    return options_.load(subject_.source(way.precision), {.backend = way.backend,
                                                          .device = way.device,
                                                          .precision = way.precision,
                                                          .streams = streams,
                                                          .threads = streams == 1 ? platform::usable_cores() : 1,
                                                          .shape = subject_.shape(batch),
                                                          .require_device = true});
  }

  // Whether `auto` may choose this, now or after `pixmill tune`.
  bool may_take(const Place& place, const Check& check) const {
    const models::RuntimeSpec& card = subject_.model.card.runtime;
    const auto allowed = [&](Precision precision) {
      return std::find(card.precision.begin(), card.precision.end(), runtime::name_of(precision)) !=
             card.precision.end();
    };
    return !denies(card, place.status) && (!check.reduced || allowed(check.precision));
  }

  double truth_of(std::size_t picture, const Outputs& outputs) const {
    if (options_.masks.empty()) return 0.0;
    return tolerance_.truth(subject_.model.card, outputs.front(), subject_.photos[picture].size(),
                            options_.masks[picture]);
  }

  void announce(const Check& check) const {
    if (options_.progress) options_.progress(check);
  }

  const Subject& subject_;
  const VerifyOptions& options_;
  const tasks::Comparison& tolerance_;
  const bool file_takes_batches_;
  const int side_by_side_;
  std::vector<Outputs> reference_;
  Verdict alone_ = Verdict::good;          // of the pictures one by one, where the last place was tried
  bool constant_ = false;                  // the reference answers the same for every picture
  std::optional<double> reference_truth_;  // its mean IoU with the true masks
  Findings findings_;
};

}  // namespace

Findings verify(const Subject& subject, const VerifyOptions& options) {
  return Verifier(subject, options).run();
}

}  // namespace pixmill::measure
