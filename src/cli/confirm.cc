#include "cli/confirm.h"

#include <unistd.h>

#include <cstdio>
#include <iostream>

#include "cli/commands/commands.h"
#include "pixmill/core/error.h"
#include "pixmill/platform/wait_readable.h"

namespace pixmill::cli {

void confirm(const Values& values, const std::string& question) {
  if (values.on("yes")) return;
  if (::isatty(STDIN_FILENO) == 0)
    throw Error(ErrorCode::usage, question + " Nothing was done: standard input is not a terminal",
                "--yes answers yes");
  std::fprintf(stderr, "%s [y/N] ", question.c_str());
  if (!platform::wait_readable(STDIN_FILENO, [] { return interrupted().load(); })) {
    std::fputs("\n", stderr);
    throw Error(ErrorCode::interrupted, "interrupted: nothing was done", {});
  }
  std::string answer;
  std::getline(std::cin, answer);
  if (answer != "y" && answer != "Y" && answer != "yes")
    throw Error(ErrorCode::usage, "the answer was no: nothing was done", {});
}

}  // namespace pixmill::cli
