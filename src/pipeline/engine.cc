#include "pipeline/engine.h"

#include <algorithm>
#include <chrono>
#include <limits>
#include <new>
#include <utility>

#include "pixmill/core/tensor_batch.h"

namespace pixmill::pipeline {
namespace {

constexpr int kTries = 2;                // of a picture that is too much
constexpr int kFailuresOfTheBroken = 3;  // in a row: the device no longer gets what another could do
// Inferences at once on a device of its own: one computes, the other one's pictures are on their way.
constexpr int kSideBySideOnDevice = 2;

// The first dimension that a session insists on; 0 where it takes any.
int fixed_batch_of(const ModelSignature& signature) {
  if (signature.inputs.empty() || signature.inputs.front().shape.empty()) return 0;
  return static_cast<int>(std::max<std::int64_t>(0, signature.inputs.front().shape.front()));
}

std::size_t bytes_of(const std::vector<Tensor>& tensors) {
  std::size_t bytes = 0;
  for (const Tensor& tensor : tensors) bytes += tensor.bytes();
  return bytes;
}

// The outputs of each picture.
std::vector<std::vector<Tensor>> run_session(runtime::Session& session, std::span<const Tensor* const> inputs,
                                             std::span<const int> wanted) {
  std::vector<std::vector<Tensor>> outputs(inputs.size());
  const int fixed = fixed_batch_of(session.signature());
  if (inputs.size() == 1 && fixed <= 1) {
    outputs.front() = session.run({inputs.front(), 1}, wanted);
    return outputs;
  }
  const Tensor joined = join({inputs.begin(), inputs.end()}, static_cast<std::size_t>(fixed));
  for (const Tensor& output : session.run({&joined, 1}, wanted)) {
    std::vector<Tensor> slices = split(output, inputs.size());
    for (std::size_t i = 0; i < slices.size(); ++i) outputs[i].push_back(std::move(slices[i]));
  }
  return outputs;
}

}  // namespace

// The right to run the session. Waits while it is built anew; builds it where that failed before.
class Engine::Turn {
 public:
  Turn(Engine& engine, bool alone) : engine_(engine), alone_(alone) {
    Lock lock(engine_.mutex_);
    engine_.changed_.wait(lock, [&] { return !engine_.closed_; });
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
      ceiling_(std::numeric_limits<int>::max()),
      size_(std::move(parts.size)) {
  Lock lock(mutex_);
  if (const std::optional<Error> error = rebuild(lock, false)) throw Error(*error);
  on_cpu_ = info_.device == "cpu";
  side_by_side_ = on_cpu_ ? info_.streams : std::min(info_.streams, kSideBySideOnDevice);
}

bool Engine::healthy() const {
  const Lock lock(mutex_);
  return failures_ < kFailuresOfTheBroken;
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

std::vector<Engine::Answer> Engine::infer(std::span<const Tensor* const> inputs, std::span<const int> wanted) {
  std::vector<Answer> answers;
  answers.reserve(inputs.size());
  int tries = 0;
  while (answers.size() < inputs.size()) {
    const Attempt made = attempt(inputs.subspan(answers.size()), wanted, tries > 0, answers);
    if (!made.error) {
      tries = 0;
      continue;
    }
    const bool ran = made.build != 0;  // else there is no session, and a smaller batch brings none
    if (ran && made.error->code() == ErrorCode::out_of_memory) {
      if (make_room(made)) {
        tries = 0;
        continue;
      }
      if (++tries < kTries) continue;
    } else if (ran && one_by_one(made)) {
      continue;
    }
    for (std::size_t i = 0; i < made.pictures; ++i) answers.push_back({{}, made.error});
    tries = 0;
    const Lock lock(mutex_);
    ++failures_;
  }
  return answers;
}

// Runs as many of `rest` as may go together; on success adds their answers.
Engine::Attempt Engine::attempt(std::span<const Tensor* const> rest, std::span<const int> wanted, bool alone,
                                std::vector<Answer>& answers) {
  Attempt made{rest.size()};
  try {
    const Turn turn(*this, alone);
    made.build = turn.build();
    made.pictures = std::min(rest.size(), turn.largest());
    const auto start = std::chrono::steady_clock::now();
    std::vector<std::vector<Tensor>> outputs = run_session(turn.session(), rest.first(made.pictures), wanted);
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    count(made, seconds, rest.front()->bytes() + bytes_of(outputs.front()));
    for (std::vector<Tensor>& output : outputs) answers.push_back({std::move(output), {}});
  } catch (const Error& error) {
    made.error = error;
  } catch (const std::bad_alloc&) {
    made.error = Error(ErrorCode::out_of_memory, "not enough memory for the tensors of an inference",
                       "use a smaller batch (-b) or fewer pictures at once (-j)");
  } catch (const std::exception& error) {
    made.error = Error(ErrorCode::internal, error.what(), "please report this");
  }
  return made;
}

// After out-of-memory: a session that may be broken gives way to a new one, and a batch of several to a smaller one.
// Whoever ran on a session that is gone already only tries again. Answers whether the next attempt will be smaller.
bool Engine::make_room(const Attempt& failed) {
  Lock lock(mutex_);
  changed_.wait(lock, [&] { return !closed_; });
  const int pictures = std::max(static_cast<int>(failed.pictures), fixed_batch_);
  if (failed.build == build_) {
    const bool may_shrink = pictures > 1 && fixed_batch_ <= ceiling_;
    if (may_shrink) {
      too_many_ = std::max(too_many_, pictures);
      ceiling_ = std::min(ceiling_, pictures / 2);
      size_->limit(ceiling_);
    }
    if (may_shrink || served_) {  // else it is new, and never did anything: another one will be no better
      ++rebuilds_;
      rebuild(lock, true);  // what goes wrong here meets the next attempt, which tries again
    }
  }
  return pictures > largest();
}

// After another failure of several pictures at once: one at a time from now on, where the session takes that. Answers
// whether it does.
bool Engine::one_by_one(const Attempt& failed) {
  const Lock lock(mutex_);
  if (failed.pictures <= 1 || fixed_batch_ > 1) return false;
  refusal_ = std::to_string(failed.pictures) + " pictures at once (" + failed.error->message() + ")";
  ceiling_ = 1;
  size_->limit(1);
  return true;
}

// Waits until nobody runs the session, and loads it; answers what went wrong. `lock` is given up meanwhile.
std::optional<Error> Engine::rebuild(Lock& lock, bool anew) {
  closed_ = true;
  changed_.wait(lock, [&] { return users_ == 0; });
  session_.reset();
  served_ = false;
  ++build_;
  const int batch = std::min(size_->wanted(), ceiling_);
  lock.unlock();
  std::shared_ptr<runtime::Session> loaded;
  std::optional<Error> error;
  try {
    loaded = load_(batch, anew);
  } catch (const Error& thrown) {
    error = thrown;
  } catch (const std::exception& thrown) {
    error = Error(ErrorCode::internal, thrown.what(), "please report this");
  }
  lock.lock();
  if (loaded) {
    info_ = loaded->info();
    fixed_batch_ = fixed_batch_of(loaded->signature());
    if (fixed_batch_ > 0) size_ = std::make_unique<FixedBatch>(fixed_batch_);
  }
  session_ = std::move(loaded);
  closed_ = false;
  changed_.notify_all();
  return error;
}

void Engine::count(const Attempt& done, double seconds, std::size_t tensor_bytes) {
  const Lock lock(mutex_);
  const auto pictures = static_cast<int>(done.pictures);
  if (pictures_ == 0 && memory_bytes_ > 0 && fixed_batch_ == 0) {
    const std::size_t fit =
        memory_bytes_ / (static_cast<std::size_t>(side_by_side_) * std::max<std::size_t>(tensor_bytes, 1));
    size_->limit(static_cast<int>(std::clamp<std::size_t>(fit, 1, std::numeric_limits<int>::max())));
  }
  pictures_ += pictures;
  busy_s_ += seconds;
  failures_ = 0;
  if (done.build == build_) served_ = true;
  size_->measured(pictures, seconds);
}

int Engine::largest() const {
  return fixed_batch_ > 0 ? fixed_batch_ : ceiling_;
}

DeviceShare Engine::share() const {
  const Lock lock(mutex_);
  return {device_, info_, pictures_, busy_s_, size_->wanted(), size_->trials()};
}

std::string Engine::warning() const {
  const Lock lock(mutex_);
  if (!refusal_.empty()) return device_ + " failed with " + refusal_ + "; -b 1 saves the failed try";
  if (rebuilds_ == 0) return {};
  const std::string again =
      "; the model was loaded anew " + (rebuilds_ == 1 ? "once" : std::to_string(rebuilds_) + " times");
  if (largest() >= too_many_) return device_ + " ran out of memory" + again + ", and the pictures were tried again";
  const std::string fit = std::to_string(largest());
  return device_ + " had no memory for " + std::to_string(too_many_) + " pictures at once" + again +
         ", and went on with " + fit + "; -b " + fit + " saves the failed tries";
}

}  // namespace pixmill::pipeline
