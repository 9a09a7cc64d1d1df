#include "pixmill/imports/label_file.h"

#include <algorithm>
#include <cstring>
#include <memory>
#include <utility>

#include "pixmill/core/error.h"

namespace pixmill::imports {
namespace {

constexpr std::size_t kPiece = 1 << 16;  // bytes

void append_utf8(std::uint32_t code, std::string& text) {
  const auto put = [&](std::uint32_t value) { text += static_cast<char>(value); };
  if (code < 0x80) {
    put(code);
  } else if (code < 0x800) {
    put(0xC0 | code >> 6);
    put(0x80 | (code & 0x3F));
  } else if (code < 0x10000) {
    put(0xE0 | code >> 12);
    put(0x80 | (code >> 6 & 0x3F));
    put(0x80 | (code & 0x3F));
  } else {
    put(0xF0 | code >> 18);
    put(0x80 | (code >> 12 & 0x3F));
    put(0x80 | (code >> 6 & 0x3F));
    put(0x80 | (code & 0x3F));
  }
}

// `bytes`: behind the byte order mark.
std::string utf8_of_utf16(std::string_view bytes, bool high_first) {
  const auto unit = [&](std::size_t at) {
    const auto first = static_cast<unsigned char>(bytes[at]), second = static_cast<unsigned char>(bytes[at + 1]);
    return static_cast<std::uint32_t>(high_first ? first << 8 | second : second << 8 | first);
  };
  std::string text;
  text.reserve(bytes.size() / 2);
  for (std::size_t at = 0; at + 1 < bytes.size(); at += 2) {
    std::uint32_t code = unit(at);
    const bool pair = code >= 0xD800 && code < 0xDC00 && at + 3 < bytes.size();
    if (pair && unit(at + 2) >= 0xDC00 && unit(at + 2) < 0xE000) {
      code = 0x10000 + ((code - 0xD800) << 10) + (unit(at + 2) - 0xDC00);
      at += 2;
    } else if (code >= 0xD800 && code < 0xE000) {
      code = 0xFFFD;
    }
    append_utf8(code, text);
  }
  return text;
}

}  // namespace

LabelFile::LabelFile(std::string shown, std::string name, Read read)
    : shown_(std::move(shown)), name_(std::move(name)), read_(std::move(read)) {}

LabelFile::LabelFile(std::string shown, std::string name, std::string_view bytes)
    : LabelFile(std::move(shown), std::move(name), [rest = bytes](std::span<char> into) mutable {
        const std::size_t count = std::min(rest.size(), into.size());
        std::memcpy(into.data(), rest.data(), count);
        rest.remove_prefix(count);
        return count;
      }) {}

std::string_view LabelFile::next() {
  buffer_.resize(kPiece);
  buffer_.resize(read_(buffer_));
  return buffer_;
}

std::string LabelFile::whole(std::size_t most) {
  std::string text;
  for (std::string_view piece = next(); !piece.empty(); piece = next()) {
    text += piece;
    if (text.size() > most)
      throw Error(ErrorCode::too_large, shown_ + ": more than " + std::to_string(most >> 20) + " MB of labels",
                  "split it into several files");
  }
  if (text.starts_with("\xFF\xFE")) text = utf8_of_utf16(std::string_view(text).substr(2), false);
  if (text.starts_with("\xFE\xFF")) text = utf8_of_utf16(std::string_view(text).substr(2), true);
  if (text.starts_with("\xEF\xBB\xBF")) text.erase(0, 3);
  if (text.find('\0') != std::string::npos) fail("it is not text", "name the files of the labels, not of other things");
  return text;
}

void LabelFile::fail(const std::string& what, const std::string& hint) const {
  throw Error(ErrorCode::corrupt, shown_ + (line > 0 ? ":" + std::to_string(line) : "") + ": " + what, hint);
}

}  // namespace pixmill::imports
