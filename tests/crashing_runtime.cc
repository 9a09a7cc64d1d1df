// A "libonnxruntime" that crashes the process as soon as it is opened, as a broken driver or runtime may.
#include <csignal>

namespace {

struct Crash {
  Crash() { std::raise(SIGSEGV); }
} crash;

}  // namespace
