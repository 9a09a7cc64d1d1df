#include "pipeline/known_inputs.h"

#include <set>
#include <system_error>

#include "pixmill/core/error.h"

namespace pixmill::pipeline {
namespace fs = std::filesystem;

std::string of_any_version(std::string_view kind) {
  return std::string(kind.substr(0, kind.find('/') + 1)) + "*";
}

fs::path root_of(const std::string& from) {
  std::error_code error;
  fs::path root = fs::canonical(from, error);
  if (error) throw Error(ErrorCode::not_found, from + ": " + error.message(), "name folders that pictures are in");
  return root;
}

namespace {

// Leaves those that have records of one of the kinds.
void keep_recorded(const Catalogue& catalogue, const std::vector<ExportFormat>& formats,
                   std::vector<fs::path>& inputs) {
  std::set<fs::path> recorded;
  std::set<std::string_view> kinds;
  for (const ExportFormat& format : formats) kinds.insert(format.row->record_kind);
  for (const std::string_view kind : kinds)
    catalogue.records_of(inputs, of_any_version(kind),
                         [&](const fs::path& input, const StoredRecord&) { recorded.insert(input); });
  std::erase_if(inputs, [&](const fs::path& input) { return !recorded.contains(input); });
}

}  // namespace

std::vector<ExportInput> known_inputs(const Catalogue& catalogue, const ExportSpec& spec) {
  std::vector<ExportInput> inputs;
  std::set<std::string> seen;
  for (const std::string& text : spec.from) {
    const fs::path root = root_of(text);
    std::error_code none;
    const bool is_folder = fs::is_directory(root, none);
    std::vector<fs::path> found = is_folder ? catalogue.inputs_under(root) : std::vector<fs::path>{root};
    keep_recorded(catalogue, spec.formats, found);
    for (const fs::path& input : found) {
      if (!seen.insert(input.native()).second) continue;
      const fs::path relative = is_folder ? input.lexically_relative(root) : input.filename();
      inputs.push_back({input.string(), relative.generic_string(), input.string()});
    }
  }
  return inputs;
}

}  // namespace pixmill::pipeline
