// The record of detections: packed, unpacked, and what is chosen of it.
#include "pixmill/tasks/detections.h"

#include <algorithm>
#include <bit>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <utility>

#include "pixmill/core/error.h"
#include "pixmill/core/nearest.h"
#include "pixmill/core/text.h"
#include "pixmill/models/class_names.h"

namespace pixmill::tasks {
namespace {

constexpr std::string_view kName = "detections/";
constexpr std::uint32_t kOwnTable = 0, kCocoTable = 1;
constexpr std::size_t kBoxBytes = 24;
constexpr std::uint32_t kLargestSide = 1U << 24;  // a float tells all pixels below apart

const ClassNames& coco() {
  static const ClassNames names = std::make_shared<const std::vector<std::string>>(models::coco_80());
  return names;
}

class Packer {
 public:
  void integer(std::uint32_t value, int bytes = 4) {
    for (int i = 0; i < bytes; ++i) body_.push_back(static_cast<std::byte>(value >> (8 * i) & 0xFF));
  }
  void real(float value) { integer(std::bit_cast<std::uint32_t>(value)); }
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
  const std::uint32_t count = body.integer();
  body.require(count <= models::kMostClasses && count * std::size_t{3} <= body.left());
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
  body.require(found.boxes.empty() || box.score <= found.boxes.back().score);
  return box;
}

// The labels of that name, or of that number.
bool want(const std::vector<std::string>& names, const std::string& text, std::vector<bool>& wanted) {
  bool found = false;
  for (std::size_t label = 0; label < names.size(); ++label) {
    if (names[label] != text) continue;
    wanted[label] = found = true;
  }
  if (found) return true;
  std::size_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || number >= names.size()) return false;
  wanted[number] = true;
  return true;
}

// A name that is near, or what there is.
std::string hint_for(const std::string& text, const std::vector<std::string>& names) {
  constexpr std::size_t kFew = 20;
  if (names.size() <= kFew || nearest(text, names)) return suggestion(text, names);
  const std::vector<std::string> first(names.begin(), names.begin() + kFew);
  return "it knows " + std::to_string(names.size()) + ": " + joined(first, ", ") + ", ...";
}

// "person, car" as two; spaces around a name do not count.
void split(std::string_view list, std::vector<std::string>& words) {
  while (true) {
    const std::size_t comma = list.find(',');
    const std::string word = trimmed(list.substr(0, comma));
    if (!word.empty()) words.push_back(word);
    if (comma == std::string_view::npos) return;
    list.remove_prefix(comma + 1);
  }
}

}  // namespace

ClassNames shared_names(std::vector<std::string> names) {
  return names == *coco() ? coco() : std::make_shared<const std::vector<std::string>>(std::move(names));
}

std::vector<std::byte> pack(const Detections& detections) {
  Packer body;
  body.integer(static_cast<std::uint32_t>(detections.picture.width));
  body.integer(static_cast<std::uint32_t>(detections.picture.height));
  body.real(detections.confidence);
  if (*detections.classes == *coco()) {
    body.integer(kCocoTable);
  } else {
    body.integer(kOwnTable);
    body.integer(static_cast<std::uint32_t>(detections.classes->size()));
    for (const std::string& name : *detections.classes) body.text(name);
  }
  body.integer(static_cast<std::uint32_t>(detections.boxes.size()));
  for (const Box& box : detections.boxes) {
    for (const float value : {box.left, box.top, box.right, box.bottom, box.score}) body.real(value);
    body.integer(static_cast<std::uint32_t>(box.label));
  }
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
  found.classes = unpack_names(body);
  const std::uint32_t count = body.integer();
  body.require(count * kBoxBytes == body.left());
  found.boxes.reserve(count);
  for (std::uint32_t i = 0; i < count; ++i) found.boxes.push_back(unpack_box(body, found));
  return found;
}

std::vector<bool> wanted_labels(const std::vector<std::string>& names, const std::vector<std::string>& wanted) {
  std::vector<bool> labels(names.size(), wanted.empty());
  for (const std::string& text : wanted) {
    if (want(names, text, labels)) continue;
    throw Error(ErrorCode::usage, "--classes: the model knows no '" + text + "'", hint_for(text, names));
  }
  return labels;
}

std::vector<Box> select(const Detections& detections, const Selection& selection) {
  const std::vector<bool> wanted = wanted_labels(*detections.classes, selection.classes);
  std::vector<Box> boxes;
  for (const Box& box : detections.boxes) {
    if (box.score < selection.confidence || boxes.size() == selection.most) break;  // the others are not better
    if (wanted[static_cast<std::size_t>(box.label)]) boxes.push_back(box);
  }
  return boxes;
}

const std::vector<config::Flag>& selection_flags() {
  using config::Kind;
  constexpr std::string_view kGroup = "Detections";
  static const std::vector<config::Flag> flags = {
      {.name = "confidence",
       .kind = Kind::real,
       .value = "C",
       .fallback = "0.25",
       .group = kGroup,
       .help = "leave out boxes below this, 0.05 to 1",
       .minimum = 0.05,
       .maximum = 1,
       .basic = true,
       .also = "conf"},
      {.name = "classes",
       .kind = Kind::text,
       .value = "LIST",
       .group = kGroup,
       .help = "only these: person,car or their numbers",
       .repeatable = true,
       .basic = true},
      {.name = "max",
       .kind = Kind::integer,
       .value = "N",
       .fallback = "300",
       .group = kGroup,
       .help = "the best N boxes of a picture",
       .minimum = 1,
       .maximum = 1000,
       .also = "max-det"},
  };
  return flags;
}

Selection read_selection(const config::Values& values) {
  Selection selection;
  selection.confidence = static_cast<float>(values.real("confidence"));
  selection.most = static_cast<std::size_t>(values.integer("max"));
  for (const std::string& list : values.texts("classes")) split(list, selection.classes);
  return selection;
}

}  // namespace pixmill::tasks
