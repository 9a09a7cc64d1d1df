// Files of src/cli/bench_page/ that are built into the program.
#pragma once

#include <string_view>

namespace pixmill::cli {

struct BenchPage {
  std::string_view html, css, script;
  std::string_view charts;   // the chart library; empty where it was not there at build time
  std::string_view licence;  // of the chart library
  std::string_view rembg;    // a peer's side of the protocol, in Python
};

BenchPage bench_page();

}  // namespace pixmill::cli
