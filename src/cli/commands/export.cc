// `pixmill export`: what earlier jobs found, in a format of other programs. No model is loaded; pictures are read only
// by formats that show them.
#include <algorithm>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "cli/commands/commands.h"
#include "cli/output/event_json.h"
#include "cli/output/text.h"
#include "pixmill/exports/export.h"
#include "pixmill/pipeline/exporting.h"
#include "pixmill/platform/home.h"

namespace pixmill::cli {
namespace {

bool has_files_of_pictures(const std::vector<pipeline::ExportFormat>& formats) {
  return std::any_of(formats.begin(), formats.end(),
                     [](const pipeline::ExportFormat& format) { return format.row->scope != exports::Scope::job; });
}

pipeline::ExportSpec export_spec(const Invocation& invocation) {
  const Values& values = invocation.values;
  if (invocation.arguments.size() != 1) {
    std::string names;
    for (const exports::ExportRow& row : exports::exports())
      names += (names.empty() ? "" : ", ") + std::string(row.name);
    throw Error(ErrorCode::usage, "one format is to be named, or several with commas between",
                "known: " + names + "; for example: pixmill export coco --from photos/ -o labels.json");
  }
  pipeline::ExportSpec spec;
  spec.formats = pipeline::export_formats(invocation.arguments, values);
  spec.from = values.texts("from");
  if (spec.from.empty()) spec.from = {"."};
  spec.data_set = pipeline::read_data_set(values);
  spec.output = values.text("output");
  if (spec.output.empty() && !spec.data_set.wanted()) {
    if (has_files_of_pictures(spec.formats))
      throw Error(ErrorCode::usage, "a file for each picture needs a folder", "-o labels/");
    spec.output = "./";
  }
  if (values.has("name")) spec.name_template = values.text("name");
  spec.overwrite = values.on("overwrite");
  if (spec.output == "-" && values.on("json"))
    throw Error(ErrorCode::usage, "--json and -o - both want standard output", "write the export to a file");
  spec.home = platform::find_home();
  return spec;
}

void print(const std::vector<pipeline::Exported>& results, bool to_standard_output) {
  for (const pipeline::Exported& one : results) {
    if (!to_standard_output) std::printf("%s\n", export_text(one).c_str());
    for (const std::string& note : one.notes) std::fprintf(stderr, "pixmill: warning: %s\n", note.c_str());
    for (const pipeline::Failed& failed : one.failed) complain(Error(failed.code, failed.message, failed.hint));
  }
}

}  // namespace

int run_export(const Invocation& invocation) {
  const pipeline::ExportSpec spec = export_spec(invocation);
  std::vector<pipeline::Exported> results;
  try {
    results = pipeline::export_records(spec, interrupted());
  } catch (const Error& error) {
    if (error.code() != ErrorCode::not_found) throw;
    complain(error);
    return kNoPicture;
  }
  if (invocation.values.on("json")) {
    nlohmann::ordered_json all = nlohmann::ordered_json::array();
    for (const pipeline::Exported& one : results) all.push_back(to_json(one));
    std::printf("%s\n", dump(all).c_str());
  } else {
    print(results, spec.output == "-");
  }
  const bool whole =
      std::all_of(results.begin(), results.end(), [](const pipeline::Exported& one) { return one.failed.empty(); });
  return whole ? kAllGood : kSomeFailed;
}

}  // namespace pixmill::cli
