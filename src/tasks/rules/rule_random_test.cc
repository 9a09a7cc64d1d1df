// Random rules on random pictures, beside what they must say by plain arithmetic.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>

#include "tasks/rules/rule_fixture.h"

namespace pixmill::tasks {
namespace {

using Random = std::mt19937;

int up_to(Random& random, int most) {
  return static_cast<int>(random() % static_cast<unsigned>(most + 1));
}

const char* pick(Random& random, std::initializer_list<const char*> words) {
  return words.begin()[up_to(random, static_cast<int>(words.size()) - 1)];
}

bool compared(int left, const std::string& how, int right) {
  if (how == "<") return left < right;
  if (how == "<=") return left <= right;
  if (how == ">") return left > right;
  if (how == ">=") return left >= right;
  return (left == right) == (how == "=");
}

MadeUpPicture random_picture(Random& random) {
  MadeUpPicture picture;
  picture.size = {100, 100};
  for (int i = up_to(random, 6); i > 0; --i) {
    const int left = up_to(random, 50), width = up_to(random, 50);
    picture.things.push_back({pick(random, {"a", "b", "c"}), 0.5F, float(left), 0, float(left + width), 10,
                              double(up_to(random, 99) * 100)});
  }
  return picture;
}

// A rule with what it must say of the picture. `binding`: 3 a comparison, 2 not, 1 and, 0 or.
struct Answered {
  std::string text;
  bool value = false;
  int binding = 3;

  std::string within(int least) const { return binding < least ? "(" + text + ")" : text; }
};

Answered random_leaf(Random& random, const MadeUpPicture& picture) {
  const std::string name = pick(random, {"a", "b", "any"}), how = pick(random, {"<", "<=", ">", ">=", "=", "!="});
  const auto is_one = [&](const MadeUpThing& thing) { return name == "any" || thing.name == name; };
  const auto count = [&](auto meets) {
    return static_cast<int>(std::count_if(picture.things.begin(), picture.things.end(),
                                          [&](const MadeUpThing& thing) { return is_one(thing) && meets(thing); }));
  };
  const auto all = [](const MadeUpThing&) { return true; };
  const int percent = up_to(random, 99), number = up_to(random, 3);
  const auto large = [&](const MadeUpThing& thing) { return compared(int(thing.area), how, percent * 100); };
  const std::string condition = " " + how + " " + std::to_string(percent) + "%";
  switch (up_to(random, 3)) {
    case 0: return {name, count(all) >= 1};
    case 1: return {name + how + std::to_string(number), compared(count(all), how, number)};
    case 2: return {"area(" + name + ")" + condition, count(large) >= 1};
    default: break;
  }
  return {"count(" + name + ", area" + condition + ") " + how + " " + std::to_string(number),
          compared(count(large), how, number)};
}

Answered random_rule(Random& random, const MadeUpPicture& picture, int depth) {
  const int kind = depth == 0 ? 3 : up_to(random, 3);
  if (kind == 3) return random_leaf(random, picture);
  const Answered first = random_rule(random, picture, depth - 1);
  if (kind == 2) return {pick(random, {"not ", "!"}) + first.within(2), !first.value, 2};
  const Answered second = random_rule(random, picture, depth - 1);
  if (kind == 1)
    return {first.within(1) + pick(random, {" and ", "&&"}) + second.within(1), first.value && second.value, 1};
  return {first.within(0) + pick(random, {" or ", "||"}) + second.within(0), first.value || second.value, 0};
}

TEST(RandomRules, SayWhatArithmeticSays) {
  Random random(20261122);
  int held = 0;
  for (int i = 0; i < 20000; ++i) {
    const MadeUpPicture picture = random_picture(random);
    const Answered rule = random_rule(random, picture, 4);
    ASSERT_EQ(holds(rule.text, picture), rule.value) << rule.text;
    held += rule.value ? 1 : 0;
  }
  EXPECT_GT(held, 4000) << "both answers come";
  EXPECT_LT(held, 16000);
}

}  // namespace
}  // namespace pixmill::tasks
