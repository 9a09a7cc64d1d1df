// The records of many pictures, one after the other.
#pragma once

#include <atomic>
#include <cstddef>
#include <functional>
#include <string_view>
#include <vector>

#include "pipeline/export_names.h"
#include "pipeline/picture_exports.h"
#include "pixmill/pipeline/catalogue.h"

namespace pixmill::pipeline {

struct RecordsWanted {
  Catalogue& catalogue;
  std::string_view kind;           // "detections/2": those of other versions come too, for their reader to refuse
  const ResultKey* key = nullptr;  // of this result; null: of the newest one
};

// `index`: of the input, among all.
using RecordVisit = std::function<void(const ExportInput& input, std::size_t index, const StoredRecord& record)>;

// In the order of the inputs; those without a record are passed over. `check` is asked before every thousand inputs and
// may throw. Throws what it, `visit` and the catalogue throw.
void each_record(const RecordsWanted& wanted, const ExportInputs& inputs, const std::function<void()>& check,
                 const RecordVisit& visit);

// The records of up to `reach` inputs before and behind `index` that lie in its folder, by their offset. Throws what
// the catalogue throws.
std::vector<NearRecord> records_near(const RecordsWanted& wanted, const ExportInputs& inputs, std::size_t index,
                                     int reach);

// Throws Error{interrupted} where `stop` is true.
void check_stop(const std::atomic<bool>& stop);

}  // namespace pixmill::pipeline
