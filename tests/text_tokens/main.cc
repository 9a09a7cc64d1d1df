// For tests of the tokenizer beside another one: text_tokens MERGES < LINES; the tokens of each line, spaces between.
#include <cstdio>
#include <iostream>
#include <string>

#include "pixmill/core/error.h"
#include "pixmill/platform/files.h"
#include "pixmill/tasks/text_tower.h"

int main(int argc, char** argv) {
  using namespace pixmill;
  if (argc != 2) return 2;
  try {
    const tasks::Tokenizer tokenizer(platform::read_text(argv[1], 10'000'000), argv[1]);
    for (std::string line; std::getline(std::cin, line);) {
      std::string text;
      for (const std::int64_t token : tokenizer.encode(line, 77))
        text += (text.empty() ? "" : " ") + std::to_string(token);
      std::puts(text.c_str());
    }
  } catch (const Error& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
}
