// What every file of this module needs from libvips: start-up, ownership, and an error text that belongs to its
// operation.
#pragma once

#include <vips/vips.h>

#include <functional>
#include <memory>
#include <optional>
#include <shared_mutex>
#include <string>

namespace pixmill::codecs {

struct Unref {
  void operator()(void* object) const noexcept { g_object_unref(object); }
};
template <typename T>
using Ref = std::unique_ptr<T, Unref>;

// Initialises libvips on the first call: one thread per operation, no operation cache, nothing on stderr. Throws
// Error{internal}. Safe from many threads.
void start_vips();

// Runs `operation`, which returns false where libvips reported an error, and returns that error's text; empty when all
// went well. libvips keeps one error text for the whole process, so a failed operation is run again while no other one
// runs: it must be repeatable. What `operation` throws passes through. Safe from many threads; not to be nested.
std::optional<std::string> failure_of(const std::function<bool()>& operation);

// Keeps operations that must be alone in libvips waiting: for what may fail and leave a text, outside of failure_of().
// To be held shortly, and not while waiting for another caller of this module.
std::shared_lock<std::shared_mutex> enter_vips();

// What libvips wrote of errors since the last call, in one line. Of this operation only where no other one fails.
std::string take_vips_error();

// True where the libvips at hand has the operation, as "jxlload_buffer".
bool has_operation(const char* nickname);

}  // namespace pixmill::codecs
