// The hardware: names, instruction sets, libraries, memory.
#pragma once

#include <atomic>
#include <cstddef>
#include <string>
#include <vector>

#include "pixmill/runtime/session.h"

namespace pixmill::runtime {

std::string cpu_title();                         // "AMD EPYC 9354, 2 cores"
std::vector<Precision> cpu_precisions();         // that this CPU has instructions for; fp32 always
std::vector<std::string> vector_instructions();  // as the system names them: "avx2", "avx512_bf16", "amx_tile"

// "NVIDIA H200, 139 GiB, compute capability 9.0, driver 580.65"; "2 x ..." for cards alike. Empty without any.
std::string nvidia_title();

bool loads(const char* library);  // whether the loader finds it

std::string folder_of_program();

// The file that holds a function or object of this process, as the loader knows it; empty when it knows none.
std::string library_holding(const void* address);

// Physical memory of this process.
std::size_t resident_bytes();

// What a session holds, estimated: twice its weights, or what the process grew by while it was loaded and first run.
// Other threads that allocate meanwhile make it too large. Thread-safe.
class MemoryEstimate {
 public:
  MemoryEstimate(std::size_t weight_bytes, int streams);

  void loaded();  // to be called when loading has ended, by the thread that constructed this

  // Runs `inference`; measures when it is the first one.
  template <typename Inference>
  void around(Inference&& inference) {
    if (measured_.exchange(true)) return inference();
    const std::size_t before = resident_bytes();
    inference();
    const std::size_t after = resident_bytes();
    if (after > before) bytes_ += (after - before) * streams_;
  }

  std::size_t bytes() const { return bytes_; }

 private:
  const std::size_t streams_;
  const std::size_t before_;
  std::atomic<std::size_t> bytes_;
  std::atomic<bool> measured_ = false;
};

}  // namespace pixmill::runtime
