#include "cli/app.h"

#ifdef __GLIBC__  // by then some header of the library has defined it
#include <malloc.h>

#include <algorithm>
#include <thread>
#endif

namespace {

// What a heap keeps that nobody uses.
void bound_heap() {
#ifdef __GLIBC__
  // Pictures and tensors go back to the system when they are freed. By default glibc raises this bound to the size of
  // what is freed, up to 32 MiB, and keeps such blocks in an arena of each thread: 800 MB instead of 310 for a result
  // of 80 megapixels.
  constexpr int kLargeBlock = 4 << 20;
  mallopt(M_MMAP_THRESHOLD, kLargeBlock);
  // Who sets that bound leaves this one, how much goes back from the end of an arena, at 128 KiB. Most pictures would
  // then take and give back the same pages: 5 % of the time of a cut-out.
  mallopt(M_TRIM_THRESHOLD, kLargeBlock);
  // Four times as many by default, each with something unused.
  mallopt(M_ARENA_MAX, 2 * std::max(1, static_cast<int>(std::thread::hardware_concurrency())));
#endif
}

}  // namespace

int main(int argc, char** argv) {
  bound_heap();
  return pixmill::cli::run({argv + 1, argv + argc});
}
