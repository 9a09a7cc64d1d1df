#include "pixmill/tasks/rule.h"

#include <gtest/gtest.h>

#include <ctime>

#include "support/testing.h"
#include "tasks/rules/rule_fixture.h"

namespace pixmill::tasks {
namespace {

TEST(Rule, CountsThings) {
  const MadeUpPicture two = with({{"person", 2}, {"dog", 1}}), none = with({});
  for (const char* rule : {"person",
                           "person >= 2",
                           "person = 2",
                           "person == 2",
                           "person <= 2",
                           "person > 1",
                           "person < 3",
                           "person != 1",
                           "not car",
                           "! car",
                           "!car",
                           "any",
                           "any = 3",
                           "(person + dog) >= 3",
                           "person + dog = 3",
                           "person > dog",
                           "2 <= person",
                           "3 > person",
                           "(person) >= 2",
                           "count(person) = 2",
                           "count(person + dog) = 3",
                           "'person' = 2",
                           "car + cat = 0",
                           "NOT car",
                           "person \u2265 2",
                           "not (car)",
                           "not not person",
                           "person=2&&!car",
                           "car||dog"})
    EXPECT_TRUE(holds(rule, two)) << rule;
  for (const char* rule : {"car", "person >= 3", "person > 2", "person < 2", "person = 1", "person != 2", "not person",
                           "any < 3", "person + dog > 3", "dog > person", "2 < person", "not not car"})
    EXPECT_FALSE(holds(rule, two)) << rule;
  for (const char* rule : {"person <= 2", "person < 1", "person = 0", "any = 0", "not any"})
    EXPECT_TRUE(holds(rule, none)) << rule << ": a picture without things has at most N";
}

TEST(Rule, AClassThatStandsTwiceInASumCountsTwice) {
  const MadeUpPicture picture = with({{"person", 2}, {"dog", 1}});
  EXPECT_TRUE(holds("person + person = 4", picture));
  EXPECT_TRUE(holds("person + any = 5", picture));
  EXPECT_TRUE(holds("count(person + person) = 2", picture)) << "one set of classes";
}

TEST(Rule, NotBindsBeforeAndBeforeOr) {
  const MadeUpPicture dog = with({{"dog", 1}}), person = with({{"person", 2}});
  EXPECT_TRUE(holds("dog or person and car", dog)) << "dog or (person and car)";
  EXPECT_FALSE(holds("(dog or person) and car", dog));
  EXPECT_TRUE(holds("person and car or dog", dog));
  EXPECT_FALSE(holds("person and (car or dog)", dog));
  EXPECT_TRUE(holds("not dog or person", person)) << "(not dog) or person";
  EXPECT_TRUE(holds("not dog and person", person));
  EXPECT_FALSE(holds("not (dog or person)", person));
  EXPECT_TRUE(holds("not person >= 3", person)) << "not (person >= 3)";
  EXPECT_FALSE(holds("not person >= 2", person));
}

TEST(Rule, PercentIsOfTheSideOrOfTheAreaThatIsMeant) {
  MadeUpPicture picture;  // 200 x 100
  picture.things = {{"person", 0.9F, 20, 10, 120, 60, 1000}};
  for (const char* rule : {"area(person) >= 5%", "area(person) = 5%", "area(person) <= 5%", "area(person) = 1000",
                           "area(person) = 1K", "area(person) > 4.99%", "width(person) = 50%", "width(person) = 100",
                           "height(person) = 50%", "height(person) = 50", "x(person) = 35%", "x(person) = 70",
                           "y(person) = 35%", "y(person) = 35", "aspect(person) = 2", "total_area(person) >= 5%"})
    EXPECT_TRUE(holds(rule, picture)) << rule;
  for (const char* rule : {"area(person) > 5%", "area(person) < 5%", "width(person) > 50%", "height(person) > 50%",
                           "x(person) < 35%", "y(person) > 35%", "total_area(person) > 5%", "area(person) > 1K"})
    EXPECT_FALSE(holds(rule, picture)) << rule;
  picture.size = {1000, 700};
  picture.things[0].area = 49000;
  EXPECT_TRUE(holds("area(person) = 7%", picture)) << "0.07 x 700000 is not exactly 49000";
}

TEST(Rule, OneThingMeetsAComparison) {
  MadeUpPicture picture;
  picture.things = {{"person", 0.9F, 0, 0, 10, 10, 100}, {"person", 0.4F, 0, 0, 100, 100, 9000}};
  EXPECT_TRUE(holds("area(person) > 40% and confidence(person) > 0.8", picture)) << "two things";
  EXPECT_FALSE(holds("count(person, area > 40% and confidence > 0.8)", picture)) << "one of them";
  EXPECT_TRUE(holds("count(person, area > 40% or confidence > 0.8) = 2", picture));
  EXPECT_TRUE(holds("count(person, not area > 40%) = 1", picture));
  EXPECT_TRUE(holds("count(any, area > 40%) + car = 1", picture));
  EXPECT_TRUE(holds("area(person) < 1%", picture) && holds("area(person) > 40%", picture));
  EXPECT_FALSE(holds("not area(person) > 40%", picture)) << "no person is so large";
  EXPECT_TRUE(holds("not area(person) > 50%", picture));
  EXPECT_TRUE(holds("total_area(person) = 9100", picture));
  EXPECT_FALSE(holds("area(car) < 50%", picture)) << "there is no car that could be small";
  EXPECT_TRUE(holds("total_area(car) < 50%", picture)) << "no cars cover nothing";
}

TEST(Rule, WeakThingsCountOnlyWhereTheRuleSpeaksOfConfidence) {
  MadeUpPicture picture;
  picture.things = {{"person", 0.3F}, {"person", 0.6F}};
  EXPECT_TRUE(holds("person = 1", picture, 0.5F));
  EXPECT_TRUE(holds("person = 2", picture, 0.3F)) << "the bound itself is enough";
  EXPECT_TRUE(holds("count(person, confidence > 0.2) = 2", picture, 0.5F));
  EXPECT_TRUE(holds("confidence(person) < 0.4", picture, 0.5F));
  EXPECT_TRUE(holds("confidence(person) >= 0.6", picture, 0.5F)) << "0.6 in single precision";
  EXPECT_TRUE(holds("confidence(person) >= 60%", picture, 0.5F));
  EXPECT_FALSE(holds("confidence(person) > 60%", picture, 0.5F));
  const auto least = [](const char* rule) { return Rule::parse(rule, 0.5F).least_confidence(); };
  EXPECT_EQ(least("person"), 0.5F);
  EXPECT_EQ(least("sharpness > 80"), 1.F) << "no thing matters";
  EXPECT_EQ(least("confidence(person) > 0.2"), 0.2F);
  EXPECT_EQ(least("confidence(person) > 0.7"), 0.7F);
  EXPECT_EQ(least("person and confidence(person) > 0.7"), 0.5F);
  EXPECT_EQ(least("confidence(person) < 0.2"), 0.F);
  EXPECT_EQ(least("count(person, confidence > 0.2 and area > 5%)"), 0.2F);
  EXPECT_EQ(least("count(person, confidence > 0.2 or area > 5%)"), 0.F);
  EXPECT_EQ(least("count(person, not confidence > 0.2)"), 0.F);
}

TEST(Rule, AsksOfThePicture) {
  MadeUpPicture picture;
  picture.name = "2024/IMG_1.jpg";
  picture.size = {2000, 1000};
  for (const char* rule :
       {"width = 2000", "width >= 2K", "height < 1.5K", "pixels = 2M", "aspect = 2", "width > height",
        "name ~ \"IMG_*\"", "name ~ '2024/*'", "name = 'IMG_1.jpg'", "name = IMG_1.jpg", "name = '2024/IMG_1.jpg'",
        "name != 'a.jpg'", "not name ~ 'img_*'", "name ~ '*.{png,jpg}'"})
    EXPECT_TRUE(holds(rule, picture)) << rule;
  for (const char* rule : {"pixels > 2M", "name ~ 'img_*'", "name = '2024'", "name = '1/IMG_1.jpg'", "height > width"})
    EXPECT_FALSE(holds(rule, picture)) << rule;
  for (const char* rule : {"sharpness > 80", "sharpness < 80", "sharpness != 80", "brightness <= 255"})
    EXPECT_FALSE(holds(rule, picture)) << rule << ": it was not measured";
  EXPECT_TRUE(holds("not sharpness > 80", picture));
  picture.quality = {80.1F, 0};
  EXPECT_TRUE(holds("sharpness = 80.1 and brightness = 0", picture));
  EXPECT_FALSE(holds("sharpness > 80.1", picture));
}

std::int64_t moment(int month, int day, int hour, int minute = 0, int second = 0) {
  std::tm parts{};
  parts.tm_year = 2026 - 1900;
  parts.tm_mon = month - 1;
  parts.tm_mday = day;
  parts.tm_hour = hour;
  parts.tm_min = minute;
  parts.tm_sec = second;
  parts.tm_isdst = -1;
  return std::mktime(&parts);
}

TEST(Rule, ADateIsAWholeDayAndATimeAWholeMinute) {
  struct Case {
    const char* rule;
    bool before, first, last, after;  // of the day 2026-01-31
  };
  for (const Case& one : {Case{"date >= 2026-01-31", false, true, true, true},
                          {"date > 2026-01-31", false, false, false, true},
                          {"date <= 2026-01-31", true, true, true, false},
                          {"date < '2026-01-31'", true, false, false, false},
                          {"date = 2026-01-31", false, true, true, false},
                          {"date != 2026-01-31", true, false, false, true}}) {
    const auto at = [&](std::int64_t changed) {
      MadeUpPicture picture;
      picture.changed = changed;
      return holds(one.rule, picture);
    };
    EXPECT_EQ(at(moment(1, 30, 23, 59, 59)), one.before) << one.rule;
    EXPECT_EQ(at(moment(1, 31, 0)), one.first) << one.rule;
    EXPECT_EQ(at(moment(1, 31, 23, 59, 59)), one.last) << one.rule;
    EXPECT_EQ(at(moment(2, 1, 0)), one.after) << one.rule;
  }
  MadeUpPicture picture;
  picture.changed = moment(1, 31, 8, 0, 59);
  EXPECT_TRUE(holds("date = 2026-01-31T08:00", picture));
  EXPECT_FALSE(holds("date > 2026-01-31T08:00", picture));
  EXPECT_TRUE(holds("date > 2026-01-31T08:00:58", picture));
  picture.changed = std::time(nullptr) - 3600;
  EXPECT_TRUE(holds("date >= 2h and date < 10m", picture));
}

TEST(Rule, TellsWhichThingsItCounted) {
  MadeUpPicture picture = with({{"person", 2}, {"dog", 1}, {"cat", 1}});
  picture.things[1].confidence = 0.1F;
  const auto reasons = [&](const char* text) {
    const Rule rule = Rule::parse(text, 0.25F);
    std::string marks;
    for (const bool mark : rule.reasons(as_rule_picture(picture, things_for(rule, picture)))) marks += mark ? 'x' : '.';
    return marks;
  };
  EXPECT_EQ(reasons("person"), "x...");
  EXPECT_EQ(reasons("person and dog"), "x.x.");
  EXPECT_EQ(reasons("person and not car"), "x...");
  EXPECT_EQ(reasons("car or dog"), "..x.") << "only what holds";
  EXPECT_EQ(reasons("person >= 5 or dog"), "..x.");
  EXPECT_EQ(reasons("not (person >= 5 or car)"), "x...") << "the persons that are not five";
  EXPECT_EQ(reasons("any <= 4"), "x.xx");
  EXPECT_EQ(reasons("car"), "....") << "it does not hold";
  EXPECT_EQ(reasons("confidence(person) < 0.2"), ".x..");
  EXPECT_EQ(reasons("total_area(cat) > 10"), "...x");
}

TEST(Rule, KnowsItsClasses) {
  const Rule rule = Rule::parse("person and \"traffic light\" and area(person + dog) > 5%", 0.25F);
  EXPECT_EQ(rule.classes(), (std::vector<std::string>{"person", "traffic light", "dog"}));
  EXPECT_FALSE(rule.needs_all());
  EXPECT_TRUE(Rule::parse("person or any > 5", 0.25F).needs_all());
  EXPECT_EQ(Rule::parse("'and' or \"it's\" or 'it\\'s'", 0.25F).classes(), (std::vector<std::string>{"and", "it's"}));
}

TEST(Rule, AnyMeansTheClassesThatWereChosen) {
  Rule rule = Rule::parse("any >= 2", 0.25F, {"dog", "2"});
  EXPECT_FALSE(rule.needs_all());
  EXPECT_FALSE(holds(rule, with({{"person", 2}, {"dog", 1}})));
  rule.check_classes({"person", "dog", "cat"});
  EXPECT_EQ(rule.classes(), (std::vector<std::string>{"dog", "cat"})) << "2 is its number";
  EXPECT_TRUE(holds(rule, with({{"cat", 1}, {"dog", 1}})));
}

TEST(Rule, TheDocumentsExamplesAreRules) {
  const std::string page = pixmill::testing::file_text(PIXMILL_SOURCE_DIR "/docs/filter.md");
  const std::size_t begin = page.find("## Examples"), end = page.find("## What it can ask");
  int rules = 0;
  for (std::size_t at = begin; (at = page.find("\n| `", at)) < end; ++rules) {
    at += std::string_view("\n| `").size();
    Rule::parse(page.substr(at, page.find("` |", at) - at), 0.25F);
  }
  EXPECT_GT(rules, 20);
}

}  // namespace
}  // namespace pixmill::tasks
