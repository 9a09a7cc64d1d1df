#include "pixmill/tasks/text_tower.h"

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

#include "pixmill/core/error.h"
#include "pixmill/core/unicode.h"
#include "pixmill/tasks/embed.h"
#include "tasks/embed/clean_text.h"

namespace pixmill::tasks {
namespace {

constexpr std::size_t kVocabulary = 49'408, kBytes = 256;
constexpr std::size_t kMerges = kVocabulary - 2 * kBytes - 2;
constexpr std::int64_t kStart = kVocabulary - 2, kEnd = kVocabulary - 1;
constexpr std::string_view kWordEnd = "</w>";

// A sign for each byte: that of Latin-1 where it can be seen, else one from U+0100 on. `order`: as the vocabulary
// begins, bytes that can be seen first.
struct ByteSigns {
  std::array<std::string, kBytes> sign;
  std::vector<unsigned> order;

  ByteSigns() {
    const auto seen = [](unsigned byte) {
      return (byte >= 0x21 && byte <= 0x7E) || (byte >= 0xA1 && byte <= 0xAC) || byte >= 0xAE;
    };
    for (unsigned byte = 0; byte < kBytes; ++byte) {
      if (!seen(byte)) continue;
      append_utf8(byte, sign[byte]);
      order.push_back(byte);
    }
    char32_t next = kBytes;
    for (unsigned byte = 0; byte < kBytes; ++byte) {
      if (seen(byte)) continue;
      append_utf8(next++, sign[byte]);
      order.push_back(byte);
    }
  }
};

const ByteSigns& byte_signs() {
  static const ByteSigns signs;
  return signs;
}

// The next line of `text`, which is taken away.
std::string_view take_line(std::string_view& text) {
  const std::size_t end = std::min(text.find('\n'), text.size());
  std::string_view line = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

Tensor row_of(const std::vector<std::int64_t>& values, ElementType type) {
  Tensor tensor({1, static_cast<std::int64_t>(values.size())}, type);
  if (type == ElementType::i64) {
    std::copy(values.begin(), values.end(), tensor.as<std::int64_t>().begin());
  } else {
    std::transform(values.begin(), values.end(), tensor.as<std::int32_t>().begin(),
                   [](std::int64_t value) { return static_cast<std::int32_t>(value); });
  }
  return tensor;
}

bool takes_tokens(const Port& port) {
  return (port.type == ElementType::i64 || port.type == ElementType::i32) && port.shape.size() == 2;
}

bool is_mask(const Port& port) {
  return port.name.find("mask") != std::string::npos;
}

}  // namespace

Tokenizer::Tokenizer(std::string_view merges, std::string_view origin) {
  const ByteSigns& signs = byte_signs();
  const auto add = [this](const std::string& token) {
    numbers_.emplace(token, static_cast<std::int64_t>(numbers_.size()));
  };
  for (const unsigned byte : signs.order) add(signs.sign[byte]);
  for (const unsigned byte : signs.order) add(signs.sign[byte] + std::string(kWordEnd));
  take_line(merges);
  while (ranks_.size() < kMerges && !merges.empty()) {
    const std::string line(take_line(merges));
    const std::size_t space = line.find(' ');
    if (space == std::string::npos || space == 0 || space + 1 == line.size() || line.find(' ', space + 1) != line.npos)
      break;
    if (!ranks_.emplace(line, ranks_.size()).second) break;
    add(line.substr(0, space) + line.substr(space + 1));
  }
  if (ranks_.size() != kMerges || numbers_.size() != kVocabulary - 2)
    throw Error(ErrorCode::corrupt,
                std::string(origin) + " is not the list of pairs of CLIP's tokenizer: " +
                    std::to_string(ranks_.size()) + " of " + std::to_string(kMerges) + " pairs can be read",
                "take merges.txt, or bpe_simple_vocab_16e6.txt unpacked, from where the model comes from");
}

std::vector<std::string> Tokenizer::joined(const std::string& word) const {
  std::vector<std::string> parts;
  for (const char byte : word) parts.push_back(byte_signs().sign[static_cast<unsigned char>(byte)]);
  parts.back() += kWordEnd;
  while (parts.size() > 1) {
    std::size_t best = std::numeric_limits<std::size_t>::max();
    std::string first, second;
    for (std::size_t i = 0; i + 1 < parts.size(); ++i) {
      const auto rank = ranks_.find(parts[i] + " " + parts[i + 1]);
      if (rank == ranks_.end() || rank->second >= best) continue;
      best = rank->second;
      first = parts[i];
      second = parts[i + 1];
    }
    if (first.empty()) break;
    std::vector<std::string> next;
    for (std::size_t i = 0; i < parts.size(); ++i) {
      const bool pair = i + 1 < parts.size() && parts[i] == first && parts[i + 1] == second;
      next.push_back(pair ? first + second : parts[i]);
      i += pair ? 1 : 0;
    }
    parts = std::move(next);
  }
  return parts;
}

std::vector<std::int64_t> Tokenizer::encode(std::string_view text, std::size_t most) const {
  std::vector<std::int64_t> tokens = {kStart};
  for (const std::string& word : words_of(clean_text(text))) {
    for (const std::string& part : joined(word)) tokens.push_back(numbers_.at(part));
    if (tokens.size() >= most) break;
  }
  if (tokens.size() + 1 > most) tokens.resize(most - 1);
  tokens.push_back(kEnd);
  return tokens;
}

TextTower::TextTower(const models::ModelCard& card, Tokenizer tokenizer, std::shared_ptr<runtime::Session> session)
    : spec_(*card.text), model_(card.id), tokenizer_(std::move(tokenizer)), session_(std::move(session)) {
  const std::vector<Port>& inputs = session_->signature().inputs;
  if (inputs.empty() || !std::all_of(inputs.begin(), inputs.end(), takes_tokens) ||
      std::count_if(inputs.begin(), inputs.end(), [](const Port& port) { return !is_mask(port); }) != 1)
    throw Error(
        ErrorCode::bad_model, model_ + ": " + spec_.file + " does not take the tokens of a text",
        "its inputs should be [1, tokens] of whole numbers: the tokens, and perhaps a mask of those that count");
}

std::vector<float> TextTower::vector_of(std::string_view text) const {
  const std::vector<Port>& ports = session_->signature().inputs;
  const std::int64_t declared = ports.front().shape[1];
  const auto length = static_cast<std::size_t>(declared > 0 ? declared : spec_.tokens);
  std::vector<std::int64_t> tokens = tokenizer_.encode(text, length);
  std::vector<std::int64_t> mask(tokens.size(), 1);
  tokens.resize(length, 0);
  mask.resize(length, 0);
  std::vector<Tensor> inputs;
  for (const Port& port : ports) inputs.push_back(row_of(is_mask(port) ? mask : tokens, port.type));
  const std::vector<int> wanted = {spec_.index};
  const std::vector<Tensor> outputs = session_->run(inputs, wanted);
  models::ModelCard as_row;
  as_row.id = model_;
  return tasks::vector_of(as_row, outputs);
}

}  // namespace pixmill::tasks
