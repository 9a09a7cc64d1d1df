// The pictures of a job with their records, when the last one has ended.
#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "pixmill/pipeline/catalogue.h"

namespace pixmill::pipeline {

// Borrows what the job has; valid while the function that gets it runs.
class Recorded {
 public:
  struct Picture {
    std::filesystem::path path;      // as the user named it
    std::string relative;            // below the folder of the inputs
    std::filesystem::path identity;  // absolute, without links: its name in the catalogue
  };

  virtual ~Recorded() = default;
  virtual std::size_t pictures() const = 0;
  virtual Picture at(std::size_t index) const = 0;
  virtual const std::vector<std::filesystem::path>& roots() const = 0;  // folders that were walked
  virtual Catalogue& catalogue() const = 0;
  virtual const ResultKey& key() const = 0;  // of the job's results, without the content of a picture

  // Of this job's results, those of earlier runs among them, in the order of the inputs; a picture that failed has
  // none. Throws what `visit` and the catalogue throw.
  using Visit = std::function<void(std::size_t index, const StoredRecord& record)>;
  virtual void each(std::string_view kind, const Visit& visit) const = 0;
};

}  // namespace pixmill::pipeline
