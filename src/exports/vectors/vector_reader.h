// What the formats of feature vectors share.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "pixmill/exports/export.h"
#include "pixmill/tasks/vector_flags.h"

namespace pixmill::exports {

// Reads the vectors of one file, which all have one length.
class VectorReader {
 public:
  explicit VectorReader(const config::Values& values) : VectorReader(tasks::read_vector_options(values)) {}
  explicit VectorReader(const tasks::VectorOptions& options) : options_(options) {}

  // Throws Error{corrupt}: as unpack_embedding() does, or another length than those before.
  std::vector<float> read(const Entry& entry);
  std::size_t length() const { return length_; }  // 0: there was none yet
  bool halves() const { return options_.halves; }

 private:
  tasks::VectorOptions options_;
  std::size_t length_ = 0;
};

// The shortest digits that read back to the same float.
std::string shortest(float value);

}  // namespace pixmill::exports
