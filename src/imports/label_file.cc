#include "pixmill/imports/label_file.h"

#include <algorithm>
#include <cstring>
#include <memory>
#include <utility>

#include "pixmill/core/error.h"
#include "pixmill/core/unicode.h"

namespace pixmill::imports {
namespace {

constexpr std::size_t kPiece = 1 << 16;  // bytes

// `bytes`: behind the byte order mark.
std::string utf8_of_utf16(std::string_view bytes, bool high_first) {
  std::u16string units(bytes.size() / 2, u'\0');
  for (std::size_t i = 0; i < units.size(); ++i) {
    const auto first = static_cast<unsigned char>(bytes[2 * i]), second = static_cast<unsigned char>(bytes[2 * i + 1]);
    units[i] = static_cast<char16_t>(high_first ? first << 8 | second : second << 8 | first);
  }
  return utf8_of(units);
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
