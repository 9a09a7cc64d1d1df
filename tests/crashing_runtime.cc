// A "libonnxruntime" that takes the process down as soon as it is opened: what a broken driver or runtime may do.
#include <csignal>

namespace {

struct Crash {
  Crash() { std::raise(SIGSEGV); }
} crash;

}  // namespace
