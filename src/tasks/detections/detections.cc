// The record of detections: packed and unpacked.
#include "pixmill/tasks/detections.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <utility>

#include "pixmill/core/error.h"
#include "pixmill/models/class_names.h"

namespace pixmill::tasks {
namespace {

constexpr std::string_view kName = "detections/";
constexpr std::uint32_t kOwnTable = 0, kCocoTable = 1;
constexpr std::size_t kLeastBytes = 25;           // of a thing
constexpr std::uint32_t kLargestSide = 1U << 24;  // a float tells all pixels below apart

const ClassNames& coco() {
  static const ClassNames names = std::make_shared<const std::vector<std::string>>(models::coco_80());
  return names;
}

constexpr std::uint32_t kMask = 1, kPolygons = 2, kPoints = 4, kAllOfThem = 7;  // what follows a box

class Packer {
 public:
  void integer(std::uint32_t value, int bytes = 4) {
    for (int i = 0; i < bytes; ++i) body_.push_back(static_cast<std::byte>(value >> (8 * i) & 0xFF));
  }
  void real(float value) { integer(std::bit_cast<std::uint32_t>(value)); }
  void run(std::uint32_t value) {
    for (; value >= 0x80; value >>= 7) integer((value & 0x7F) | 0x80, 1);
    integer(value, 1);
  }
  void points(std::span<const Point> all) {
    integer(static_cast<std::uint32_t>(all.size()));
    for (const Point& point : all) {
      real(point.x);
      real(point.y);
    }
  }
  void text(std::string_view value) {
    integer(static_cast<std::uint32_t>(value.size()), 2);
    for (const char letter : value) body_.push_back(static_cast<std::byte>(letter));
  }
  std::vector<std::byte> take() { return std::move(body_); }

 private:
  std::vector<std::byte> body_;
};

class Unpacker {
 public:
  Unpacker(std::span<const std::byte> rest, std::string_view origin) : rest_(rest), origin_(origin) {}

  std::uint32_t integer(int bytes = 4) {
    std::uint32_t value = 0;
    const auto read = take(static_cast<std::size_t>(bytes));
    for (int i = 0; i < bytes; ++i)
      value |= std::to_integer<std::uint32_t>(read[static_cast<std::size_t>(i)]) << (8 * i);
    return value;
  }
  float real() {
    const float value = std::bit_cast<float>(integer());
    require(std::isfinite(value));
    return value;
  }
  std::uint32_t run() {
    std::uint64_t value = 0;
    for (int shift = 0;; shift += 7) {
      const std::uint32_t part = integer(1);
      require(shift < 35 && (part != 0 || shift == 0));
      value |= std::uint64_t{part & 0x7F} << shift;
      if (part < 0x80) break;
    }
    require(value <= UINT32_MAX);
    return static_cast<std::uint32_t>(value);
  }
  // A count of things that take at least so many bytes each.
  std::uint32_t count(std::size_t least) {
    const std::uint32_t number = integer();
    require(number <= left() / least);
    return number;
  }
  std::vector<Point> points() {
    std::vector<Point> all(count(8));
    for (Point& point : all) {
      point.x = real();
      point.y = real();
    }
    return all;
  }
  std::string text(std::size_t longest) {
    const std::uint32_t length = integer(2);
    require(length > 0 && length <= longest);
    const auto read = take(length);
    return {reinterpret_cast<const char*>(read.data()), read.size()};
  }
  void require(bool good) const {
    if (good) return;
    throw Error(ErrorCode::corrupt, std::string(origin_) + ": its stored detections are damaged",
                "run the job again with --force");
  }
  std::size_t left() const { return rest_.size(); }

 private:
  std::span<const std::byte> take(std::size_t count) {
    require(count <= rest_.size());
    const auto taken = rest_.first(count);
    rest_ = rest_.subspan(count);
    return taken;
  }

  std::span<const std::byte> rest_;
  std::string_view origin_;
};

void require_kind(std::string_view kind, std::string_view origin) {
  if (kind == kDetections) return;
  const std::string begin = std::string(origin) + ": its record is '" + std::string(kind) + "'";
  if (kind.starts_with(kName)) {
    throw Error(ErrorCode::unsupported, begin + ", and this pixmill reads '" + std::string(kDetections) + "'",
                "run the job again, or use the pixmill that made it");
  }
  throw Error(ErrorCode::corrupt, begin + ", not detections", "run the job again with --force");
}

ClassNames unpack_names(Unpacker& body) {
  const std::uint32_t table = body.integer();
  if (table == kCocoTable) return coco();
  body.require(table == kOwnTable);
  const std::uint32_t count = body.count(3);
  body.require(count <= models::kMostClasses);
  std::vector<std::string> names;
  for (std::uint32_t i = 0; i < count; ++i) names.push_back(body.text(models::kLongestClass));
  return std::make_shared<const std::vector<std::string>>(std::move(names));
}

Box unpack_box(Unpacker& body, const Detections& found) {
  Box box;
  for (float* value : {&box.left, &box.top, &box.right, &box.bottom, &box.score}) *value = body.real();
  const std::uint32_t label = body.integer();
  body.require(label < found.classes->size());
  box.label = static_cast<int>(label);
  const bool inside = box.left >= 0 && box.top >= 0 && box.right <= static_cast<float>(found.picture.width) &&
                      box.bottom <= static_cast<float>(found.picture.height);
  body.require(inside && box.left <= box.right && box.top <= box.bottom);
  body.require(box.score >= found.confidence && box.score <= 1.0F);
  body.require(found.found.empty() || box.score <= found.found.back().box.score);
  return box;
}

RunMask unpack_mask(Unpacker& body, Size picture) {
  RunMask mask{picture, std::vector<std::uint32_t>(body.count(1))};
  for (std::uint32_t& run : mask.runs) run = body.run();
  body.require(!mask.empty() && is_valid(mask));
  return mask;
}

Detection unpack_detection(Unpacker& body, const Detections& found) {
  Detection one{unpack_box(body, found)};
  const std::uint32_t follows = body.integer(1);
  body.require(follows <= kAllOfThem);
  if (follows & kMask) one.mask = unpack_mask(body, found.picture);
  if (follows & kPolygons) {
    one.polygons.resize(body.count(4));
    for (Polygon& polygon : one.polygons) polygon = body.points();
    body.require(!one.polygons.empty());
  }
  if (follows & kPoints) {
    one.points = body.points();
    body.require(!one.points.empty());
  }
  return one;
}

void pack_detection(const Detection& one, Packer& body) {
  for (const float value : {one.box.left, one.box.top, one.box.right, one.box.bottom, one.box.score}) body.real(value);
  body.integer(static_cast<std::uint32_t>(one.box.label));
  body.integer(
      (one.mask.empty() ? 0U : kMask) | (one.polygons.empty() ? 0U : kPolygons) | (one.points.empty() ? 0U : kPoints),
      1);
  if (!one.mask.empty()) {
    body.integer(static_cast<std::uint32_t>(one.mask.runs.size()));
    for (const std::uint32_t run : one.mask.runs) body.run(run);
  }
  if (!one.polygons.empty()) {
    body.integer(static_cast<std::uint32_t>(one.polygons.size()));
    for (const Polygon& polygon : one.polygons) body.points(polygon);
  }
  if (!one.points.empty()) body.points(one.points);
}

double area_of(const Polygon& polygon) {
  double twice = 0;
  for (std::size_t i = 0; i < polygon.size(); ++i) {
    const Point &a = polygon[i], &b = polygon[(i + 1) % polygon.size()];
    twice += static_cast<double>(a.x) * b.y - static_cast<double>(b.x) * a.y;
  }
  return std::abs(twice) / 2;
}

}  // namespace

double area(const Detection& found) {
  if (!found.mask.empty()) return static_cast<double>(area(found.mask));
  const Box& box = found.box;
  if (found.polygons.empty())
    return (static_cast<double>(box.right) - box.left) * (static_cast<double>(box.bottom) - box.top);
  double sum = 0;
  for (const Polygon& polygon : found.polygons) sum += area_of(polygon);
  return sum;
}

ClassNames shared_names(std::vector<std::string> names) {
  return names == *coco() ? coco() : std::make_shared<const std::vector<std::string>>(std::move(names));
}

std::vector<std::byte> pack(const Detections& detections) {
  Packer body;
  body.integer(static_cast<std::uint32_t>(detections.picture.width));
  body.integer(static_cast<std::uint32_t>(detections.picture.height));
  for (const float value : {detections.confidence, detections.quality.sharpness, detections.quality.brightness})
    body.real(value);
  if (*detections.classes == *coco()) {
    body.integer(kCocoTable);
  } else {
    body.integer(kOwnTable);
    body.integer(static_cast<std::uint32_t>(detections.classes->size()));
    for (const std::string& name : *detections.classes) body.text(name);
  }
  body.integer(static_cast<std::uint32_t>(detections.found.size()));
  for (const Detection& one : detections.found) pack_detection(one, body);
  return body.take();
}

Detections unpack_detections(std::string_view kind, std::span<const std::byte> bytes, std::string_view origin) {
  require_kind(kind, origin);
  Unpacker body(bytes, origin);
  Detections found;
  const std::uint32_t width = body.integer(), height = body.integer();
  body.require(width >= 1 && height >= 1 && width <= kLargestSide && height <= kLargestSide);
  found.picture = {static_cast<int>(width), static_cast<int>(height)};
  found.confidence = body.real();
  body.require(found.confidence >= 0.0F && found.confidence <= 1.0F);
  found.quality = {body.real(), body.real()};
  found.classes = unpack_names(body);
  const std::uint32_t count = body.count(kLeastBytes);
  found.found.reserve(count);
  for (std::uint32_t i = 0; i < count; ++i) found.found.push_back(unpack_detection(body, found));
  body.require(body.left() == 0);
  return found;
}

}  // namespace pixmill::tasks
