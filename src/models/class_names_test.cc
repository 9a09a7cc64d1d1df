#include "pixmill/models/class_names.h"

#include <gtest/gtest.h>

#include <set>

namespace pixmill::models {
namespace {

using Names = std::vector<std::string>;

TEST(ClassNames, CocoHasEightyDifferentOnes) {
  const Names& names = coco_80();
  EXPECT_EQ(names.size(), 80U);
  EXPECT_EQ(std::set<std::string>(names.begin(), names.end()).size(), 80U);
  EXPECT_EQ(names[16], "dog");
  EXPECT_EQ(names[79], "toothbrush");
}

TEST(ClassNames, AreReadFromAPythonDictionary) {
  EXPECT_EQ(names_from_python("{0: 'person', 1: \"dog's ear\", 2: 'it\\'s, {so}'}"),
            (Names{"person", "dog's ear", "it's, {so}"}));
  EXPECT_EQ(names_from_python("{0:'a',\n 1:'b',}"), (Names{"a", "b"}));
}

TEST(ClassNames, AnythingElseGivesNone) {
  for (const char* text : {"", "{", "{}x", "['a', 'b']", "{1: 'a'}", "{0: 'a', 2: 'b'}", "{0: a}", "{0: 'a'",
                           "{0: 'a' 1: 'b'}", "{0: ''}", "{0: 'a\nb'}", "{0: 'a\\", "{-1: 'a'}", "{0: 'a'}}"})
    EXPECT_TRUE(names_from_python(text).empty()) << text;
  EXPECT_TRUE(names_from_python("{0: '" + std::string(kLongestClass + 1, 'x') + "'}").empty());
  std::string many = "{";
  for (std::size_t i = 0; i <= kMostClasses; ++i) many += std::to_string(i) + ": 'x', ";
  EXPECT_TRUE(names_from_python(many + "}").empty());
}

}  // namespace
}  // namespace pixmill::models
