// Rules that are refused: what the message says, and where the caret stands.
#include <gtest/gtest.h>

#include "pixmill/tasks/rule.h"
#include "support/testing.h"
#include "tasks/rules/place.h"

namespace pixmill::tasks {
namespace {

using testing::error_of;

Error refused(const std::string& rule) {
  return error_of(ErrorCode::usage, [&] { Rule::parse(rule, 0.25F); });
}

struct Case {
  const char* rule;
  const char* carets;  // below it
  const char* message;
  const char* advice;
};

TEST(RuleErrors, ShowThePlace) {
  for (const Case& one : {
           Case{"person >= ", "          ^", "ends where a class or a condition is expected", ""},
           {"person >= 2 nd car", "            ^^", "'nd' stands where", "did you mean and?"},
           {"traffic light > 1", "        ^^^^^", "'light' stands where", "\"traffic light\""},
           {"\"traffic light > 1", "^", "this quote is not closed", ""},
           {"(person and (dog or cat)", "^", "this ( is not closed", ""},
           {"person and dog)", "              ^", "')' stands where", ""},
           {"person >= 2.5", "          ^^^", "'2.5' is no whole number", "person is a whole number"},
           {"person >= 5%", "          ^^", "a percentage has no meaning for person", ""},
           {"person >= 2x", "          ^^", "'2x' is no number", ""},
           {"person >= 1e400", "          ^^^^^", "'1e400' is no number", ""},
           {"person >= 99999999999999", "          ^^^^^^^^^^^^^^", "too large for person", ""},
           {"person >= -1", "          ^", "it has no -", "0 or more"},
           {"sharpness > 5%", "            ^^", "a percentage has no meaning for sharpness", ""},
           {"brightness > 256", "             ^^^", "too large for brightness", "0 (black) to 255"},
           {"confidence(person) > 60", "                     ^^", "too large for confidence(person)", "0% to 100%"},
           {"area(person) > 101%", "               ^^^^", "more than 100%", ""},
           {"aera(person) > 5%", "^^^^", "there is no aera( )", "did you mean area?"},
           {"area > 5%", "^^^^", "area of what?", "area(person)"},
           {"area(person) and dog", "^^^^^^^^^^^^", "'area(person)' is compared with nothing", "area(person) > 100"},
           {"sharpness", "^^^^^^^^^", "compared with nothing", "sharpness > 100"},
           {"5", "^", "a number alone", ""},
           {"5 > 4", "^^^^^", "two numbers", ""},
           {"name > \"a\"", "     ^", "a name is compared by ~, = or !=", ""},
           {"name", "^^^^", "a name is compared by", ""},
           {"name ~ IMG_*", "           ^", "it has no *", "is quoted"},
           {"person !~ 'a'", "       ^^", "it has no !~", "not name ~"},
           {"person => 2", "       ^^", "it has no =>", "write >="},
           {"person & car", "       ^", "it has no &", "&&"},
           {"person >= 2 <= 5", "            ^^", "a second comparison", "and person <= 5"},
           {"person ? 2", "       ^", "'?' has no meaning", ""},
           {"date > soon", "       ^^^^", "a date is expected", "2026-01-31"},
           {"date > 2026-02-30", "       ^^^^^^^^^^", "'2026-02-30' is no date", ""},
           {"date > 2026-13-01", "       ^^^^^^^^^^", "is no date", ""},
           {"date > 2026-1-5", "       ^^^^^^^^", "is no date", ""},
           {"date ~ 2026-01-01", "     ^", "a date is compared by", ""},
           {"count(person, sharpness > 5)", "              ^^^^^^^^^", "nothing that a thing has", "known: area"},
           {"count(person, arae > 5)", "              ^^^^", "nothing that a thing has", "did you mean area?"},
           {"area(person, x > 5) > 5%", "           ^", "takes classes only", "count(person,"},
           {"area(any + dog) > 5%", "           ^^^", "any has all classes", ""},
           {"person and name", "           ^^^^", "a name is compared by", ""},
           {"sharpness > person", "^^^^^^^^^^^^^^^^^^", "are different things", ""},
           {"area(person) > dog", "^^^^^^^^^^^^", "compared with a number only", ""},
           {"(person and dog) > 2", "^^^^^^^^^^^^^^^^", "is true or false", ""},
           {"sharpness + 2 > 3", "^^^^^^^^^", "only counts of things are added", ""},
           {"person and ''", "           ^^", "a class without a name", ""},
           {"()", " ^", "')' stands where a class or a condition", ""},
           {"\u201Cdog\u201D", "^", "it has no", "straight quotes"},
           {"gr\u00FCn\u00E9 or \u732B\u72D7 or nt dog", "                    ^^^", "'dog' stands where",
            "did you mean not?"},
       }) {
    const Error error = refused(one.rule);
    EXPECT_SAYS(error.message(), one.message) << " in " << one.rule;
    EXPECT_SAYS(error.hint() + "\n", std::string(one.rule) + "\n" + one.carets + "\n");
    EXPECT_SAYS(error.hint(), one.advice);
  }
  EXPECT_SAYS(refused("").message(), "empty");
  EXPECT_SAYS(refused(" \n\t").message(), "empty");
  EXPECT_SAYS(refused(std::string("person \0", 8)).message(), "'\\x00' has no meaning");
}

TEST(RuleErrors, ALongRuleIsShownInPart) {
  std::string rule;
  for (int i = 0; i < 50; ++i) rule += "person and ";
  rule += "dog dog and ";
  for (int i = 0; i < 50; ++i) rule += "person and ";
  const std::string hint = refused(rule + "cat").hint();
  const std::string line = hint.substr(0, hint.find('\n'));
  const std::string below = hint.substr(line.size() + 1);
  EXPECT_TRUE(line.starts_with("...") && line.ends_with("...") && line.size() < 80) << line;
  EXPECT_EQ(line.substr(below.find('^'), 7), "dog and") << hint;
}

TEST(RuleErrors, WhatIsNoTextIsShownSafely) {
  EXPECT_EQ(rules::marked("a\tb\xFF\xC3 c", {6, 1}), "a b?? c\n      ^");
  EXPECT_EQ(rules::marked("e\u0301 x", {4, 1}), "e\u0301 x\n  ^") << "an accent has no column of its own";
}

TEST(RuleErrors, ExplodingRulesEndSoon) {
  EXPECT_SAYS(refused(std::string(kLongestRule + 1, 'a')).message(), "bytes");
  const std::string deep = std::string(kDeepestRule + 1, '(') + "dog" + std::string(kDeepestRule + 1, ')');
  EXPECT_SAYS(refused(deep).message(), "more than 200 parentheses");
  Rule::parse(deep.substr(1, deep.size() - 2), 0.25F);
  Rule::parse(std::string(kLongestRule - 3, '!') + "dog", 0.25F);
  std::string wide = "a";
  while (wide.size() + 10 < kLongestRule) wide += " and not a";
  EXPECT_TRUE(Rule::parse("b or " + wide.substr(0, wide.size() - 10), 0.25F).classes().size() == 2);
  std::string many = "c0";
  for (int i = 1; i < 5000; ++i) many += "+c" + std::to_string(i);
  EXPECT_SAYS(refused(many).message(), "more than 4096 classes");
  EXPECT_SAYS(refused(std::string(129, 'a')).message(), "128 bytes");
  std::string braces;
  for (int i = 0; i < 8; ++i) braces += "{a,b,c,d,e,f,g,h}";
  EXPECT_SAYS(refused("name ~ '" + braces + "'").message(), "more than 256 patterns");
}

TEST(RuleErrors, UnknownClassesHaveTheNearestWord) {
  const std::vector<std::string> known = {"person", "car", "traffic light"};
  const auto unknown = [&](const std::string& text, const std::vector<std::string>& classes = {}) {
    return error_of(ErrorCode::usage, [&] { Rule::parse(text, 0.25F, classes).check_classes(known); });
  };
  const Error slip = unknown("person and not perzon >= 2");
  EXPECT_SAYS(slip.message(), "no class 'perzon'");
  EXPECT_EQ(slip.hint(), "person and not perzon >= 2\n               ^^^^^^\ndid you mean person?");
  EXPECT_SAYS(unknown("Person").hint(), "did you mean person?");
  EXPECT_SAYS(unknown("sharpnes >= 3").hint(), "did you mean sharpness?");
  EXPECT_SAYS(unknown("zebra").hint(), "known: person, car, traffic light");
  EXPECT_SAYS(unknown("any", {"carr"}).message(), "--classes");
  EXPECT_SAYS(unknown("car", {"3"}).message(), "'3'");
  EXPECT_SAYS(unknown("any", std::vector<std::string>(1, std::string(200, 'a'))).message(), "--classes: no class has");
  std::vector<std::string> many;
  for (int i = 0; i < 100'000; ++i) many.push_back("c" + std::to_string(i));
  EXPECT_SAYS(unknown("any", many).message(), "--classes: more than 4096 classes");
}

}  // namespace
}  // namespace pixmill::tasks
