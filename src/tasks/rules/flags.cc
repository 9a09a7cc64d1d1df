// The rule as flags: a text, or the counts that most people want.
#include <string>

#include "pixmill/core/error.h"
#include "pixmill/tasks/rule.h"

namespace pixmill::tasks {
namespace {

using config::Flag;
using config::Kind;

constexpr std::string_view kGroup = "Rule";

// Of "at-least": ">=".
std::string operator_of(const std::string& mode) {
  return mode == "exactly" ? " = " : mode == "at-most" ? " <= " : " >= ";
}

// The short flags as a text; `any` means --classes.
std::string counting_rule(const config::Values& values) {
  const bool counts = values.has("count");
  const std::string mode = values.has("count-mode") ? values.text("count-mode") : counts ? "at-least" : "any";
  if (mode == "any" && counts)
    throw Error(ErrorCode::usage, "--count-mode any counts nothing, and --count is there",
                "--count-mode at-least, exactly or at-most");
  if (mode == "any") return "any";
  if (!counts) throw Error(ErrorCode::usage, "--count-mode " + mode + " needs a number", "--count 2");
  return "any" + operator_of(mode) + values.text("count");
}

// What is nearer to the user wins: a flag over the settings file.
bool text_wins(const config::Values& values) {
  if (!values.has("where")) return false;
  const config::Origin text = values.all().at("where").origin;
  for (const char* name : {"count-mode", "count"}) {
    if (!values.has(name)) continue;
    const config::Origin flag = values.all().at(name).origin;
    if (flag > text) return false;
    if (flag == text)
      throw Error(ErrorCode::usage, std::string("--where and --") + name + " are two rules",
                  "write one: --where 'person >= 2', or --classes person --count-mode at-least --count 2");
  }
  return true;
}

}  // namespace

const std::vector<Flag>& rule_flags() {
  static const std::vector<Flag> flags = {
      {.name = "where",
       .kind = Kind::text,
       .value = "RULE",
       .group = kGroup,
       .help = "pictures that meet it: 'person >= 2 and not car and area(person) > 5%'",
       .basic = true},
      {.name = "count-mode",
       .kind = Kind::choice,
       .value = "MODE",
       .group = kGroup,
       .help = "without --where: pictures with any thing of --classes, or with so many; at-most takes those without "
               "any too",
       .choices = {"any", "at-least", "exactly", "at-most"},
       .basic = true},
      {.name = "count",
       .kind = Kind::integer,
       .value = "N",
       .group = kGroup,
       .help = "things of --count-mode, of all --classes together; alone: at least N",
       .minimum = 1,
       .maximum = 100,
       .basic = true},
  };
  return flags;
}

Rule read_rule(const config::Values& values) {
  const Selection selection = read_selection(values);
  const std::string text = text_wins(values) ? values.text("where") : counting_rule(values);
  return Rule::parse(text, selection.confidence, selection.classes);
}

}  // namespace pixmill::tasks
