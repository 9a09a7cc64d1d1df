// A result that is written row by row, under a temporary name.
#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>

#include "pipeline/commit.h"
#include "pipeline/picture_context.h"
#include "pixmill/codecs/rows.h"
#include "pixmill/tasks/task.h"

namespace pixmill::pipeline {

// Unless it was finished, nothing of it stays on disk.
class RowsFile final : public tasks::RowSink {
 public:
  RowsFile(Committer& committer, const std::filesystem::path& output, std::size_t product, StageClock& clock)
      : committer_(committer), output_(output), product_(product), clock_(clock) {}
  RowsFile(const RowsFile&) = delete;
  RowsFile& operator=(const RowsFile&) = delete;
  ~RowsFile() override;

  void open(const codecs::EncodeOptions& options, const codecs::RowSpec& spec);
  void write(ImageView rows) override;
  std::filesystem::path finish();  // throws Error{internal} where rows are missing
  std::size_t product() const { return product_; }

 private:
  Committer& committer_;
  const std::filesystem::path output_;
  const std::size_t product_;
  StageClock& clock_;
  std::filesystem::path staged_;  // empty: none, or given away
  std::optional<codecs::RowWriter> writer_;
};

}  // namespace pixmill::pipeline
