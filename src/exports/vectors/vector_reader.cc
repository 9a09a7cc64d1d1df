#include "exports/vectors/vector_reader.h"

#include <charconv>

#include "pixmill/core/error.h"
#include "pixmill/tasks/embed.h"
#include "pixmill/vectors/nearest.h"

namespace pixmill::exports {

std::vector<float> VectorReader::read(const Entry& entry) {
  std::vector<float> vector = tasks::unpack_embedding(entry.kind, entry.body, entry.picture);
  if (length_ == 0) length_ = vector.size();
  if (vector.size() != length_)
    throw Error(ErrorCode::corrupt,
                std::string(entry.picture) + ": its vector has " + std::to_string(vector.size()) +
                    " values, those before it " + std::to_string(length_),
                "run pixmill embed with one model for all");
  if (options_.normalise) vectors::normalise(vector);
  return vector;
}

std::string shortest(float value) {
  char text[32];
  return {text, std::to_chars(text, text + sizeof text, value).ptr};
}

}  // namespace pixmill::exports
