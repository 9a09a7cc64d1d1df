// NumPy's .npy: a row for each picture; of one without a vector, NaN.
#include <cstdint>
#include <limits>

#include "exports/formats.h"
#include "exports/vectors/vector_reader.h"
#include "pixmill/core/half.h"
#include "pixmill/vectors/npy.h"

namespace pixmill::exports {
namespace {

class Npy final : public Exporter {
 public:
  explicit Npy(const config::Values& values) : reader_(values) {}

  bool lists_all() const override { return true; }
  void expect(std::size_t pictures) override { rows_ = pictures; }

  void add(const Entry& entry, const Sink& sink) override {
    const std::vector<float> vector = reader_.read(entry);
    write_head(sink);
    write(vector, sink);
  }

  void add_missing(const Entry&, const std::string&, const Sink& sink) override {
    if (reader_.length() == 0) {
      ++early_;
      return;
    }
    write_head(sink);
    write(missing(), sink);
  }

  void end(const Sink& sink) override {
    if (reader_.length() == 0) sink(vectors::npy_head({0, 0, reader_.halves()}));
  }

 private:
  // The rows before the first vector wait for its length.
  void write_head(const Sink& sink) {
    if (headed_) return;
    headed_ = true;
    sink(vectors::npy_head({rows_, reader_.length(), reader_.halves()}));
    for (; early_ > 0; --early_) write(missing(), sink);
  }

  std::vector<float> missing() const {
    return std::vector<float>(reader_.length(), std::numeric_limits<float>::quiet_NaN());
  }

  void write(const std::vector<float>& vector, const Sink& sink) const {
    if (!reader_.halves()) return sink({reinterpret_cast<const char*>(vector.data()), vector.size() * sizeof(float)});
    std::vector<std::uint16_t> halves;
    halves.reserve(vector.size());
    for (const float value : vector) halves.push_back(to_f16(value));
    sink({reinterpret_cast<const char*>(halves.data()), halves.size() * sizeof(std::uint16_t)});
  }

  VectorReader reader_;
  std::size_t rows_ = 0;
  std::size_t early_ = 0;  // pictures without a vector before the first that has one
  bool headed_ = false;
};

}  // namespace

std::unique_ptr<Exporter> make_npy(const config::Values& values) {
  return std::make_unique<Npy>(values);
}

}  // namespace pixmill::exports
