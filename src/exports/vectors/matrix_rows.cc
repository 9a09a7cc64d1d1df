#include "exports/vectors/matrix_rows.h"

#include <cstdint>
#include <limits>

#include "pixmill/core/half_rows.h"

namespace pixmill::exports {

void MatrixRows::add(const Entry& entry, const Sink& sink) {
  const std::vector<float> vector = reader_.read(entry);
  write_head(sink);
  write(vector, sink);
}

void MatrixRows::add_missing(const Sink& sink) {
  if (reader_.length() == 0) {
    ++early_;
    return;
  }
  write_head(sink);
  write(missing(), sink);
}

void MatrixRows::end(const Sink& sink) {
  if (reader_.length() == 0) sink(head_({0, 0, reader_.halves()}));
}

// The rows before the first vector wait for its length.
void MatrixRows::write_head(const Sink& sink) {
  if (headed_) return;
  headed_ = true;
  sink(head_({rows_, reader_.length(), reader_.halves()}));
  for (; early_ > 0; --early_) write(missing(), sink);
}

std::vector<float> MatrixRows::missing() const {
  return std::vector<float>(reader_.length(), std::numeric_limits<float>::quiet_NaN());
}

void MatrixRows::write(const std::vector<float>& vector, const Sink& sink) const {
  if (!reader_.halves()) return sink({reinterpret_cast<const char*>(vector.data()), vector.size() * sizeof(float)});
  std::vector<std::uint16_t> halves(vector.size());
  narrow(vector, halves);
  sink({reinterpret_cast<const char*>(halves.data()), halves.size() * sizeof(std::uint16_t)});
}

}  // namespace pixmill::exports
