// A device of a job with its loaded model.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <limits>
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
#include "pixmill/tasks/task.h"

namespace pixmill::pipeline {

// Runs the model, in batches as large as the device has memory for. Out of memory it drops the session, whose arena may
// be left broken, rebuilds it and runs the same pictures again, half as many at once. Where a batch fails for
// another reason its pictures run one by one: one of them may be at fault, and some models only pretend to take
// batches. A smaller size is given up again after a while, ever later where that fails.
//
// A picture that fails alone is tried once more, then a picture that worked before (zeros where none did): if that
// runs and the first one, tried a last time, does not, that is at fault. If not, the device is: it rests, its session
// is rebuilt, and the other picture is tried again. Where that fails too, or a session cannot be built, the engine is
// broken for good, and says of each picture that it was left unfinished. Where requests have shapes of their own, one
// for which there is no memory is only too large: it fails, and the device goes on. Thread-safe.
class Engine {
 public:
  // A session for batches of `batch`; `anew`: built for this call, and whatever was kept of it forgotten. Throws Error.
  using Load = std::function<std::shared_ptr<runtime::Session>(int batch, bool anew)>;

  struct Parts {
    std::string device;  // as it was requested
    Load load;
    std::unique_ptr<BatchSize> size;
    std::size_t memory_bytes = 0;         // for the tensors of all inferences in flight; 0: no bound
    EventSink tell = {};                  // gets Warning and BatchChanged, from the threads that call the engine
    std::chrono::milliseconds rest = {};  // of a device that failed, before its session is rebuilt
    int graph = 0;                        // which of the task's it runs
    bool batches = true;                  // else one request at a time, whatever their first dimensions
    bool one_size = true;                 // all requests have the same shapes
    // The model on the CPU, for what the device has no memory for; throws Error. None where the device is the CPU.
    std::function<std::shared_ptr<runtime::Session>()> load_on_cpu = {};
  };

  // Inferences at once on a device of its own: one computes, the other one's pictures are on their way.
  static constexpr int kSideBySideOnDevice = 2;

  explicit Engine(Parts parts);  // loads; throws what that throws

  const std::string& device() const { return device_; }  // as it was requested
  int graph() const { return graph_; }
  bool on_cpu() const { return on_cpu_; }
  int side_by_side() const { return side_by_side_; }  // inferences that it is given at once
  bool healthy() const { return !failure(); }
  std::optional<Error> failure() const;  // what broke the engine
  bool as_loaded() const;                // false once a session that was rebuilt came to another device or precision

  // For the one who makes the batches.
  int wanted() const;
  void handed_out(int pictures);

  struct Answer {
    std::vector<Tensor> outputs;  // first dimension 1
    std::optional<Error> error;   // what is wrong with this picture, or with the engine
    bool unfinished = false;      // the engine is broken: the picture was not tried, or need not be at fault
  };

  // The inputs of one picture each: one answer for each of them, in order. All have the same shapes, with first
  // dimension 1. Never throws Error.
  using Inputs = std::span<const tasks::Tensors* const>;
  std::vector<Answer> infer(Inputs inputs, std::span<const int> wanted);

  // The same on the CPU, one after the other; the model is loaded there at the first call.
  std::vector<Answer> infer_on_cpu(Inputs inputs, std::span<const int> wanted);

  std::shared_ptr<runtime::Session> session() const;  // null while it is rebuilt, or when that failed
  DeviceShare share() const;
  std::string warning() const;  // a warning about memory, as a message; empty without one

 private:
  static constexpr int kAnySize = std::numeric_limits<int>::max();
  static constexpr int kMaxShortBatches = 256;  // pictures in smaller batches before larger ones are tried again
  class Turn;
  using Lock = std::unique_lock<std::mutex>;

  struct Attempt {
    std::size_t pictures = 0;
    std::uint64_t build = 0;  // the session that was tried; 0: there was none, and none could be loaded
    std::optional<Error> error = {};
    bool first = false;  // that failed on this session
  };
  enum class AtFault { picture, maybe_picture, session, device };

  std::vector<Answer> infer(Inputs inputs, std::span<const int> wanted, bool retried);
  std::shared_ptr<runtime::Session> cpu_session();  // throws what loading throws
  Attempt attempt(Inputs rest, std::span<const int> wanted, bool alone, std::vector<Answer>& answers);
  void run_singly(Inputs inputs, std::span<const int> wanted, const Attempt& failed, std::vector<Answer>& answers);
  bool make_room(const Attempt& failed);
  AtFault examine(const Attempt& failed, bool suspect, const tasks::Tensors& picture, std::span<const int> wanted);
  std::optional<Error> probe(const tasks::Tensors& like, std::span<const int> wanted);
  AtFault repair(Lock& lock, const Attempt& failed, bool suspect, const tasks::Tensors& like,
                 std::span<const int> wanted);
  AtFault broken(const Error& why);
  std::optional<Error> rebuild(Lock& lock, bool anew, std::chrono::milliseconds rest = {});
  void remember(const tasks::Tensors& inputs);
  void count(const Attempt& done, double seconds, std::size_t tensor_bytes);
  void shrink(int largest);
  void grow(int pictures);
  void bound_size();
  void tell_batch();
  void warn(std::string message) const;
  std::string reason_of(const BatchChanged& change) const;
  int largest() const;

  const std::string device_;
  const Load load_;
  const std::size_t memory_bytes_;
  const EventSink tell_;
  const std::chrono::milliseconds rest_;
  const int graph_;
  const bool batches_;
  const bool one_size_;
  const std::function<std::shared_ptr<runtime::Session>()> load_on_cpu_;
  bool on_cpu_ = true;
  int side_by_side_ = 1;

  std::mutex cpu_mutex_;                           // guards cpu_session_
  std::shared_ptr<runtime::Session> cpu_session_;  // loaded when it is wanted
  mutable std::mutex mutex_;                       // guards all below; not held while the model loads or runs
  std::condition_variable changed_;
  std::shared_ptr<runtime::Session> session_;
  runtime::SessionInfo info_;  // of the session, or of the last one
  std::uint64_t build_ = 0;    // counts sessions
  int users_ = 0;              // inferences that run
  bool closed_ = false;        // somebody has, or waits to have, the device to itself
  bool served_ = false;        // this session has answered
  int fixed_batch_ = 0;        // that the session insists on; 0: takes any
  std::optional<runtime::SessionInfo> first_info_;
  int tensors_fit_;     // pictures whose tensors fit into memory_bytes_
  int ceiling_;         // pictures that the device takes at once, as far as is known
  bool grown_ = false;  // the ceiling was raised since it last fell
  int patience_;        // pictures that must run before it is raised
  int calm_ = 0;        // that ran since it changed
  std::unique_ptr<BatchSize> size_;
  int told_size_ = 0;               // batch size that was last reported
  int too_many_ = 0;                // the largest batch that did not fit
  int rebuilds_ = 0;                // for lack of memory
  int refused_ = 0;                 // the largest batch that failed where its pictures did not
  std::string refusal_;             // what was said of it
  tasks::Tensors witness_;          // a picture that ran
  std::uint64_t failed_build_ = 0;  // the last session that an inference failed on
  // pictures_ when a session was rebuilt because the device failed, and because a picture broke it; negative: never.
  std::int64_t pictures_at_repair_ = -1;
  std::int64_t pictures_at_fault_ = -1;
  std::optional<Error> failure_;
  std::int64_t pictures_ = 0;
  double busy_s_ = 0.0;
};

}  // namespace pixmill::pipeline
