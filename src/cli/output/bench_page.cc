#include "cli/output/bench_page.h"

// Made by cmake/ReportPages.cmake.
extern "C" const char pixmill_bench_script[], pixmill_bench_script_end[];
extern "C" const char pixmill_bench_rembg[], pixmill_bench_rembg_end[];

namespace pixmill::cli {

BenchPage bench_page() {
  const auto text = [](const char* begin, const char* end) {
    return std::string_view(begin, static_cast<std::size_t>(end - begin));
  };
  return {.script = text(pixmill_bench_script, pixmill_bench_script_end),
          .rembg = text(pixmill_bench_rembg, pixmill_bench_rembg_end)};
}

}  // namespace pixmill::cli
