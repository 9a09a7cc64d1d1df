#include "pixmill/tasks/rule.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "pixmill/core/error.h"
#include "pixmill/core/nearest.h"
#include "pixmill/core/text.h"
#include "tasks/rules/evaluate.h"
#include "tasks/rules/parser.h"
#include "tasks/rules/words.h"

namespace pixmill::tasks {
namespace {

// Of names that are all known; a number from 0 becomes the name.
std::vector<std::string> without_numbers(std::vector<std::string> given, const std::vector<std::string>& known) {
  const std::vector<bool> wanted = wanted_labels(known, given);
  for (std::string& name : given) {
    std::size_t number = 0;
    const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), number);
    if (!contains(known, name) && error == std::errc() && end == name.data() + name.size()) name = known.at(number);
  }
  return given;
}

}  // namespace

Rule Rule::parse(std::string_view text, float confidence, const std::vector<std::string>& classes) {
  return Rule(std::make_shared<const rules::Program>(rules::parse_program(text, confidence, classes)));
}

const std::string& Rule::text() const {
  return program_->text;
}

const std::vector<std::string>& Rule::classes() const {
  return program_->classes;
}

bool Rule::needs_all() const {
  return program_->needs_all;
}

void Rule::check_classes(const std::vector<std::string>& known) {
  const std::vector<std::string> wanted = without_numbers(program_->wanted, known);
  *this = parse(program_->text, program_->confidence, wanted);
  for (std::size_t i = 0; i < program_->classes.size(); ++i) {
    const std::string& name = program_->classes[i];
    if (program_->places[i].length == 0 || contains(known, name)) continue;
    std::vector<std::string> candidates = known;
    for (const std::string& word : rules::all_words()) candidates.push_back(word);
    const auto meant = nearest(name, candidates);
    constexpr std::size_t kFew = 20;
    rules::refuse(program_->text, program_->places[i], "no class '" + name + "' is known",
                  meant                  ? "did you mean " + *meant + "?"
                  : known.size() <= kFew ? "known: " + joined(known, ", ")
                                         : "");
  }
}

bool Rule::holds(const RulePicture& picture) const {
  return rules::holds(*program_, picture);
}

std::vector<bool> Rule::reasons(const RulePicture& picture) const {
  return rules::counted(*program_, picture);
}

float Rule::least_confidence() const {
  return program_->least_confidence;
}

}  // namespace pixmill::tasks
