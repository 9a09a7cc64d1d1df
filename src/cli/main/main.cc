#include "cli/app.h"

#ifdef __GLIBC__  // by then some header of the library has defined it
#include <malloc.h>
#endif

namespace {

// Pictures and tensors go back to the system when they are freed. By default glibc raises this bound to the size of
// what is freed, up to 32 MiB, and keeps such blocks in an arena of each thread: 800 MB instead of 310 for a result of
// 80 megapixels.
constexpr int kLargeBlock = 4 << 20;

void return_large_blocks() {
#ifdef __GLIBC__
  mallopt(M_MMAP_THRESHOLD, kLargeBlock);
#else
  (void)kLargeBlock;
#endif
}

}  // namespace

int main(int argc, char** argv) {
  return_large_blocks();
  return pixmill::cli::run({argv + 1, argv + argc});
}
