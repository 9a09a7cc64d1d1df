#include "pixmill/core/base64.h"

#include <gtest/gtest.h>

#include <string_view>

namespace pixmill {
namespace {

// The vectors of RFC 4648, section 10.
TEST(Base64, IsThatOfTheRfc) {
  const std::string_view pairs[][2] = {{"", ""},
                                       {"f", "Zg=="},
                                       {"fo", "Zm8="},
                                       {"foo", "Zm9v"},
                                       {"foob", "Zm9vYg=="},
                                       {"fooba", "Zm9vYmE="},
                                       {"foobar", "Zm9vYmFy"}};
  for (const auto& [bytes, letters] : pairs) EXPECT_EQ(base64(std::as_bytes(std::span(bytes))), letters);
  EXPECT_EQ(base64(std::as_bytes(std::span(std::string_view("\xFB\xFF\xFE")))), "+//+");
}

}  // namespace
}  // namespace pixmill
