// Matrices of vectors in a file each: NumPy's .npy, and a flat index of FAISS.
#include <cstdint>

#include "exports/formats.h"
#include "exports/vectors/matrix_rows.h"
#include "pixmill/core/error.h"

namespace pixmill::exports {
namespace {

class Matrix final : public Exporter {
 public:
  Matrix(const tasks::VectorOptions& options, MatrixRows::Head head) : rows_(options, std::move(head)) {}

  bool lists_all() const override { return true; }
  void expect(std::size_t pictures) override { rows_.expect(pictures); }
  void add(const Entry& entry, const Sink& sink) override { rows_.add(entry, sink); }
  void add_missing(const Entry&, const std::string&, const Sink& sink) override { rows_.add_missing(sink); }
  void end(const Sink& sink) override { rows_.end(sink); }

 private:
  MatrixRows rows_;
};

template <typename Number>
void append(std::string& text, Number number) {
  text.append(reinterpret_cast<const char*>(&number), sizeof number);
}

// Of an IndexFlatIP, as faiss/impl/index_write.cpp writes it: rows of f32 follow. A row of NaN is like no query.
std::string faiss_head(const vectors::NpyShape& shape) {
  constexpr std::int64_t kUnused = 1 << 20;
  constexpr std::int32_t kInnerProduct = 0;
  std::string head = "IxFI";
  append(head, static_cast<std::int32_t>(shape.columns));
  append(head, static_cast<std::int64_t>(shape.rows));
  append(head, kUnused);
  append(head, kUnused);
  append(head, std::uint8_t{1});  // it is trained
  append(head, kInnerProduct);
  append(head, static_cast<std::uint64_t>(shape.rows * shape.columns));
  return head;
}

}  // namespace

std::unique_ptr<Exporter> make_npy(const config::Values& values) {
  return std::make_unique<Matrix>(tasks::read_vector_options(values), vectors::npy_head);
}

// Of length 1, so that its products are cosines.
std::unique_ptr<Exporter> make_faiss(const config::Values& values) {
  if (tasks::read_vector_options(values).halves)
    throw Error(ErrorCode::usage, "--dtype f16: a flat index of FAISS has f32", "leave --dtype out, or write .npy");
  return std::make_unique<Matrix>(tasks::VectorOptions{.normalise = true, .halves = false}, faiss_head);
}

}  // namespace pixmill::exports
