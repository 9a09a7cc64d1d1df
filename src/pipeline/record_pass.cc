#include "pipeline/record_pass.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <vector>

#include "pipeline/known_inputs.h"
#include "pixmill/core/error.h"

namespace pixmill::pipeline {
namespace fs = std::filesystem;
namespace {

constexpr std::size_t kPicturesAtOnce = 1024;

}  // namespace

void check_stop(const std::atomic<bool>& stop) {
  if (stop) throw Error(ErrorCode::interrupted, "stopped; the files of whole jobs are as they were");
}

void each_record(const RecordsWanted& wanted, const ExportInputs& inputs, const std::function<void()>& check,
                 const RecordVisit& visit) {
  std::vector<ExportInput> some;
  std::vector<fs::path> identities;
  for (std::size_t from = 0; from < inputs.count; from += kPicturesAtOnce) {
    check();
    some.clear();
    identities.clear();
    for (std::size_t i = from; i < std::min(from + kPicturesAtOnce, inputs.count); ++i) {
      some.push_back(inputs.at(i));
      identities.emplace_back(some.back().identity);
    }
    std::size_t at = 0;  // the records come in the order of the question
    wanted.catalogue.records_of(
        identities, of_any_version(wanted.kind),
        [&](const fs::path& input, const StoredRecord& record) {
          while (identities[at] != input) ++at;
          visit(some[at], from + at, record);
        },
        wanted.key);
  }
}

std::vector<NearRecord> records_near(const RecordsWanted& wanted, const ExportInputs& inputs, std::size_t index,
                                     int reach) {
  const fs::path folder = fs::path(inputs.at(index).relative).parent_path();
  const auto span = static_cast<std::size_t>(reach);
  const std::size_t from = index - std::min(index, span), to = std::min(index + span + 1, inputs.count);
  std::vector<fs::path> identities;
  std::map<fs::path, int> offsets;
  for (std::size_t i = from; i < to; ++i) {
    const ExportInput input = inputs.at(i);
    if (i == index || fs::path(input.relative).parent_path() != folder) continue;
    identities.emplace_back(input.identity);
    offsets.emplace(input.identity, static_cast<int>(i) - static_cast<int>(index));
  }
  std::vector<NearRecord> found;
  wanted.catalogue.records_of(
      identities, of_any_version(wanted.kind),
      [&](const fs::path& input, const StoredRecord& record) {
        found.push_back({offsets.at(input), record});
      },
      wanted.key);
  return found;
}

}  // namespace pixmill::pipeline
