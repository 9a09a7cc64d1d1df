#include "pixmill/tasks/text_tower.h"

#include <gtest/gtest.h>

#include "pixmill/core/error.h"
#include "tasks/embed/clean_text.h"

namespace pixmill::tasks {
namespace {

constexpr std::int64_t kStart = 49'406, kEnd = 49'407;
constexpr std::int64_t kFirstMerge = 512;

// A list of CLIP's length that begins with `first`; the others join signs that no text here has.
std::string merges(const std::vector<std::string>& first) {
  std::string lines = "#version: 0.2\n";
  std::size_t count = 0;
  for (const std::string& one : first) {
    lines += one + "\n";
    ++count;
  }
  for (int a = 0; count < 48'894; ++a) {
    for (int b = 0; b < 256 && count < 48'894; ++b, ++count)
      lines += "~" + std::to_string(a) + " _" + std::to_string(b) + "~\n";
  }
  return lines;
}

std::int64_t number_of(char letter) {  // alone, in the middle of a word
  return letter - '!';
}

std::int64_t last(char letter) {  // of a word
  return 256 + letter - '!';
}

TEST(TokenizerTest, TheFirstPairOfTheListIsJoinedFirst) {
  const Tokenizer tokenizer(merges({"l o", "lo w</w>", "e r</w>", "w er</w>", "lo wer</w>"}), "merges.txt");
  EXPECT_EQ(tokenizer.encode("low", 77), (std::vector<std::int64_t>{kStart, kFirstMerge + 1, kEnd}));
  EXPECT_EQ(tokenizer.encode("Lower", 77), (std::vector<std::int64_t>{kStart, kFirstMerge + 4, kEnd}));
  EXPECT_EQ(tokenizer.encode("lol", 77), (std::vector<std::int64_t>{kStart, kFirstMerge, last('l'), kEnd}));
  EXPECT_EQ(tokenizer.encode("ow", 77), (std::vector<std::int64_t>{kStart, number_of('o'), last('w'), kEnd}));
}

TEST(TokenizerTest, EveryByteHasANumber) {
  const Tokenizer tokenizer(merges({}), "merges.txt");
  EXPECT_EQ(tokenizer.encode("", 77), (std::vector<std::int64_t>{kStart, kEnd}));
  EXPECT_EQ(tokenizer.encode("a!", 77), (std::vector<std::int64_t>{kStart, last('a'), last('!'), kEnd}));
  // U+00E9 is C3 A9: both can be seen in Latin-1, as the 129th and the 103rd such byte.
  EXPECT_EQ(tokenizer.encode("\xc3\xa9", 77), (std::vector<std::int64_t>{kStart, 127, 256 + 102, kEnd}));
  EXPECT_EQ(tokenizer.encode("\xf0\x9f\x90\x88", 77).size(), 6U) << "a cat";
}

TEST(TokenizerTest, LongTextsKeepTheirBeginningAndTheirEnd) {
  const Tokenizer tokenizer(merges({}), "merges.txt");
  const std::vector<std::int64_t> tokens = tokenizer.encode(std::string(500, 'x') + " y", 77);
  EXPECT_EQ(tokens.size(), 77U);
  EXPECT_EQ(tokens[75], number_of('x'));
  EXPECT_EQ(tokens.back(), kEnd);
  EXPECT_EQ(tokenizer.encode("a b c", 4), (std::vector<std::int64_t>{kStart, last('a'), last('b'), kEnd}));
}

TEST(TokenizerTest, AnotherListIsRefusedByName) {
  const std::string whole = merges({});
  for (const std::string& text : {std::string(), std::string("no list"), whole.substr(0, whole.size() / 2),
                                  "head\na b c\n" + whole, "head\n~0 _0~\n" + whole}) {
    try {
      Tokenizer(text, "other.txt");
      ADD_FAILURE() << text.substr(0, 20);
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::corrupt);
      EXPECT_NE(error.message().find("other.txt"), std::string::npos);
    }
  }
  Tokenizer(whole + "more pairs\n", "longer.txt");
}

TEST(CleanTextTest, AsCLIPCleansIt) {
  EXPECT_EQ(clean_text("  A\tPhoto \n of\xc2\xa0 a  CAT "), "a photo of a cat");
  EXPECT_EQ(clean_text("salt &amp;amp; pepper &lt;3 &#233; &#xE9; &unknown; & &"),
            "salt & pepper <3 \xc3\xa9 \xc3\xa9 &unknown; & &");
  EXPECT_EQ(clean_text("\xe2\x80\x98it\xe2\x80\x99s\xe2\x80\x9d"), "'it's\"");
  EXPECT_EQ(clean_text("e\xcc\x81"), "\xc3\xa9") << "composed";
  EXPECT_EQ(clean_text("\xef\xac\x81ne \xef\xbc\xa1\xef\xbc\x91"), "fine a1");
  EXPECT_EQ(clean_text("\xce\xa3\xce\x95\xce\xa3"), "\xcf\x83\xce\xb5\xcf\x82") << "the last sigma";
  EXPECT_EQ(clean_text(std::string("a\x01\x07") + "b"), "ab");
  EXPECT_EQ(clean_text("\xff broken"), "\xef\xbf\xbd broken");
}

TEST(CleanTextTest, Words) {
  EXPECT_EQ(words_of("it's 12 cats!? we'll caf\xc3\xa9-go"),
            (std::vector<std::string>{"it", "'s", "1", "2", "cats", "!?", "we", "'ll", "caf\xc3\xa9", "-", "go"}));
  EXPECT_TRUE(words_of("").empty());
}

}  // namespace
}  // namespace pixmill::tasks
