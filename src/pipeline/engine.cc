#include "pipeline/engine.h"

#include <algorithm>
#include <limits>
#include <thread>
#include <utility>

#include "pipeline/inference.h"

namespace pixmill::pipeline {
namespace {

constexpr int kTries = 2;                     // of a picture that fails alone
constexpr int kPicturesBetweenRepairs = 100;  // a device that breaks sooner is not worth another session

std::string place_of(const runtime::SessionInfo& info) {
  return info.device + " (" + info.backend + ", " + std::string(runtime::name_of(info.precision)) + ")";
}

}  // namespace

// The right to run the session. Waits while it is rebuilt; builds it where that failed before.
class Engine::Turn {
 public:
  Turn(Engine& engine, bool alone) : engine_(engine), alone_(alone) {
    Lock lock(engine_.mutex_);
    engine_.changed_.wait(lock, [&] { return !engine_.closed_; });
    if (engine_.failure_) throw Error(*engine_.failure_);
    if (!engine_.session_) {
      if (const std::optional<Error> error = engine_.rebuild(lock, true)) throw Error(*error);
    }
    if (alone_) {
      engine_.closed_ = true;
      engine_.changed_.wait(lock, [&] { return engine_.users_ == 0; });
    }
    ++engine_.users_;
    session_ = engine_.session_;
    build_ = engine_.build_;
    largest_ = static_cast<std::size_t>(engine_.largest());
  }
  ~Turn() {
    session_.reset();  // before the next one may build: two sessions may be more than the device holds
    const Lock lock(engine_.mutex_);
    --engine_.users_;
    if (alone_) engine_.closed_ = false;
    engine_.changed_.notify_all();
  }
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;

  runtime::Session& session() const { return *session_; }
  std::uint64_t build() const { return build_; }
  std::size_t largest() const { return largest_; }

 private:
  Engine& engine_;
  const bool alone_;
  std::shared_ptr<runtime::Session> session_;
  std::uint64_t build_ = 0;
  std::size_t largest_ = 1;
};

Engine::Engine(Parts parts)
    : device_(std::move(parts.device)),
      load_(std::move(parts.load)),
      memory_bytes_(parts.memory_bytes),
      tell_(std::move(parts.tell)),
      rest_(parts.rest),
      graph_(parts.graph),
      batches_(parts.batches),
      one_size_(parts.one_size),
      load_on_cpu_(std::move(parts.load_on_cpu)),
      tensors_fit_(kAnySize),
      ceiling_(kAnySize),
      patience_(kMaxShortBatches),
      size_(std::move(parts.size)) {
  Lock lock(mutex_);
  if (const std::optional<Error> error = rebuild(lock, false)) throw Error(*error);
  told_size_ = size_->settled();
  on_cpu_ = info_.device == "cpu";
  side_by_side_ = on_cpu_ ? info_.streams : std::min(info_.streams, kSideBySideOnDevice);
}

std::optional<Error> Engine::failure() const {
  const Lock lock(mutex_);
  return failure_;
}

bool Engine::as_loaded() const {
  const Lock lock(mutex_);
  return place_of(info_) == place_of(*first_info_);
}

int Engine::wanted() const {
  const Lock lock(mutex_);
  return size_->wanted();
}

void Engine::handed_out(int pictures) {
  const Lock lock(mutex_);
  size_->handed_out(pictures);
}

std::shared_ptr<runtime::Session> Engine::session() const {
  const Lock lock(mutex_);
  return session_;
}

std::vector<Engine::Answer> Engine::infer(Inputs inputs, std::span<const int> wanted) {
  return infer(inputs, wanted, false);
}

// `retried`: the first picture failed on a session that is gone.
std::vector<Engine::Answer> Engine::infer(Inputs inputs, std::span<const int> wanted, bool retried) {
  std::vector<Answer> answers;
  answers.reserve(inputs.size());
  int tries = 0;
  bool first = false;     // to fail on the present session
  bool last_try = false;  // another picture ran since this one failed
  while (answers.size() < inputs.size()) {
    if (std::optional<Error> error = failure()) {
      answers.push_back({{}, std::move(error), true});
      continue;
    }
    const auto rest = inputs.subspan(answers.size());
    const Attempt made = attempt(rest, wanted, tries > 0 || retried, answers);
    first |= made.first;
    if (!made.error) {
      tries = 0;
      retried = first = last_try = false;
      continue;
    }
    const bool ran = made.build != 0;  // else there is no session, and a smaller batch brings none
    const bool no_memory = made.error->code() == ErrorCode::out_of_memory;
    if (ran && no_memory && make_room(made)) {
      tries = 0;
    } else if (ran && !no_memory && made.pictures > 1) {
      run_singly(rest.first(made.pictures), wanted, made, answers);
      tries = 0;
    } else if (ran && no_memory && !one_size_ && tries + 1 >= kTries) {
      answers.push_back({{}, made.error});
      tries = 0;
    } else if (!ran || ++tries >= kTries) {
      const AtFault fault = examine(made, retried && first, *rest.front(), wanted);
      tries = 0;
      first = false;
      retried = fault == AtFault::session;
      if (fault == AtFault::maybe_picture && !std::exchange(last_try, true)) {
        tries = kTries - 1;  // the device may have been ill and come back
        continue;
      }
      if (fault == AtFault::session || fault == AtFault::device) continue;
      last_try = false;
      for (std::size_t i = 0; i < made.pictures; ++i) answers.push_back({{}, made.error});
    }
  }
  return answers;
}

// Runs as many of `rest` as may go together; on success adds their answers.
Engine::Attempt Engine::attempt(Inputs rest, std::span<const int> wanted, bool alone, std::vector<Answer>& answers) {
  Attempt made{rest.size()};
  made.error = error_of([&] {
    const Turn turn(*this, alone);
    made.build = turn.build();
    made.pictures = std::min(rest.size(), turn.largest());
    const auto start = std::chrono::steady_clock::now();
    std::vector<std::vector<Tensor>> outputs = run_session(turn.session(), rest.first(made.pictures), batches_, wanted);
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    remember(*rest.front());
    count(made, seconds, bytes_of(*rest.front()) + bytes_of(outputs.front()));
    for (std::vector<Tensor>& output : outputs) answers.push_back({std::move(output), {}});
  });
  if (made.error && made.build != 0) {
    const Lock lock(mutex_);
    made.first = std::exchange(failed_build_, made.build) != made.build;
  }
  tell_batch();
  return made;
}

// The pictures of a batch that failed, one at a time. Where all of them run on the same session, the batch was too much
// for the model.
void Engine::run_singly(Inputs inputs, std::span<const int> wanted, const Attempt& failed,
                        std::vector<Answer>& answers) {
  bool all_ran = true;
  const auto session_is_gone = [&] {
    const Lock lock(mutex_);
    return failed.build != build_;
  };
  for (const tasks::Tensors* const& input : inputs) {
    for (Answer& answer : infer({&input, 1}, wanted, session_is_gone())) {
      all_ran &= !answer.error;
      answers.push_back(std::move(answer));
    }
  }
  if (!all_ran || session_is_gone()) return;
  {
    const Lock lock(mutex_);
    refused_ = std::max(refused_, static_cast<int>(failed.pictures));
    refusal_ = std::to_string(failed.pictures) + " pictures at once (" + failed.error->message() + ")";
    if (fixed_batch_ == 0) shrink(1);
  }
  tell_batch();
}

// After out-of-memory: a session that may be broken gives way to a new one, and a batch of several to a smaller one.
// A caller whose session was already replaced only tries again. Returns whether the next attempt will be smaller.
bool Engine::make_room(const Attempt& failed) {
  Lock lock(mutex_);
  changed_.wait(lock, [&] { return !closed_; });
  const int pictures = std::max(static_cast<int>(failed.pictures), fixed_batch_);
  if (failed.build == build_) {
    const bool may_shrink = pictures > 1 && fixed_batch_ <= ceiling_;
    if (may_shrink) {
      too_many_ = std::max(too_many_, pictures);
      shrink(pictures / 2);
    }
    if (may_shrink || served_) {  // else it is new, and never did anything: another one will be no better
      ++rebuilds_;
      rebuild(lock, true);  // what goes wrong here meets the next attempt, which tries again
    }
  }
  return pictures > largest();
}

// What is wrong when a picture failed alone, twice, or when there is no session. `maybe_picture`: another one runs.
// `session`: it was replaced, and the
// picture should be tried again. `device`: the engine is broken now. `suspect`: the picture ran with the device to
// itself, and was the first to fail on a session that was built because of it or beside it.
Engine::AtFault Engine::examine(const Attempt& failed, bool suspect, const tasks::Tensors& picture,
                                std::span<const int> wanted) {
  const auto known = [&]() -> std::optional<AtFault> {
    if (failure_) return AtFault::device;
    if (session_ && failed.build != build_) return AtFault::session;
    return std::nullopt;
  };
  Lock lock(mutex_);
  changed_.wait(lock, [&] { return !closed_; });
  if (const auto fault = known()) return *fault;
  if (failed.build != 0) {
    lock.unlock();
    const std::optional<Error> error = probe(picture, wanted);
    lock.lock();
    changed_.wait(lock, [&] { return !closed_; });
    if (const auto fault = known()) return *fault;
    if (!error) return AtFault::maybe_picture;
  }
  return repair(lock, failed, suspect, picture, wanted);
}

// Runs a picture that ran before, or zeros like this one; returns what went wrong.
std::optional<Error> Engine::probe(const tasks::Tensors& like, std::span<const int> wanted) {
  return error_of([&] {
    const Turn turn(*this, true);
    // The turn is exclusive: no other thread writes the witness.
    const tasks::Tensors zeros = witness_.empty() ? zeros_like(like) : tasks::Tensors();
    const tasks::Tensors* const input = witness_.empty() ? &zeros : &witness_;
    run_session(turn.session(), {&input, 1}, batches_, wanted);
  });
}

// A new session for a device that failed, if pictures ran on the last one; a suspect costs one beside. `lock` is given
// up meanwhile.
Engine::AtFault Engine::repair(Lock& lock, const Attempt& failed, bool suspect, const tasks::Tensors& like,
                               std::span<const int> wanted) {
  const bool never = pictures_at_repair_ < 0;
  const bool worth_it =
      suspect ? pictures_ > pictures_at_fault_ : never || pictures_ - pictures_at_repair_ >= kPicturesBetweenRepairs;
  if (!worth_it) return broken(*failed.error);
  if (suspect) pictures_at_fault_ = pictures_;
  pictures_at_repair_ = suspect ? -1 : pictures_;
  if (const std::optional<Error> error = rebuild(lock, true, rest_)) return broken(*error);
  lock.unlock();
  const std::optional<Error> error = probe(like, wanted);
  if (!error) warn(device_ + " failed (" + failed.error->message() + "); the model was reloaded and runs again");
  lock.lock();
  if (error) return broken(*error);
  return suspect ? AtFault::picture : AtFault::session;
}

Engine::AtFault Engine::broken(const Error& why) {
  if (!failure_) failure_ = why;
  return AtFault::device;
}

// Waits until no inference runs on the session, and loads it; returns what went wrong. `lock` is given up meanwhile.
std::optional<Error> Engine::rebuild(Lock& lock, bool anew, std::chrono::milliseconds rest) {
  closed_ = true;
  changed_.wait(lock, [&] { return users_ == 0; });
  session_.reset();
  served_ = false;
  ++build_;
  const int batch = std::min(size_->wanted(), ceiling_);
  lock.unlock();
  if (rest.count() > 0) std::this_thread::sleep_for(rest);
  std::shared_ptr<runtime::Session> loaded;
  std::optional<Error> error = error_of([&] { loaded = load_(batch, anew); });
  if (loaded && first_info_ && place_of(info_) != place_of(loaded->info())) {  // no other thread changes it meanwhile
    warn(device_ + " ran on " + place_of(info_) + "; reloaded, the model runs on " + place_of(loaded->info()));
    for (const std::string& warning : loaded->info().warnings) warn(warning);
  }
  lock.lock();
  if (loaded) {
    info_ = loaded->info();
    if (!first_info_) first_info_ = info_;
    fixed_batch_ = fixed_batch_of(loaded->signature(), batches_);
    if (fixed_batch_ > 0) size_ = std::make_unique<FixedBatch>(fixed_batch_);
  }
  session_ = std::move(loaded);
  closed_ = false;
  changed_.notify_all();
  return error;
}

// The first picture that ran is kept for probe().
void Engine::remember(const tasks::Tensors& inputs) {
  const Lock lock(mutex_);
  if (witness_.empty()) witness_ = inputs;
}

void Engine::warn(std::string message) const {
  if (tell_) tell_(Warning{std::move(message)});
}

}  // namespace pixmill::pipeline
