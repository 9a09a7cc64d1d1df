// The grammar (docs/filter.md), one function a line of it.
#include "tasks/rules/parser.h"

#include <ctime>
#include <utility>

#include "pixmill/core/error.h"
#include "pixmill/core/nearest.h"
#include "tasks/rules/builder.h"
#include "tasks/rules/lexer.h"
#include "tasks/rules/literals.h"
#include "tasks/rules/words.h"

namespace pixmill::tasks::rules {
namespace {

constexpr const char* kExample = "for example: person >= 2 and not car";

class Parser {
 public:
  explicit Parser(Program& program) : program_(program), tokens_(tokens_of(program.text)), build_(program) {}

  void run() {
    if (peek().sign == Sign::end) throw Error(ErrorCode::usage, "the rule is empty", kExample);
    program_.root = build_.condition(any_of());
    if (peek().sign != Sign::end) refuse_next("and, or, or the end");
  }

 private:
  const Token& peek() const { return tokens_[next_]; }
  const Token& take() { return tokens_[next_ + 1 == tokens_.size() ? next_ : next_++]; }

  bool skip(Sign sign) {
    if (peek().sign != sign) return false;
    take();
    return true;
  }

  [[noreturn]] void refuse(const Token& token, const std::string& what, const std::string& advice = {}) const {
    rules::refuse(program_.text, token.place, what, advice);
  }

  [[noreturn]] void refuse_next(const std::string& expected) const {
    const Token& token = peek();
    if (token.sign == Sign::end) refuse(token, "it ends where " + expected + " is expected");
    refuse(
        token,
        "'" + program_.text.substr(token.place.at, token.place.length) + "' stands where " + expected + " is expected",
        token.sign == Sign::word ? meant_by(token) : "");
  }

  // Of a word where a sign should be.
  std::string meant_by(const Token& token) const {
    std::optional<std::string> meant = nearest(token.text, {"and", "or"});
    const Token* before = next_ > 0 && tokens_[next_ - 1].sign == Sign::word ? &tokens_[next_ - 1] : nullptr;
    if (!meant && before != nullptr) meant = nearest(before->text, {"not"});
    if (meant) return "did you mean " + *meant + "?";
    return before == nullptr ? "" : "a class of several words is quoted: \"" + before->text + " " + token.text + "\"";
  }

  // From there to the end of what was taken last.
  Place since(std::size_t begin) const {
    const Place last = tokens_[next_ - 1].place;
    return {begin, last.at + last.length - begin};
  }

  void expect_close(const Token& open) {
    if (skip(Sign::close)) return;
    if (peek().sign == Sign::end) refuse(open, "this ( is not closed");
    refuse_next("and, or, or )");
  }

  // rule = all { "or" all }
  Operand any_of() {
    Operand first = all_of();
    return joined(std::move(first), Sign::disjunction, [&] { return all_of(); });
  }

  // all = not { "and" not }
  Operand all_of() {
    Operand first = negated();
    return joined(std::move(first), Sign::conjunction, [&] { return negated(); });
  }

  template <typename Next>
  Operand joined(Operand first, Sign sign, Next next) {
    if (peek().sign != sign) return first;
    const std::size_t begin = first.place.at;
    std::vector<Node> parts = {build_.condition(first)};
    while (skip(sign)) parts.push_back(build_.condition(next()));
    return {build_.junction(sign == Sign::conjunction, std::move(parts)), {}, since(begin)};
  }

  // not = { "not" } comparison
  Operand negated() {
    const std::size_t begin = peek().place.at;
    int count = 0;
    while (skip(Sign::negation)) ++count;
    Operand operand = comparison();
    if (count == 0) return operand;
    const Node part = build_.condition(operand);
    return {count % 2 == 0 ? part : build_.add(Negation{part}), {}, since(begin)};
  }

  // comparison = sum [ operator sum ]
  Operand comparison() {
    Operand left = sum();
    if (peek().sign != Sign::compare) return left;
    const Token& how = take();
    Operand made = build_.comparison(std::move(left), how, sum());
    if (peek().sign == Sign::compare)
      refuse(peek(), "a second comparison in a row", "join two: person >= 2 and person <= 5");
    return made;
  }

  // sum = operand { "+" operand }
  Operand sum() {
    Operand all = operand();
    while (skip(Sign::plus)) all = build_.sum(std::move(all), operand());
    return all;
  }

  Operand operand() {
    const Token& token = peek();
    switch (token.sign) {
      case Sign::open: return in_parentheses();
      case Sign::literal: take(); return {token, {}, token.place};
      case Sign::word:
      case Sign::quoted: take(); return inside_count_ ? of_one(token) : of_picture(token);
      default: refuse_next(inside_count_ ? "a condition of a thing" : "a class or a condition");
    }
  }

  Operand in_parentheses() {
    const Token& open = take();
    if (depth_ == kDeepestRule)
      refuse(open, "more than " + std::to_string(kDeepestRule) + " parentheses in each other");
    ++depth_;
    Operand inner = any_of();
    --depth_;
    expect_close(open);
    inner.place = since(open.place.at);
    return inner;
  }

  // Within count(person, ...): a property of the thing.
  Operand of_one(const Token& token) {
    const TraitWord* trait = token.sign == Sign::word ? find_trait(token.text) : nullptr;
    if (trait != nullptr && peek().sign != Sign::open) return {TraitOfOne{trait->trait}, trait->unit, token.place};
    refuse(token, "'" + token.text + "' is nothing that a thing has", suggestion(token.text, trait_names()));
  }

  Operand of_picture(const Token& token) {
    if (token.sign == Sign::word && peek().sign == Sign::open) return function(token);
    if (token.sign == Sign::word && token.text == kName) return name_of_file(token);
    if (token.sign == Sign::word && token.text == kDate) return date_of_file(token);
    if (const PropertyWord* property = token.sign == Sign::word ? find_property(token.text) : nullptr)
      return {property->property, property->unit, token.place};
    const std::size_t set = class_set(token);
    return {Count{{build_.things(set)}}, Unit::count, token.place};
  }

  // function = word "(" classes [ "," rule of one thing ] ")"
  Operand function(const Token& token) {
    const TraitWord* trait = find_trait(token.text);
    if (trait == nullptr && token.text != kCount && token.text != kTotalArea)
      refuse(token, "there is no " + token.text + "( )", suggestion(token.text, function_names()));
    const Token& open = take();
    const std::size_t set = classes();
    std::optional<Node> condition;
    if (token.text == kCount && skip(Sign::comma)) {
      inside_count_ = true;
      condition = build_.condition(any_of());
      inside_count_ = false;
    }
    if (peek().sign == Sign::comma)
      refuse(peek(), token.text + "( ) takes classes only",
             "conditions of one thing: count(person, area > 5% and x < 50%)");
    expect_close(open);
    const Place place = since(token.place.at);
    if (trait != nullptr) return {TraitOfThings{set, trait->trait}, trait->unit, place};
    if (token.text == kTotalArea) return {TotalArea{build_.things(set)}, Unit::area, place};
    return {Count{{build_.things(set, condition)}}, Unit::count, place};
  }

  // classes = class { "+" class }
  std::size_t classes() {
    const auto named = [&]() -> const Token& {
      if (peek().sign != Sign::word && peek().sign != Sign::quoted) refuse_next("a class");
      return take();
    };
    const std::size_t set = class_set(named());
    while (skip(Sign::plus)) {
      const Token& token = named();
      if (token.sign == Sign::word && token.text == kAny) refuse(token, "any has all classes in it already");
      if (program_.sets[set].all) refuse(token, "any has all classes in it already");
      add_class(set, token);
    }
    return set;
  }

  std::size_t class_set(const Token& token) {
    if (token.sign == Sign::word && token.text == kAny) return build_.set_of_any();
    const std::size_t set = build_.new_set();
    add_class(set, token);
    return set;
  }

  // A word that means something else is a class in quotes only.
  void add_class(std::size_t set, const Token& token) {
    const bool quoted = token.sign == Sign::quoted;
    const bool of_things = find_trait(token.text) != nullptr || token.text == kCount || token.text == kTotalArea;
    const std::string as_class = "a class of that name is quoted: \"" + token.text + "\"";
    if (!quoted && of_things)
      refuse(token, token.text + " of what?", "for example: " + token.text + "(person); " + as_class);
    if (!quoted && (find_property(token.text) != nullptr || token.text == kName || token.text == kDate))
      refuse(token, "'" + token.text + "' is a word of rules", as_class);
    build_.add_class(set, token.text, token.place);
  }

  // "name" ( "~" pattern | "=" text | "!=" text )
  Operand name_of_file(const Token& name) {
    const Token how = take();
    const bool compares = how.sign == Sign::compare;
    const bool equal = compares && how.compares == Operator::equal,
               unequal = compares && how.compares == Operator::unequal;
    if (how.sign != Sign::like && !equal && !unequal)
      refuse(how.sign == Sign::end ? name : how,
             "a name is compared by ~, = or !=", "name ~ \"IMG_*\", name = \"a.jpg\"");
    const Token text = take();
    if (text.sign != Sign::quoted && text.sign != Sign::word && text.sign != Sign::literal)
      refuse(text, "a name is expected here", "in quotes: name ~ \"IMG_*\"");
    constexpr std::size_t kLongest = 4096;
    if (text.text.size() > kLongest) refuse(text, "a name of more than " + std::to_string(kLongest) + " bytes");
    const Node node = how.sign == Sign::like ? build_.add(pattern_of(text))
                                             : build_.add(NameIs{text.text, text.text.find('/') == std::string::npos});
    return {unequal ? build_.add(Negation{node}) : node, {}, name.place};
  }

  Glob pattern_of(const Token& token) const {
    try {
      return Glob(token.text);
    } catch (const Error& error) {
      refuse(token, error.message());
    }
  }

  // "date" operator date
  Operand date_of_file(const Token& date) {
    const Token how = take();
    if (how.sign != Sign::compare)
      refuse(how.sign == Sign::end ? date : how, "a date is compared by >=, >, <, <=, = or !=", "date >= 2026-01-31");
    const Token text = take();
    if (text.sign != Sign::literal && text.sign != Sign::quoted)
      refuse(text, "a date is expected here", "2026-01-31, 2026-01-31T08:00, 7d");
    const Span span = read_date(program_.text, text, std::time(nullptr));
    switch (how.compares) {
      case Operator::less: return dated(date, {{}, span.from});
      case Operator::at_most: return dated(date, {{}, span.to});
      case Operator::more: return dated(date, {span.to, {}});
      case Operator::at_least: return dated(date, {span.from, {}});
      default: break;
    }
    Operand within = dated(date, {span.from, span.to});
    if (how.compares == Operator::equal) return within;
    return {build_.add(Negation{std::get<Node>(within.value)}), {}, date.place};
  }

  Operand dated(const Token& date, ChangedWithin when) { return {build_.add(when), {}, date.place}; }

  Program& program_;
  const std::vector<Token> tokens_;
  Builder build_;
  std::size_t next_ = 0;
  std::size_t depth_ = 0;
  bool inside_count_ = false;
};

}  // namespace

Program parse_program(std::string_view text, float confidence, const std::vector<std::string>& wanted) {
  if (text.size() > kLongestRule)
    throw Error(ErrorCode::usage,
                "the rule has " + std::to_string(text.size()) + " bytes, more than " + std::to_string(kLongestRule));
  Program program{.text = std::string(text), .confidence = confidence, .wanted = wanted};
  Parser(program).run();
  return program;
}

}  // namespace pixmill::tasks::rules
