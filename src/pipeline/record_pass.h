// The records of many pictures, one after the other.
#pragma once

#include <atomic>
#include <functional>
#include <string_view>

#include "pipeline/export_names.h"
#include "pixmill/pipeline/catalogue.h"

namespace pixmill::pipeline {

struct RecordsWanted {
  Catalogue& catalogue;
  std::string_view kind;           // "detections/2": those of other versions come too, for their reader to refuse
  const ResultKey* key = nullptr;  // of this result; null: of the newest one
};

using RecordVisit = std::function<void(const ExportInput& input, const StoredRecord& record)>;

// In the order of the inputs; those without a record are passed over. Throws Error{interrupted} when `stop` turns true,
// what the catalogue throws, and what `visit` throws.
void each_record(const RecordsWanted& wanted, const ExportInputs& inputs, const std::atomic<bool>& stop,
                 const RecordVisit& visit);

}  // namespace pixmill::pipeline
