// The threads that pictures run on. A picture that waits gives its thread to another one.
#pragma once

#include <functional>
#include <memory>

#include "pipeline/request.h"
#include "pixmill/codecs/codec.h"

namespace pixmill::pipeline {

class Workers {
 public:
  virtual ~Workers() = default;

  // Runs `work` on one of the threads, soon. It must not throw.
  virtual void start(std::function<void()> work) = 0;

  // From within `work`: suspends it, then calls `wait` with what lets it go on, once; `wait` may call that at once, and
  // must not throw. Returns when it was called, perhaps on another thread.
  virtual void suspend(std::function<void(Resume)> wait) = 0;

  // Returns when all that was started has ended.
  virtual void drain() = 0;
};

// In the arena of oneTBB that is current where it is made: suspended work keeps a stack and no thread.
std::unique_ptr<Workers> make_resumable_workers();

// A thread for each work, of which `threads` run at a time: slower, but sanitizers can follow it.
std::unique_ptr<Workers> make_plain_workers(int threads);

// Parts of one picture's work on the threads that pictures run on: those that are idle help, the others go on with
// their own. Empty where plain threads are wanted.
codecs::SideBySide side_by_side();

// Whether this build is one whose sanitizer cannot follow the changes of stacks.
bool plain_threads_wanted();

}  // namespace pixmill::pipeline
