#include "cli/output/bench_page.h"

// Made by cmake/BenchPage.cmake.
#define PIXMILL_BUILT_IN(name)                  \
  extern "C" const char pixmill_bench_##name[]; \
  extern "C" const char pixmill_bench_##name##_end[];
PIXMILL_BUILT_IN(html)
PIXMILL_BUILT_IN(css)
PIXMILL_BUILT_IN(script)
PIXMILL_BUILT_IN(charts)
PIXMILL_BUILT_IN(licence)
PIXMILL_BUILT_IN(rembg)

namespace pixmill::cli {

BenchPage bench_page() {
  const auto text = [](const char* begin, const char* end) {
    return std::string_view(begin, static_cast<std::size_t>(end - begin));
  };
  return {.html = text(pixmill_bench_html, pixmill_bench_html_end),
          .css = text(pixmill_bench_css, pixmill_bench_css_end),
          .script = text(pixmill_bench_script, pixmill_bench_script_end),
          .charts = text(pixmill_bench_charts, pixmill_bench_charts_end),
          .licence = text(pixmill_bench_licence, pixmill_bench_licence_end),
          .rembg = text(pixmill_bench_rembg, pixmill_bench_rembg_end)};
}

}  // namespace pixmill::cli
