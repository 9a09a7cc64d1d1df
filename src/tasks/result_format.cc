#include "tasks/result_format.h"

#include <algorithm>
#include <filesystem>

namespace pixmill::tasks {

std::optional<codecs::Format> format_of_output(const std::string& output) {
  const std::string extension = std::filesystem::path(output).extension().string();
  if (extension.size() < 2 || output.ends_with('/') || std::filesystem::is_directory(output)) return std::nullopt;
  return codecs::format_from(extension.substr(1));
}

Error refused_output(const std::string& output, const std::string& why) {
  return {ErrorCode::usage, output + ": " + why, "give the file another ending, or name a folder"};
}

codecs::Format result_format(const config::Values& values, const std::string& output) {
  const codecs::Format named = codecs::format_from(values.text("format")).value();
  const auto ending = format_of_output(output);
  if (!ending || *ending == named) return named;
  if (values.all().at("format").origin == config::Origin::flag)
    throw refused_output(output, "--format " + values.text("format") + " has another ending");
  const auto& choices = config::find_flag(values.command(), "format")->choices;
  if (std::find(choices.begin(), choices.end(), codecs::name_of(*ending)) == choices.end())
    throw refused_output(output, "results are not written in this format");
  return *ending;
}

}  // namespace pixmill::tasks
