// The part of the protobuf wire format that is needed to iterate over a message and to write it with some fields
// changed. Reading copies nothing.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace pixmill {

struct DamagedMessage {
  std::string_view reason;
};

inline std::string_view text_of(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// Goes through the fields of one message in order:
//   for (Fields fields(bytes); fields.next();) { if (fields.number() == 7) use(fields.bytes()); }
// next() throws DamagedMessage when the message ends inside a field or holds what protobuf cannot.
class Fields {
 public:
  explicit Fields(std::span<const std::byte> message) : rest_(message) {}

  bool next();

  std::uint32_t number() const { return number_; }
  std::int64_t integer() const { return static_cast<std::int64_t>(integer_); }  // of a varint, else 0
  std::span<const std::byte> bytes() const { return bytes_; }  // of a length-delimited field, else empty
  std::span<const std::byte> raw() const { return raw_; }      // the whole field as it stands, with its tag
  // Adds what the field holds of a repeated whole number: one, or many that are packed.
  void append_integers(std::vector<std::int64_t>& numbers) const;
  std::string_view text() const { return text_of(bytes_); }

 private:
  std::uint64_t varint();
  std::span<const std::byte> take(std::uint64_t count);
  void read_value(std::uint64_t wire_type);

  std::span<const std::byte> rest_;
  std::span<const std::byte> raw_;
  bool packed_ = false;
  std::uint32_t number_ = 0;
  std::uint64_t integer_ = 0;
  std::span<const std::byte> bytes_;
};

// The first field of that number in a message; empty where there is none. Throws DamagedMessage.
std::string text_in(std::span<const std::byte> message, std::uint32_t number);

// What stands before the `length` bytes of a length-delimited field.
std::string field_head(std::uint32_t number, std::uint64_t length);

}  // namespace pixmill
