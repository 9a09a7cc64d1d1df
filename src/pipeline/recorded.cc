#include "pipeline/recorded.h"

#include "pipeline/record_pass.h"

namespace pixmill::pipeline {

Recorded::Picture RecordedSources::at(std::size_t index) const {
  const SourceItem item = sources_.items[index];
  return {item.path, item.relative.generic_string(), sources_.items.identity(index)};
}

void RecordedSources::each(std::string_view kind, const Visit& visit) const {
  catalogue_.finish({});  // what the job saw of files that only look changed, and shared by equal pictures
  const auto input = [this](std::size_t index) {
    const Picture picture = at(index);
    return ExportInput{picture.path.string(), picture.relative, picture.identity.string()};
  };
  const ExportInputs inputs{pictures(), input, false, {}};
  each_record(
      {catalogue_, kind, &key_}, inputs, [this] { check_stop(stop_); },
      [&](const ExportInput&, std::size_t index, const StoredRecord& record) { visit(index, record); });
}

}  // namespace pixmill::pipeline
