// The other tower of a model of pictures and texts: a text in, a vector out that can be compared with those of
// pictures.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "pixmill/models/model_card.h"
#include "pixmill/runtime/session.h"

namespace pixmill::tasks {

// Byte-pair encoding as CLIP has it (github.com/openai/CLIP: clip/simple_tokenizer.py): text is cleaned and put in
// lower case, taken apart into words, and each word's bytes are joined by the pairs of a list, the first pair of it
// first.
class Tokenizer {
 public:
  // `merges`: a line of head, then a pair a line, as merges.txt and bpe_simple_vocab_16e6.txt have them; of more than
  // CLIP's 48,894 the first ones count. `origin` names it in messages. Throws Error{corrupt}.
  Tokenizer(std::string_view merges, std::string_view origin);

  // The start of text, the tokens, the end of text; of what is longer than `most` the first tokens.
  std::vector<std::int64_t> encode(std::string_view text, std::size_t most) const;

 private:
  std::vector<std::string> joined(const std::string& word) const;

  std::unordered_map<std::string, std::int64_t> numbers_;  // by token
  std::unordered_map<std::string, std::size_t> ranks_;     // by the pair, a space between
};

class TextTower {
 public:
  // `card` has a `text`. Throws Error{bad_model} where the graph takes no tokens.
  TextTower(const models::ModelCard& card, Tokenizer tokenizer, std::shared_ptr<runtime::Session> session);

  // Throws Error: bad_model (an output that is no row of floats), and what the session throws.
  std::vector<float> vector_of(std::string_view text) const;

 private:
  const models::TextSpec spec_;
  const std::string model_;
  const Tokenizer tokenizer_;
  const std::shared_ptr<runtime::Session> session_;
};

}  // namespace pixmill::tasks
