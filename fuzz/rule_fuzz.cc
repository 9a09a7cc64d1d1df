// A rule: Error{usage}, or one that answers for any picture, the opposite of its negation, and without those things
// that it says it does not look at.
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "pixmill/core/error.h"
#include "pixmill/tasks/rule.h"

namespace {

using pixmill::tasks::Rule;
using pixmill::tasks::RulePicture;
using pixmill::tasks::RuleThing;

RulePicture picture_of(std::vector<RuleThing>& things) {
  return {"2024/IMG_0001.jpg", {640, 480}, {120, 100}, 1'700'000'000, things};
}

void check(const Rule& rule, std::string_view text) {
  std::vector<RuleThing> things = {{0, 0.9F, 10, 10, 400, 400, 90000},
                                   {1, 0.6F, 300, 100, 600, 470, 60000},
                                   {-1, 0.3F, 0, 0, 50, 60, 2000},
                                   {0, 0.1F, 5, 5, 5, 5, 0},
                                   {1000000, 1, 0, 0, 640, 480, 640 * 480}};
  const bool holds = rule.holds(picture_of(things));
  const std::vector<bool> reasons = rule.reasons(picture_of(things));
  if (reasons.size() != things.size()) std::abort();
  for (const bool reason : reasons) {
    if (reason && !holds) std::abort();
  }
  std::erase_if(things, [&](const RuleThing& thing) { return thing.confidence < rule.least_confidence(); });
  if (rule.holds(picture_of(things)) != holds) std::abort();
  if (text.size() + 6 > pixmill::tasks::kLongestRule) return;
  try {
    std::vector<RuleThing> same = things;
    if (Rule::parse("not (" + std::string(text) + ")", 0.25F).holds(picture_of(same)) == holds) std::abort();
  } catch (const pixmill::Error& error) {
    if (error.message().find("parentheses") == std::string::npos) std::abort();  // one more may be too many
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  try {
    Rule rule = Rule::parse(text, 0.25F);
    check(rule, text);
    if (rule.classes().size() > size) std::abort();
    rule.check_classes({"person", "dog", "traffic light"});
  } catch (const pixmill::Error& error) {
    if (error.code() != pixmill::ErrorCode::usage) std::abort();
  }
  return 0;
}
