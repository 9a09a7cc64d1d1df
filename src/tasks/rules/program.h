// A rule as it is evaluated: a tree of conditions in one list.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "pixmill/core/glob.h"
#include "pixmill/tasks/rule.h"
#include "tasks/rules/lexer.h"

namespace pixmill::tasks::rules {

enum class Trait { area, width, height, x, y, confidence, aspect };            // of a thing
enum class Property { width, height, pixels, aspect, sharpness, brightness };  // of a picture

using Node = std::size_t;  // index into Program::nodes

// Labels of classes; without any: each thing.
struct ClassSet {
  std::vector<bool> has = {};
  bool all = false;
};

// The things of a picture that are of one of the classes, at least so confident, and meet the condition.
struct Things {
  std::size_t classes = 0;  // index into Program::sets
  std::optional<Node> condition = {};
  float confidence = 0;
};

struct Limit {
  double value = 0;
  bool percent = false;
};

struct Count {
  std::vector<Things> terms;  // added
};

struct TotalArea {
  Things things;
};

using Quantity = std::variant<Limit, Count, TotalArea, Property>;

struct Junction {
  bool all = true;  // all of them hold; else one does
  std::vector<Node> parts;
};

struct Negation {
  Node part = 0;
};

struct Comparison {
  Quantity left;
  Operator compares = Operator::less;
  Quantity right;
};

// A condition of one thing.
struct TraitComparison {
  Trait trait = Trait::area;
  Operator compares = Operator::less;
  Limit limit;
};

struct NameIs {
  std::string text;
  bool last_part = true;  // it has no '/'
};

// The file was changed between two moments. Absent: since ever, or until ever.
struct ChangedWithin {
  std::optional<std::int64_t> from, to;  // seconds since 1970; without `to` itself
};

using Condition = std::variant<Junction, Negation, Comparison, TraitComparison, NameIs, Glob, ChangedWithin>;

struct Program {
  std::string text = {};
  float confidence = 0;
  std::vector<std::string> wanted = {};  // what `any` means; empty: each thing

  std::vector<std::string> classes = {};
  std::vector<Place> places = {};  // where each class is named first; length 0: nowhere
  std::vector<ClassSet> sets = {};
  std::vector<Condition> nodes = {};
  Node root = 0;
  bool needs_all = false;
  float least_confidence = 1;
};

// One comparison of numbers; false where one of them is NaN.
bool compare(double left, Operator how, double right);

}  // namespace pixmill::tasks::rules
