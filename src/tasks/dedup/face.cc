#include <algorithm>
#include <bit>
#include <string>
#include <utility>

#include "pixmill/core/error.h"
#include "pixmill/tasks/dedup.h"
#include "tasks/detections/finding.h"

namespace pixmill::tasks {
namespace {

constexpr std::size_t kBytes = 2 * 4 + 2 * 4 + 2 * PictureHashes::kTurns * 8;
constexpr std::uint32_t kLargestSide = 1U << 30U;

class FaceTask final : public Task {
 public:
  explicit FaceTask(std::unique_ptr<Task> vectors) : vectors_(std::move(vectors)) {}

  std::string_view name() const override { return "dedup"; }
  std::string key() const override { return "arithmetic: 1\n" + (vectors_ ? vectors_->key() : std::string()); }
  std::vector<Graph> graphs() const override { return vectors_ ? vectors_->graphs() : std::vector<Graph>(); }
  std::vector<Product> products() const override { return {}; }

  Cost cost(Size picture) const override {
    Cost cost = vectors_ ? vectors_->cost(picture) : Cost{.inferences = 0};
    cost.bytes += static_cast<std::size_t>(picture.area()) * (8 + 3);
    return cost;
  }

  Size least(Size picture) const override {
    const Size mine = measured_size(picture), theirs = vectors_ ? vectors_->least(picture) : mine;
    return {std::max(mine.width, theirs.width), std::max(mine.height, theirs.height)};
  }

  void run(Image picture, Context& context) const override {
    const Size full = context.full_size().value_or(picture.size());
    Image rgb = as_rgb8(std::move(picture));
    context.record({std::string(kFace), pack_face({full, measure_quality(rgb), picture_hashes(rgb)})});
    if (vectors_) vectors_->run(std::move(rgb), context);
  }

 private:
  const std::unique_ptr<Task> vectors_;
};

void put(std::vector<std::byte>& body, std::uint64_t value, int bytes) {
  for (int i = 0; i < bytes; ++i) body.push_back(static_cast<std::byte>(value >> (8 * i) & 0xFF));
}

std::uint64_t take(std::span<const std::byte>& rest, std::size_t bytes) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < bytes; ++i) value |= std::to_integer<std::uint64_t>(rest[i]) << (8 * i);
  rest = rest.subspan(bytes);
  return value;
}

}  // namespace

std::unique_ptr<Task> make_face_task(std::unique_ptr<Task> vectors) {
  return std::make_unique<FaceTask>(std::move(vectors));
}

std::vector<std::byte> pack_face(const Face& face) {
  std::vector<std::byte> body;
  body.reserve(kBytes);
  put(body, static_cast<std::uint64_t>(face.size.width), 4);
  put(body, static_cast<std::uint64_t>(face.size.height), 4);
  put(body, std::bit_cast<std::uint32_t>(face.measured.sharpness), 4);
  put(body, std::bit_cast<std::uint32_t>(face.measured.brightness), 4);
  for (const std::uint64_t hash : face.hashes.difference) put(body, hash, 8);
  for (const std::uint64_t hash : face.hashes.perceptual) put(body, hash, 8);
  return body;
}

Face unpack_face(std::string_view kind, std::span<const std::byte> body, std::string_view picture) {
  if (kind != kFace)
    throw Error(ErrorCode::corrupt,
                std::string(picture) + ": its record is '" + std::string(kind) + "', not '" + std::string(kFace) + "'",
                "run pixmill dedup --force");
  Face face;
  if (body.size() == kBytes) {
    const std::uint64_t width = take(body, 4), height = take(body, 4);
    face.measured.sharpness = std::bit_cast<float>(static_cast<std::uint32_t>(take(body, 4)));
    face.measured.brightness = std::bit_cast<float>(static_cast<std::uint32_t>(take(body, 4)));
    for (std::uint64_t& hash : face.hashes.difference) hash = take(body, 8);
    for (std::uint64_t& hash : face.hashes.perceptual) hash = take(body, 8);
    face.size = {static_cast<int>(std::min<std::uint64_t>(width, kLargestSide)),
                 static_cast<int>(std::min<std::uint64_t>(height, kLargestSide))};
  }
  if (face.size.width < 1 || face.size.height < 1)
    throw Error(ErrorCode::corrupt, std::string(picture) + ": its record is damaged", "run pixmill dedup --force");
  return face;
}

}  // namespace pixmill::tasks
