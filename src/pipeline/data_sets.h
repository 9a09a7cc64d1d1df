// What a job and the command `export` share of data sets.
#pragma once

#include <atomic>
#include <filesystem>
#include <string>
#include <vector>

#include "pipeline/export_names.h"
#include "pixmill/pipeline/catalogue.h"
#include "pixmill/pipeline/data_set.h"
#include "pixmill/pipeline/exporting.h"

namespace pixmill::pipeline {

// Those that make data sets where one is wanted, and those that do not.
std::vector<ExportFormat> formats_of_data_set(const std::vector<ExportFormat>& formats, const DataSet& set);
std::vector<ExportFormat> formats_alone(const std::vector<ExportFormat>& formats, const DataSet& set);

struct DataSetParts {
  std::vector<ExportFormat> formats;  // see formats_of_data_set()
  const DataSet& set;
  const std::string& output;  // a folder, or, of one format with --zip, a file
  const ExportInputs& inputs;
};

// Whether they have a place, before anything is done. Throws Error: usage, collision (pictures below the inputs).
void check_data_sets(const DataSetParts& parts);

// Throws Error{unwritable, disk_full} where they cannot be written into.
void make_data_set_folders(const DataSetParts& parts);

struct DataSetSources {
  Catalogue& catalogue;
  const std::filesystem::path& state;
  bool overwrite = false;
  const ResultKey* key = nullptr;  // see ExportParts
};

// As write_exports() does.
std::vector<Exported> write_data_sets(const DataSetParts& parts, const DataSetSources& sources,
                                      const std::atomic<bool>& stop);

}  // namespace pixmill::pipeline
