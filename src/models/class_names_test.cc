#include "pixmill/models/class_names.h"

#include <gtest/gtest.h>

#include <set>

#include "support/testing.h"

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

TEST(ClassNames, AreReadFromFilesOfAllKinds) {
  const Names wanted = {"cat", "it's a dog", "9"};
  for (const char* text :
       {"cat\nit's a dog\n9",
        "\xEF\xBB\xBF"
        "cat\r\n  it's a dog\r\n\r\n9\r\n",
        "[\"cat\", \"it's a dog\", \"9\"]", "{\"0\": \"cat\", \"1\": \"it's a dog\", \"2\": \"9\"}",
        "names: [cat, it's a dog, 9]\nnc: 3\n", "path: ../data\nnames:\n  0: cat\n  1: it's a dog\n  2: 9\n",
        "train: x\nnames:\n- cat\n- it's a dog\n- 9\n"})
    EXPECT_EQ(names_from_file(text, "names"), wanted) << text;
}

TEST(ClassNames, FilesThatAreNoneSayWhere) {
  const auto said = [](std::string_view text) {
    return pixmill::testing::error_of(ErrorCode::usage, [&] { names_from_file(text, "my.names"); }).message();
  };
  EXPECT_SAYS(said(""), "my.names: names no class");
  EXPECT_SAYS(said(" \n\n"), "names no class");
  EXPECT_SAYS(said("[]"), "names no class");
  EXPECT_SAYS(said("[\"cat\""), "line 1");
  EXPECT_SAYS(said("names:\n  0: cat\n  2: dog\n"), "line 3: the class 1 is wanted here, not '2'");
  EXPECT_SAYS(said("names:\n  - [cat]\n"), "line 2: a name is wanted here");
  EXPECT_SAYS(said("names: 3\n"), "line 1: a list of names is wanted here");
  EXPECT_SAYS(said("cat\n" + std::string(kLongestClass + 1, 'x')), "the class 1");
  EXPECT_SAYS(said(std::string("c\0t", 3)), "no text");
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
