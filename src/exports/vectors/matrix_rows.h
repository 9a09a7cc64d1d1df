// The rows of a matrix of vectors as they are written: one for each picture; of one without a vector, NaN.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "exports/vectors/vector_reader.h"
#include "pixmill/exports/export.h"
#include "pixmill/vectors/npy.h"

namespace pixmill::exports {

class MatrixRows {
 public:
  // `head`: what stands before the first row; asked once, when the length of the vectors is known.
  using Head = std::function<std::string(const vectors::NpyShape& shape)>;
  MatrixRows(const tasks::VectorOptions& options, Head head) : reader_(options), head_(std::move(head)) {}

  void expect(std::size_t pictures) { rows_ = pictures; }
  void add(const Entry& entry, const Sink& sink);  // throws as VectorReader::read()
  void add_missing(const Sink& sink);
  void end(const Sink& sink);  // of a matrix without any vector: the head alone

 private:
  void write_head(const Sink& sink);
  std::vector<float> missing() const;
  void write(const std::vector<float>& vector, const Sink& sink) const;

  VectorReader reader_;
  Head head_;
  std::size_t rows_ = 0;
  std::size_t early_ = 0;  // pictures without a vector before the first that has one
  bool headed_ = false;
};

}  // namespace pixmill::exports
