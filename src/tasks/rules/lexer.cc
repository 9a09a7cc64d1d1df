#include "tasks/rules/lexer.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <optional>

namespace pixmill::tasks::rules {
namespace {

struct Spelling {
  std::string_view text;
  Sign sign = Sign::end;
  Operator compares = Operator::less;
};

// Longer ones first.
constexpr std::array<Spelling, 20> kSigns = {{{">=", Sign::compare, Operator::at_least},
                                              {"<=", Sign::compare, Operator::at_most},
                                              {"==", Sign::compare, Operator::equal},
                                              {"!=", Sign::compare, Operator::unequal},
                                              {"&&", Sign::conjunction},
                                              {"||", Sign::disjunction},
                                              {">", Sign::compare, Operator::more},
                                              {"<", Sign::compare, Operator::less},
                                              {"=", Sign::compare, Operator::equal},
                                              {"\u2265", Sign::compare, Operator::at_least},
                                              {"\u2264", Sign::compare, Operator::at_most},
                                              {"\u2260", Sign::compare, Operator::unequal},
                                              {"~", Sign::like},
                                              {"!", Sign::negation},
                                              {"(", Sign::open},
                                              {")", Sign::close},
                                              {",", Sign::comma},
                                              {"+", Sign::plus},
                                              {"\"", Sign::quoted},
                                              {"'", Sign::quoted}}};

constexpr std::array<Spelling, 6> kWords = {{{"and", Sign::conjunction},
                                             {"AND", Sign::conjunction},
                                             {"or", Sign::disjunction},
                                             {"OR", Sign::disjunction},
                                             {"not", Sign::negation},
                                             {"NOT", Sign::negation}}};

struct Slip {
  std::string_view text, advice;
};

// What people write in its place, and what it is here.
constexpr std::array<Slip, 13> kSlips = {{{"=>", "write >="},
                                          {"=~", "write ~"},
                                          {"=<", "write <="},
                                          {"<>", "write !="},
                                          {"!~", "write: not name ~ \"IMG_*\""},
                                          {"\u2018", "write straight quotes: \" or '"},
                                          {"\u2019", "write straight quotes: \" or '"},
                                          {"\u201C", "write straight quotes: \" or '"},
                                          {"\u201D", "write straight quotes: \" or '"},
                                          {"&", "write and, or &&"},
                                          {"|", "write or, or ||"},
                                          {"*", "a pattern of names is quoted: name ~ \"IMG_*\""},
                                          {"-", "numbers are 0 or more; a date is 2026-01-01"}}};

constexpr std::string_view kNoBreakSpace = "\u00A0";

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || static_cast<unsigned char>(c) >= 0x80;
}

class Lexer {
 public:
  explicit Lexer(std::string_view rule) : rule_(rule) {}

  std::vector<Token> run() {
    while (skip_space(), at_ < rule_.size()) tokens_.push_back(next());
    tokens_.push_back({Sign::end, {rule_.size(), 1}});
    return std::move(tokens_);
  }

 private:
  std::string_view rest() const { return rule_.substr(at_); }

  void skip_space() {
    while (at_ < rule_.size()) {
      const std::size_t bytes = std::string_view(" \t\r\n").find(rule_[at_]) != std::string_view::npos ? 1
                                : rest().starts_with(kNoBreakSpace) ? kNoBreakSpace.size()
                                                                    : 0;
      if (bytes == 0) return;
      at_ += bytes;
    }
  }

  template <typename Table>
  const typename Table::value_type* find(const Table& table) const {
    const auto found =
        std::find_if(table.begin(), table.end(), [&](const auto& row) { return rest().starts_with(row.text); });
    return found == table.end() ? nullptr : &*found;
  }

  // Letters beyond ASCII belong to words, but for those that are signs.
  bool in_word() const {
    if (at_ == rule_.size()) return false;
    const char c = rule_[at_];
    if (static_cast<unsigned char>(c) >= 0x80)
      return find(kSigns) == nullptr && find(kSlips) == nullptr && !rest().starts_with(kNoBreakSpace);
    return is_letter(c) || is_digit(c) || c == '-' || c == '.' || c == '/';
  }

  Token next() {
    const char c = rule_[at_];
    if (is_digit(c) || (c == '.' && at_ + 1 < rule_.size() && is_digit(rule_[at_ + 1]))) return literal();
    if (const Slip* slip = find(kSlips); slip != nullptr && !rest().starts_with("&&") && !rest().starts_with("||"))
      refuse(rule_, {at_, slip->text.size()}, "it has no " + std::string(slip->text), std::string(slip->advice));
    if (const Spelling* known = find(kSigns))
      return known->sign == Sign::quoted ? quoted() : taken(*known, known->text.size());
    if (is_letter(c)) return word();
    char text[8];
    std::snprintf(text, sizeof text, c > ' ' && c < 0x7F ? "%c" : "\\x%02x", static_cast<unsigned char>(c));
    refuse(rule_, {at_, 1}, std::string("'") + text + "' has no meaning here");
  }

  Token taken(const Spelling& known, std::size_t length) {
    Token token{known.sign, {at_, length}, std::string(rule_.substr(at_, length)), known.compares};
    at_ += length;
    return token;
  }

  Token word() {
    const std::size_t begin = at_;
    while (in_word()) ++at_;
    const std::size_t length = at_ - begin;
    at_ = begin;
    const auto known = std::find_if(kWords.begin(), kWords.end(),
                                    [&](const Spelling& row) { return row.text == rest().substr(0, length); });
    return taken(known == kWords.end() ? Spelling{{}, Sign::word} : *known, length);
  }

  Token literal() {
    std::size_t length = 0;
    constexpr std::string_view kParts = ".:%-";
    while (length < rest().size() && (is_digit(rest()[length]) || is_letter(rest()[length]) ||
                                      kParts.find(rest()[length]) != std::string_view::npos)) {
      if (static_cast<unsigned char>(rest()[length]) >= 0x80) break;
      ++length;
    }
    return taken({{}, Sign::literal}, length);
  }

  // A backslash before the quote or another backslash stands for that one.
  Token quoted() {
    const char quote = rule_[at_];
    std::string text;
    for (std::size_t i = at_ + 1; i < rule_.size(); ++i) {
      if (rule_[i] == quote) {
        Token token{Sign::quoted, {at_, i + 1 - at_}, std::move(text)};
        at_ = i + 1;
        return token;
      }
      const bool escaped = rule_[i] == '\\' && i + 1 < rule_.size() && (rule_[i + 1] == quote || rule_[i + 1] == '\\');
      if (escaped) ++i;
      text += rule_[i];
    }
    refuse(rule_, {at_, 1}, "this quote is not closed");
  }

  std::string_view rule_;
  std::size_t at_ = 0;
  std::vector<Token> tokens_;
};

}  // namespace

std::vector<Token> tokens_of(std::string_view rule) {
  return Lexer(rule).run();
}

}  // namespace pixmill::tasks::rules
