// What a job and the command `export` share: records to files.
#pragma once

#include <atomic>
#include <filesystem>
#include <map>
#include <vector>

#include "pipeline/export_names.h"
#include "pipeline/picture_exports.h"
#include "pixmill/pipeline/catalogue.h"
#include "pixmill/pipeline/exporting.h"

namespace pixmill::pipeline {

struct ExportParts {
  const std::vector<ExportFormat>& formats;
  const ExportInputs& inputs;
  const ExportNames& names;
  Catalogue& catalogue;
  const std::filesystem::path& state;  // the folder of runs, see Writer
  bool overwrite = false;
  const ResultKey* key = nullptr;  // records of this result; null: of the newest one
  PictureWork pictures = {};       // of formats that show them
  bool keep = false;               // every file that stands there stays as it is
  // What is exported in the place of a record; empty: itself.
  std::function<StoredRecord(std::size_t index, const StoredRecord& record)> edit = {};  // `index`: of the input
  // Why a picture has no record, for formats that list all; empty: nothing is known of that.
  std::function<std::string(const ExportInput& input)> why = {};
};

// See export_records().
std::vector<Exported> write_exports(const ExportParts& parts, const std::atomic<bool>& stop);

std::vector<const exports::ExportRow*> rows_of(const std::vector<ExportFormat>& formats);
std::map<std::string_view, OwnPlace> own_places(const std::vector<ExportFormat>& formats);  // by format

}  // namespace pixmill::pipeline
