#include "pixmill/config/chain_file.h"

#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <set>
#include <system_error>

#include "pixmill/core/error.h"
#include "pixmill/core/nearest.h"
#include "pixmill/platform/files.h"

namespace pixmill::config {
namespace fs = std::filesystem;
namespace {

constexpr std::size_t kMostSteps = 100;
constexpr std::size_t kMostOptions = 1000;  // YAML aliases can expand a line to millions
constexpr const char* kExample = "steps:\n  - job: cutout\n    options: {background: white}";

class Reader {
 public:
  explicit Reader(const fs::path& file) : file_(file) {}

  ChainFile read(const YAML::Node& root) {
    if (!root.IsMap()) fail(root, "a chain is written as 'steps:' with a list of jobs");
    check_keys(root, {"name", "options", "steps"}, "a chain");
    ChainFile chain;
    chain.file = file_;
    chain.name = root["name"] ? word(root["name"]) : file_.stem().string();
    if (root["options"]) chain.options = options_of(root["options"]);
    const YAML::Node steps = root["steps"];
    if (!steps || !steps.IsSequence() || steps.size() == 0) fail(steps ? steps : root, "`steps` is a list of jobs");
    if (steps.size() > kMostSteps) fail(steps, "more than 100 steps");
    for (const YAML::Node& step : steps) chain.steps.push_back(step_of(step));
    return chain;
  }

 private:
  [[noreturn]] void fail(const YAML::Node& node, const std::string& what, const std::string& hint = kExample) const {
    throw Error(ErrorCode::usage, file_.string() + ":" + std::to_string(node.Mark().line + 1) + ": " + what, hint);
  }

  std::string word(const YAML::Node& node) const {
    if (!node.IsScalar() || node.Scalar().empty()) fail(node, "a plain word is expected here");
    return node.Scalar();
  }

  void check_keys(const YAML::Node& map, const std::vector<std::string>& known, const std::string& of) const {
    std::set<std::string> seen;
    for (const auto& entry : map) {
      const std::string key = word(entry.first);
      if (std::find(known.begin(), known.end(), key) == known.end())
        fail(entry.first, "there is no key '" + key + "' in " + of, suggestion(key, known));
      if (!seen.insert(key).second) fail(entry.first, "'" + key + "' appears twice");
    }
  }

  ChainFileStep step_of(const YAML::Node& node) const {
    ChainFileStep step;
    step.line = node.Mark().line + 1;
    if (node.IsScalar()) {
      step.job = word(node);
      return step;
    }
    if (!node.IsMap()) fail(node, "a step is the name of a job, or 'job: NAME' with options");
    check_keys(node, {"job", "name", "options"}, "a step");
    if (!node["job"]) fail(node, "a step without 'job'");
    step.job = word(node["job"]);
    if (node["name"]) step.name = word(node["name"]);
    if (node["options"]) step.options = options_of(node["options"]);
    return step;
  }

  std::vector<Setting> options_of(const YAML::Node& node) const {
    if (!node.IsMap()) fail(node, "options are written as 'name: value'");
    std::vector<Setting> options;
    std::set<std::string> seen;
    for (const auto& entry : node) {
      Setting option{{}, word(entry.first), {}, entry.first.Mark().line + 1};
      if (!seen.insert(option.key).second) fail(entry.first, "'" + option.key + "' appears twice");
      if (entry.second.IsSequence()) {
        if (entry.second.size() > kMostOptions) fail(entry.second, "more than 1000 values");
        for (const YAML::Node& value : entry.second) option.values.push_back(word(value));
      } else {
        option.values.push_back(word(entry.second));
      }
      if (options.size() == kMostOptions) fail(entry.first, "more than 1000 options");
      options.push_back(std::move(option));
    }
    return options;
  }

  const fs::path& file_;
};

}  // namespace

fs::path chain_folder(const fs::path& settings_file) {
  return settings_file.parent_path() / "chains";
}

std::vector<std::string> chain_names(const fs::path& folder) {
  std::vector<std::string> names;
  std::error_code error;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder, error)) {
    if (entry.path().extension() == ".yaml") names.push_back(entry.path().stem().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

ChainFile find_chain(const std::string& name, const fs::path& folder) {
  return read_chain(folder / (name + ".yaml"));
}

ChainFile read_chain(const fs::path& file) {
  return parse_chain(platform::read_text(file, kLargestSettings), file);
}

ChainFile parse_chain(std::string_view yaml, const fs::path& file) {
  try {
    return Reader(file).read(YAML::Load(std::string(yaml)));
  } catch (const YAML::Exception& error) {
    throw Error(ErrorCode::usage,
                file.string() + ":" + std::to_string(error.mark.line + 1) + ": not YAML: " + error.msg, kExample);
  }
}

}  // namespace pixmill::config
