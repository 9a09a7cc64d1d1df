#include "pipeline/rows_file.h"

#include <utility>

namespace pixmill::pipeline {

RowsFile::~RowsFile() {
  writer_.reset();
  if (!staged_.empty()) committer_.discard(staged_);
}

void RowsFile::open(const codecs::EncodeOptions& options, const codecs::RowSpec& spec) {
  const auto stage = clock_.to(Stage::encode);
  staged_ = committer_.name_beside(output_);
  writer_.emplace(staged_, options, spec, output_.string());
  clock_.to(stage);
}

void RowsFile::write(ImageView rows) {
  const auto stage = clock_.to(Stage::encode);
  writer_->write(rows);
  clock_.to(stage);
}

std::filesystem::path RowsFile::finish() {
  writer_->finish();
  writer_.reset();
  return std::exchange(staged_, {});
}

}  // namespace pixmill::pipeline
