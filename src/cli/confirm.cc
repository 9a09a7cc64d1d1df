#include "cli/confirm.h"

#include <unistd.h>

#include <cstdio>
#include <iostream>

#include "pixmill/core/error.h"

namespace pixmill::cli {

void confirm(const Values& values, const std::string& question) {
  if (values.on("yes")) return;
  if (::isatty(STDIN_FILENO) == 0) throw Error(ErrorCode::usage, question, "--yes answers for scripts");
  std::fprintf(stderr, "%s [y/N] ", question.c_str());
  std::string answer;
  std::getline(std::cin, answer);
  if (answer != "y" && answer != "Y" && answer != "yes") throw Error(ErrorCode::interrupted, "nothing was done", {});
}

}  // namespace pixmill::cli
