#include "core/simd.h"

#include "core/simd_targets.h"
// After the list of targets:
#include <hwy/highway.h>

#include <algorithm>
#include <cctype>
#include <cstdlib>

#include "pixmill/core/error.h"

namespace pixmill {
namespace {

constexpr std::string_view kScalar = "scalar";

struct Target {
  std::string name;
  std::int64_t bit;  // 0 for the scalar twins
};

std::string lower(std::string text) {
  std::ranges::transform(text, text.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

const std::vector<Target>& targets() {
  static const std::vector<Target> all = [] {
    std::vector<Target> found;
    for (const std::int64_t bit : hwy::SupportedAndGeneratedTargets()) {  // lower bits are better targets
      if (bit == HWY_SCALAR || bit == HWY_EMU128) continue;               // the twins do their work
      found.push_back({lower(hwy::TargetName(bit)), bit});
    }
    found.push_back({std::string(kScalar), 0});
    return found;
  }();
  return all;
}

const Target& find(std::string_view name) {
  const std::string wanted = name == "avx512" ? "avx3" : std::string(name);
  const auto found = std::ranges::find(targets(), wanted, &Target::name);
  if (found != targets().end()) return *found;
  std::string known;
  for (const Target& target : targets()) known += (known.empty() ? "" : ", ") + target.name;
  throw Error(ErrorCode::usage, "PIXMILL_SIMD: '" + std::string(name) + "' is not a SIMD target of this machine",
              "use one of " + known);
}

void choose(const Target& target) {
  if (target.bit != 0) hwy::SetSupportedTargetsForTest(target.bit);
  hwy::GetChosenTarget().Update(hwy::SupportedTargets());
}

const Target*& current() {
  static const Target* target = [] {
    const char* forced = std::getenv("PIXMILL_SIMD");
    const Target* first = forced != nullptr && *forced != '\0' ? &find(forced) : &targets().front();
    choose(*first);
    return first;
  }();
  return target;
}

}  // namespace

std::vector<std::string> simd_targets() {
  std::vector<std::string> names;
  for (const Target& target : targets()) names.push_back(target.name);
  return names;
}

std::string simd_target() {
  return current()->name;
}

void use_simd(std::string_view target) {
  const Target& wanted = find(target);
  current() = &wanted;
  choose(wanted);
}

bool simd_is_off() {
  return current()->bit == 0;
}

}  // namespace pixmill
