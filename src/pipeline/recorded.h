// What Recorded is to a job.
#pragma once

#include <atomic>

#include "pixmill/pipeline/recorded.h"
#include "pixmill/pipeline/sources.h"

namespace pixmill::pipeline {

class RecordedSources final : public Recorded {
 public:
  // Borrows all of it. `key`: of the job's results.
  RecordedSources(const Sources& sources, Catalogue& catalogue, const ResultKey& key, const std::atomic<bool>& stop)
      : sources_(sources), catalogue_(catalogue), key_(key), stop_(stop) {}

  std::size_t pictures() const override { return sources_.items.size(); }
  Picture at(std::size_t index) const override;
  const std::vector<std::filesystem::path>& roots() const override { return sources_.roots; }
  Catalogue& catalogue() const override { return catalogue_; }
  const ResultKey& key() const override { return key_; }
  void each(std::string_view kind, const Visit& visit) const override;

 private:
  const Sources& sources_;
  Catalogue& catalogue_;
  const ResultKey& key_;
  const std::atomic<bool>& stop_;
};

}  // namespace pixmill::pipeline
