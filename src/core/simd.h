// Which kernels run: the best that the machine supports, unless the environment variable PIXMILL_SIMD names another.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace pixmill {

// What this machine can run, best first: "avx3", "avx2", "sse4", ..., and "scalar" last, the plain C++ twins that the
// tests hold the kernels against.
std::vector<std::string> simd_targets();

// The one in use. Throws Error{usage} when PIXMILL_SIMD names none of simd_targets(); "avx512" is taken for "avx3".
std::string simd_target();

// Changes it for the whole process: for tests and benchmarks, while no other thread runs a kernel.
void use_simd(std::string_view target);

// Whether the scalar twins were requested. Every entry point of a kernel calls this before it dispatches.
bool simd_is_off();

}  // namespace pixmill
