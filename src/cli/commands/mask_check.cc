// `pixmill mask check`: whether a program will take the masks of a folder.
#include <cstdio>
#include <map>
#include <nlohmann/json.hpp>

#include "cli/commands/commands.h"
#include "cli/output/event_json.h"
#include "cli/output/terminal.h"
#include "cli/output/text.h"
#include "pixmill/measure/mask_check.h"

namespace pixmill::cli {
namespace {

constexpr std::size_t kShownOfAKind = 10;

nlohmann::ordered_json to_json(const measure::MaskCheck& check) {
  nlohmann::ordered_json findings = nlohmann::ordered_json::array();
  for (const measure::MaskFinding& one : check.findings) {
    findings.push_back({{"level", one.error ? "error" : "warning"},
                        {"kind", one.kind},
                        {"file", one.file.generic_string()},
                        {"message", one.message}});
  }
  return {{"profile", check.profile}, {"good", check.good()},     {"photographs", check.photographs},
          {"used", check.used},       {"missing", check.missing}, {"ignored", check.ignored},
          {"findings", findings}};
}

void print(const measure::MaskCheck& check) {
  std::map<std::string_view, std::size_t> of_kind;
  for (const measure::MaskFinding& one : check.findings) {
    if (++of_kind[one.kind] > kShownOfAKind) continue;
    std::printf("%-8s %s%s%s\n", one.error ? "error" : "warning", printable(one.file.generic_string()).c_str(),
                one.file.empty() ? "" : ": ", printable(one.message).c_str());
  }
  for (const auto& [kind, count] : of_kind) {
    if (count > kShownOfAKind)
      std::printf("%-8s %zu more of the kind '%s'; --json lists all\n", "", count - kShownOfAKind,
                  std::string(kind).c_str());
  }
  std::printf("%s for %s: %s, %zu masks used, %zu missing, %zu ignored\n", check.good() ? "good" : "not good",
              std::string(check.profile).c_str(),
              count_text(static_cast<std::int64_t>(check.photographs), "photograph").c_str(), check.used, check.missing,
              check.ignored);
}

}  // namespace

int run_mask_check(const Invocation& invocation) {
  if (invocation.arguments.size() != 4) {
    throw Error(ErrorCode::usage, "mask check takes a profile and two folders",
                "pixmill mask check colmap photos/ masks/; pictures in a folder called check are ./check");
  }
  const std::vector<std::string>& words = invocation.arguments;
  const measure::MaskCheck check =
      measure::check_masks(tasks::mask_profile(words[1]), words[2], words[3], interrupted());
  if (invocation.values.on("json")) {
    std::printf("%s\n", dump(to_json(check)).c_str());
  } else {
    print(check);
  }
  return check.good() ? kAllGood : kSomeFailed;
}

}  // namespace pixmill::cli
