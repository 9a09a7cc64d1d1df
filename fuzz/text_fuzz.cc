// A text as a query: tokens that the model knows, between the start and the end, for any bytes. Behind a NUL byte the
// same bytes are a list of pairs: Error{corrupt}, or one that can be used.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "pixmill/core/error.h"
#include "pixmill/core/unicode.h"
#include "pixmill/tasks/text_tower.h"
#include "tasks/embed/clean_text.h"

namespace {

using pixmill::tasks::Tokenizer;

// Of CLIP's length; joins some letters that texts have.
std::string made_up_pairs() {
  std::string lines = "head\n";
  std::size_t count = 0;
  for (char a = 'a'; a <= 'z'; ++a) {
    for (char b = 'a'; b <= 'z'; ++b, count += 2) {
      lines += std::string(1, a) + " " + b + "\n";
      lines += std::string(1, a) + " " + b + "</w>\n";
    }
  }
  for (int a = 0; count < 48'894; ++a) {
    for (int b = 0; b < 256 && count < 48'894; ++b, ++count)
      lines += "~" + std::to_string(a) + " _" + std::to_string(b) + "~\n";
  }
  return lines;
}

void check(bool good) {
  if (!good) std::abort();
}

void check(const Tokenizer& tokenizer, std::string_view text) {
  for (const std::size_t most : {std::size_t{2}, std::size_t{77}}) {
    const std::vector<std::int64_t> tokens = tokenizer.encode(text, most);
    check(tokens.size() >= 2 && tokens.size() <= most && tokens.front() == 49'406 && tokens.back() == 49'407);
    for (std::size_t i = 1; i + 1 < tokens.size(); ++i) check(tokens[i] >= 0 && tokens[i] < 49'406);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Tokenizer tokenizer(made_up_pairs(), "pairs");
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const std::size_t nul = input.find('\0');
  const std::string_view text = input.substr(0, nul);
  const std::string cleaned = pixmill::tasks::clean_text(text);
  check(pixmill::valid_utf8(cleaned) == cleaned);
  for (const std::string& word : pixmill::tasks::words_of(cleaned)) check(!word.empty());
  check(tokenizer, text);
  if (nul == std::string_view::npos) return 0;
  try {
    check(Tokenizer(input.substr(nul + 1), "pairs"), text);
  } catch (const pixmill::Error& error) {
    check(error.code() == pixmill::ErrorCode::corrupt);
  }
  return 0;
}
