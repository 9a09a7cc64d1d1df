#include "pixmill/core/protobuf.h"

namespace pixmill {

bool Fields::next() {
  if (rest_.empty()) return false;
  const std::span<const std::byte> start = rest_;
  const std::uint64_t tag = varint();
  number_ = static_cast<std::uint32_t>(tag >> 3);
  if (number_ == 0 || (tag >> 3) > 0x1fffffffu) throw DamagedMessage{"it holds an invalid field"};
  read_value(tag & 7u);
  raw_ = start.first(start.size() - rest_.size());
  return true;
}

void Fields::read_value(std::uint64_t wire_type) {
  integer_ = 0;
  bytes_ = {};
  packed_ = wire_type == 2;
  switch (wire_type) {
    case 0: integer_ = varint(); return;
    case 1: take(8); return;
    case 2: bytes_ = take(varint()); return;
    case 5: take(4); return;
    default: throw DamagedMessage{"it holds an invalid field"};
  }
}

void Fields::append_integers(std::vector<std::int64_t>& numbers) const {
  if (!packed_) {
    numbers.push_back(integer());
    return;
  }
  for (Fields packed(bytes_); !packed.rest_.empty();) numbers.push_back(static_cast<std::int64_t>(packed.varint()));
}

std::uint64_t Fields::varint() {
  std::uint64_t value = 0;
  for (unsigned shift = 0; shift < 64; shift += 7) {
    const auto byte = std::to_integer<std::uint64_t>(take(1).front());
    value |= (byte & 0x7fu) << shift;
    if (byte < 0x80u) return value;
  }
  throw DamagedMessage{"it holds a number that does not end"};
}

std::span<const std::byte> Fields::take(std::uint64_t count) {
  if (count > rest_.size()) throw DamagedMessage{"it ends too early: a part of the file is missing"};
  const auto taken = rest_.first(static_cast<std::size_t>(count));
  rest_ = rest_.subspan(taken.size());
  return taken;
}

std::string text_in(std::span<const std::byte> message, std::uint32_t number) {
  for (Fields fields(message); fields.next();) {
    if (fields.number() == number) return std::string(fields.text());
  }
  return {};
}

std::string field_head(std::uint32_t number, std::uint64_t length) {
  std::string head;
  const auto add = [&](std::uint64_t value) {
    for (; value >= 0x80; value >>= 7) head += static_cast<char>(value | 0x80);
    head += static_cast<char>(value);
  };
  add(std::uint64_t{number} << 3 | 2);
  add(length);
  return head;
}

}  // namespace pixmill
