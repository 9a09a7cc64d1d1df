// A rule asks whether a picture is wanted, by what was found in it and how it is: "person >= 2 and not car and
// area(person) > 5%". docs/filter.md has the grammar.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "pixmill/config/flag.h"
#include "pixmill/config/values.h"
#include "pixmill/core/image.h"
#include "pixmill/tasks/detections.h"

namespace pixmill::tasks {

// A found thing as a rule sees it.
struct RuleThing {
  int label = -1;        // index into Rule::classes(); -1: a class that the rule does not name
  float confidence = 0;  // 0..1
  float left = 0, top = 0, right = 0, bottom = 0;  // pixels
  double area = 0;                                 // pixels of its shape
};

struct RulePicture {
  std::string_view name;  // path below the folder of the inputs, '/' between
  Size size;              // upright
  Quality quality;
  std::int64_t changed = 0;  // modification time, seconds since 1970
  std::span<const RuleThing> things;
};

namespace rules {
struct Program;
}

inline constexpr std::size_t kLongestRule = 1 << 16;  // bytes
inline constexpr std::size_t kDeepestRule = 200;      // parentheses in each other

// Immutable but for check_classes(); copies share what they have. Its other functions may be called by several threads
// at once.
class Rule {
 public:
  // `confidence`: the least of things that count where the rule does not speak of it. `classes`: what `any` means;
  // empty: things of each class. Throws Error{usage}: the hint shows the rule with a caret under the place.
  static Rule parse(std::string_view text, float confidence, const std::vector<std::string>& classes = {});

  // As it was given to parse().
  const std::string& text() const;

  // The names, each once: those that the rule speaks of, and those of parse().
  const std::vector<std::string>& classes() const;

  // It counts things of classes that it does not name.
  bool needs_all() const;

  // Throws Error{usage} for a class that is not among the known ones. Numbers from 0 that were given to parse() as
  // `classes` become the names.
  void check_classes(const std::vector<std::string>& known);

  // Allocates nothing.
  bool holds(const RulePicture& picture) const;

  // For each thing whether it is one of those that the rule counted. Nothing where the rule does not hold.
  std::vector<bool> reasons(const RulePicture& picture) const;

  // No thing below this matters to the rule; 1 where it speaks of no things.
  float least_confidence() const;

 private:
  explicit Rule(std::shared_ptr<const rules::Program> program) : program_(std::move(program)) {}

  std::shared_ptr<const rules::Program> program_;
};

// --where, --count-mode and --count; a command has them beside selection_flags().
const std::vector<config::Flag>& rule_flags();

// The rule that they make with --classes and --confidence; without them: any thing. Throws Error{usage}.
Rule read_rule(const config::Values& values);

}  // namespace pixmill::tasks
