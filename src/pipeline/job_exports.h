// The exports of one job: checked before its first picture, written after its last.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "pipeline/data_sets.h"
#include "pipeline/export_names.h"
#include "pipeline/reporter.h"
#include "pixmill/pipeline/catalogue.h"
#include "pixmill/pipeline/job.h"
#include "pixmill/pipeline/sources.h"

namespace pixmill::pipeline {

// Borrows what it is made of.
class JobExports {
 public:
  // Throws as ExportNames and check_data_sets() do, and makes the folder unless it is a dry run.
  JobExports(const JobSpec& spec, const Sources& sources, const std::string& model);
  JobExports(const JobExports&) = delete;
  JobExports& operator=(const JobExports&) = delete;

  // Only these pictures, by their indices, with what `edit` makes of their records.
  using Edit = std::function<StoredRecord(std::size_t index, const StoredRecord& record)>;  // among these pictures
  void keep(const std::vector<std::uint32_t>& indices, Edit edit);

  // Of the records of this job's results, those of earlier runs among them. What goes wrong with a file is told, and
  // does not stop the others. `standard_input`: what Feeder calls the picture there. Throws Error: usage, interrupted,
  // what the catalogue throws.
  void write(Catalogue& catalogue, const ResultKey* key, const std::string& standard_input, Reporter& reporter,
             const std::atomic<bool>& stop);

 private:
  std::vector<Exported> written(Catalogue& catalogue, const ResultKey* key, const std::atomic<bool>& stop) const;

  const JobSpec& spec_;
  const std::vector<ExportFormat> alone_;  // not as data sets
  std::string standard_input_ = std::string(kStandardInput);
  ExportInputs inputs_;
  const ExportNames names_;
  const DataSetParts sets_;
  Edit edit_;
  std::function<std::string(const ExportInput& input)> why_;
};

}  // namespace pixmill::pipeline
