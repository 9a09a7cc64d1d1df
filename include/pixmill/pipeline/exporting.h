// Files for other programs, written from the records of the catalogue: no inference. Only formats that show the
// pictures read them.
#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "pixmill/exports/export.h"
#include "pixmill/pipeline/catalogue.h"
#include "pixmill/pipeline/data_set.h"
#include "pixmill/pipeline/event.h"
#include "pixmill/platform/home.h"

namespace pixmill::pipeline {

// A format with its options.
struct ExportFormat {
  const exports::ExportRow* row = nullptr;
  std::function<std::unique_ptr<exports::Exporter>()> make;  // thread-safe
  std::string options = {};                                  // the values of its flags: others make other files
  std::string file = {};  // of Scope::job: where it goes, whatever the place of the others; "-": standard output
  std::string name_template = {};             // of files of pictures, in place of that of the others
  std::vector<std::string> own_results = {};  // patterns of its files that may lie among the pictures
};

// Formats of such lists with what a command's flags say. Throws as exports_named() does.
std::vector<ExportFormat> export_formats(const std::vector<std::string>& lists, const config::Values& values,
                                         std::string_view record_kind = {});

struct ExportSpec {
  std::vector<ExportFormat> formats;
  std::vector<std::string> from;  // folders, or single pictures: whatever of them is in the catalogue
  std::string output;             // a folder; a file; "-" for standard output
  std::string name_template = std::string(kExportName);
  bool overwrite = false;  // files that pixmill did not make
  DataSet data_set = {};   // in place of the files alone
  platform::Home home;

  static constexpr std::string_view kExportName = "{dir}/{stem}.{ext}";
};

// Writes them in the order of the pictures; each file is the old one or the new one at any moment, and one that would
// not change is left alone. A record that cannot be read, and a file that cannot be written, is in `failed` and does
// not stop the others. Throws Error: not_found (nothing is known of these folders), usage, collision, unwritable,
// interrupted (when `stop` turns true: files of whole jobs stay as they were).
std::vector<Exported> export_records(const ExportSpec& spec, const std::atomic<bool>& stop);

// One file about all pictures below `root`, made by `make`: the old file or the new one at any moment. One that pixmill
// did not make is only replaced with `overwrite`. Throws Error: collision, usage (it is a folder), unwritable,
// disk_full, and what `make` throws.
struct JobFile {
  std::filesystem::path root;
  std::filesystem::path file;
  bool overwrite = false;
};
void write_job_file(Catalogue& catalogue, const platform::Home& home, const JobFile& wanted,
                    const std::function<void(const exports::Sink&)>& make);

}  // namespace pixmill::pipeline
