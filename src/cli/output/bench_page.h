// Files of src/cli/output/bench_page/ that are built into the program.
#pragma once

#include <string_view>

namespace pixmill::cli {

struct BenchPage {
  std::string_view script;
  std::string_view rembg;  // a peer's side of the protocol, in Python
};

BenchPage bench_page();

}  // namespace pixmill::cli
