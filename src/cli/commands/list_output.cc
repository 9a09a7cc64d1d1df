#include "cli/commands/list_output.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <utility>

#include "pixmill/core/error.h"
#include "pixmill/pipeline/exporting.h"

namespace pixmill::cli {
namespace fs = std::filesystem;
namespace {

constexpr std::array<std::pair<std::string_view, ListFormat>, 3> kFormats = {
    {{"txt", ListFormat::text}, {"csv", ListFormat::csv}, {"json", ListFormat::json}}};

ListFormat format_named(std::string_view name) {
  const auto* found =
      std::find_if(kFormats.begin(), kFormats.end(), [&](const auto& one) { return one.first == name; });
  return found == kFormats.end() ? ListFormat::text : found->second;
}

}  // namespace

ListFormat list_format_of(const Values& values) {
  const std::string extension = fs::path(values.text("output")).extension().string();
  const bool asked = values.all().at("format").origin != Origin::fallback;
  return format_named(asked || extension.empty() ? values.text("format") : extension.substr(1));
}

bool to_standard_output(const Values& values) {
  return values.text("output").empty() || values.text("output") == "-";
}

void refuse_standard_input(const pipeline::JobSpec& spec) {
  const auto& inputs = spec.inputs.inputs;
  if (std::find(inputs.begin(), inputs.end(), "-") != inputs.end())
    throw Error(ErrorCode::usage, "a picture on standard input has no name to list", "name files or folders");
}

std::optional<pipeline::TransferAction> transfer_action_of(const Values& values) {
  const auto action = pipeline::transfer_action_from(values.text("to"));
  if (action && to_standard_output(values))
    throw Error(ErrorCode::usage, "--to " + values.text("to") + " needs a folder", "-o FOLDER");
  if (action) pipeline::require_target({.action = *action, .target = values.text("output")});
  if (!action && to_standard_output(values) && values.on("json"))
    throw Error(ErrorCode::usage, "--json and the list both want standard output", "write the list to a file: -o FILE");
  return action;
}

void write_list(const Invocation& invocation, const pipeline::JobSpec& spec, pipeline::Catalogue& catalogue,
                const std::vector<fs::path>& roots,
                const std::function<void(const std::function<void(std::string_view)>&)>& make) {
  const Values& values = invocation.values;
  if (to_standard_output(values)) {
    make([](std::string_view text) { std::fwrite(text.data(), 1, text.size(), stdout); });
    std::fflush(stdout);
    return;
  }
  const fs::path root = roots.empty() ? fs::current_path() : roots.front();
  pipeline::write_job_file(catalogue, spec.home,
                           {fs::weakly_canonical(root), values.text("output"), values.on("overwrite")}, make);
}

}  // namespace pixmill::cli
