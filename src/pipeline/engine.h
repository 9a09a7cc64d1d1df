// One device of a job, and the model on it.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "pipeline/batch_size.h"
#include "pixmill/core/error.h"
#include "pixmill/core/tensor.h"
#include "pixmill/pipeline/event.h"
#include "pixmill/runtime/session.h"

namespace pixmill::pipeline {

// Runs the model, in batches as large as the device has memory for. Out of memory it drops the session, whose arena may
// be left broken, builds it anew and runs the same pictures again, half as many at once; the smaller size stays. Where
// a batch fails for another reason its pictures run one by one: some models only pretend to take batches. Thread-safe.
class Engine {
 public:
  // A session for batches of `batch`; `anew`: built for this call, and whatever was kept of it forgotten. Throws Error.
  using Load = std::function<std::shared_ptr<runtime::Session>(int batch, bool anew)>;

  struct Parts {
    std::string device;  // as it was asked for
    Load load;
    std::unique_ptr<BatchSize> size;
    std::size_t memory_bytes = 0;  // for the tensors of all inferences in flight; 0: no bound
  };

  explicit Engine(Parts parts);  // loads; throws what that throws

  bool on_cpu() const { return on_cpu_; }
  int side_by_side() const { return side_by_side_; }  // inferences that it is given at once
  bool healthy() const;                               // false after several failures in a row

  // For the one who makes the batches.
  int wanted() const;
  void handed_out(int pictures);

  struct Answer {
    std::vector<Tensor> outputs;  // first dimension 1
    std::optional<Error> error;
  };

  // One answer for each input, in order. The inputs have one shape, with first dimension 1. A picture that alone is too
  // much gets a second try, with the device to itself. Never throws Error.
  std::vector<Answer> infer(std::span<const Tensor* const> inputs, std::span<const int> wanted);

  std::shared_ptr<runtime::Session> session() const;  // null while it is built anew, or when that failed
  DeviceShare share() const;
  std::string warning() const;  // what a person should know of the memory, in words; empty when all went well

 private:
  class Turn;
  using Lock = std::unique_lock<std::mutex>;

  struct Attempt {
    std::size_t pictures = 0;
    std::uint64_t build = 0;  // the session that was tried; 0: there was none, and none could be loaded
    std::optional<Error> error = {};
  };
  Attempt attempt(std::span<const Tensor* const> rest, std::span<const int> wanted, bool alone,
                  std::vector<Answer>& answers);
  bool one_by_one(const Attempt& failed);
  bool make_room(const Attempt& failed);
  std::optional<Error> rebuild(Lock& lock, bool anew);
  void count(const Attempt& done, double seconds, std::size_t tensor_bytes);
  int largest() const;

  const std::string device_;
  const Load load_;
  const std::size_t memory_bytes_;
  bool on_cpu_ = true;
  int side_by_side_ = 1;

  mutable std::mutex mutex_;  // guards all below; not held while the model loads or runs
  std::condition_variable changed_;
  std::shared_ptr<runtime::Session> session_;
  runtime::SessionInfo info_;  // of the session, or of the last one
  std::uint64_t build_ = 0;    // counts sessions
  int users_ = 0;              // inferences that run
  bool closed_ = false;        // somebody has, or waits to have, the device to itself
  bool served_ = false;        // this session has answered
  int fixed_batch_ = 0;        // that the session insists on; 0: takes any
  int ceiling_;                // pictures that fit, as far as is known
  std::unique_ptr<BatchSize> size_;
  int failures_ = 0;  // inferences that failed, in a row
  int too_many_ = 0;  // the largest batch that did not fit
  int rebuilds_ = 0;
  std::string refusal_;  // what the model said to a batch that it could not do
  std::int64_t pictures_ = 0;
  double busy_s_ = 0.0;
};

}  // namespace pixmill::pipeline
