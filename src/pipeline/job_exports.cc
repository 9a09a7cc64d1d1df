#include "pipeline/job_exports.h"

#include <algorithm>
#include <system_error>
#include <utility>

#include "pipeline/exporting.h"

namespace pixmill::pipeline {
namespace fs = std::filesystem;
namespace {

// The folder that was walked; of pictures that were named, the folder of the first one.
fs::path root_of(const Sources& sources) {
  std::error_code error;
  if (!sources.roots.empty()) {
    const fs::path root = fs::canonical(sources.roots.front(), error);
    return error ? fs::absolute(sources.roots.front()) : root;
  }
  return sources.items.empty() ? fs::path() : fs::path(sources.items.identity(0)).parent_path();
}

ExportInputs inputs_of(const Sources& sources, const std::string& standard_input) {
  const auto at = [&](std::size_t i) {
    const SourceItem item = sources.items[i];
    const bool named = item.path != kStandardInput;
    return ExportInput{item.path.string(), item.relative.generic_string(),
                       named ? sources.items.identity(i) : standard_input};
  };
  const bool one_named = sources.items.size() + sources.failed.size() <= 1 && sources.roots.empty();
  return {sources.items.size(), at, one_named, root_of(sources)};
}

}  // namespace

JobExports::JobExports(const JobSpec& spec, const Sources& sources, const std::string& model)
    : spec_(spec),
      alone_(formats_alone(spec.exports, spec.data_set)),
      inputs_(inputs_of(sources, standard_input_)),
      names_(rows_of(alone_), inputs_,
             {spec.outputs.output, spec.outputs.name_template, model, spec.job, own_places(alone_)}),
      sets_{formats_of_data_set(spec.exports, spec.data_set), spec.data_set, spec.outputs.output, inputs_} {
  if (inputs_.count == 0) return;
  check_data_sets(sets_);
  if (spec.dry_run) return;
  names_.make_folder();
  make_data_set_folders(sets_);
}

void JobExports::keep(const std::vector<std::uint32_t>& indices, Edit edit) {
  inputs_.at = [all = inputs_.at, indices](std::size_t i) { return all(indices[i]); };
  inputs_.count = indices.size();
  edit_ = std::move(edit);
}

void JobExports::write(Catalogue& catalogue, const ResultKey* key, const std::string& standard_input,
                       Reporter& reporter, const std::atomic<bool>& stop) {
  catalogue.finish({});  // what was shared by equal pictures
  why_ = [&reporter](const ExportInput& input) { return reporter.why_failed(input.path); };
  standard_input_ = standard_input;
  const bool of_all = std::any_of(spec_.exports.begin(), spec_.exports.end(),
                                  [](const ExportFormat& format) { return format.row->scope == exports::Scope::job; });
  if (of_all && spec_.inputs.shard_count > 1)
    reporter.warning("the file of all pictures holds those of this shard; `pixmill export` writes one of all of them");
  for (const Exported& exported : written(catalogue, key, stop)) {
    for (const std::string& note : exported.notes) reporter.warning(note);
    reporter.exported(exported);
  }
}

std::vector<Exported> JobExports::written(Catalogue& catalogue, const ResultKey* key,
                                          const std::atomic<bool>& stop) const {
  const bool overwrite = spec_.outputs.overwrite;
  const ExportParts parts{alone_,
                          inputs_,
                          names_,
                          catalogue,
                          spec_.home.state,
                          overwrite,
                          key,
                          {{spec_.decode.max_pixels, false}, spec_.workers, spec_.memory_bytes},
                          spec_.outputs.skip_existing,
                          edit_,
                          why_};
  std::vector<Exported> all = write_exports(parts, stop);
  for (Exported& one : write_data_sets(sets_, {catalogue, spec_.home.state, overwrite, key}, stop))
    all.push_back(std::move(one));
  return all;
}

}  // namespace pixmill::pipeline
