#include "codecs/sniff.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <string>

namespace pixmill::codecs {
namespace {

using namespace std::literals;

struct FormatRow {
  Format format;
  std::string_view name;
  std::string_view extension;
  bool alpha;
  std::array<std::string_view, 3> other_extensions;
};

constexpr FormatRow kFormats[] = {
    {Format::jpeg, "jpeg", "jpg", false, {"jpe", "jfif", "mpo"}},
    {Format::png, "png", "png", true, {"apng"}},
    {Format::webp, "webp", "webp", true, {}},
    {Format::tiff, "tiff", "tif", true, {}},
    {Format::avif, "avif", "avif", true, {}},
    {Format::heic, "heic", "heic", true, {"heif", "hif"}},
    {Format::jxl, "jxl", "jxl", true, {}},
    {Format::bmp, "bmp", "bmp", true, {"dib"}},
    {Format::gif, "gif", "gif", true, {}},
};

const FormatRow& row_of(Format format) {
  return *std::find_if(std::begin(kFormats), std::end(kFormats),
                       [&](const FormatRow& row) { return row.format == format; });
}

std::string_view text_of(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

struct Signature {
  std::size_t offset;
  std::string_view bytes;
  Format format;
};

constexpr Signature kSignatures[] = {
    {0, "\xff\xd8\xff"sv, Format::jpeg},
    {0, "\x89PNG\r\n\x1a\n"sv, Format::png},
    {8, "WEBP"sv, Format::webp},
    {0, "II*\0"sv, Format::tiff},
    {0, "MM\0*"sv, Format::tiff},
    {0, "II+\0"sv, Format::tiff},
    {0, "MM\0+"sv, Format::tiff},
    {0, "\xff\x0a"sv, Format::jxl},
    {0, "\0\0\0\x0cJXL \r\n\x87\n"sv, Format::jxl},
    {0, "GIF87a"sv, Format::gif},
    {0, "GIF89a"sv, Format::gif},
};

// Unsupported files that are common in folders of photographs. The order matters where one is a prefix.
struct Stranger {
  std::size_t offset;
  std::string_view bytes;
  std::string_view what;
};

constexpr Stranger kStrangers[] = {
    {8, "CR\2\0"sv, "a camera raw file (Canon CR2)"},
    {0, "FUJIFILMCCD-RAW"sv, "a camera raw file (Fujifilm RAF)"},
    {0, "IIU\0"sv, "a camera raw file (Panasonic RW2)"},
    {0, "IIRO"sv, "a camera raw file (Olympus ORF)"},
    {4, "ftypcrx"sv, "a camera raw file (Canon CR3)"},
    {4, "ftyp"sv, "a video"},
    {0, "RIFF"sv, "a video or sound file"},
    {0, "\x1a\x45\xdf\xa3"sv, "a video"},
    {0, "8BPS"sv, "a Photoshop document"},
    {0, "%PDF"sv, "a PDF document"},
    {0, "PK\3\4"sv, "a ZIP archive"},
    {0, "version https://git-lfs"sv, "a Git LFS pointer, not the file itself"},
    {0, "<svg"sv, "an SVG drawing"},
    {0, "<!DOCTYPE html"sv, "a web page"},
    {0, "<html"sv, "a web page"},
};

bool stands_at(std::string_view head, std::size_t offset, std::string_view bytes) {
  return head.size() >= offset + bytes.size() && head.substr(offset, bytes.size()) == bytes;
}

// The brands of an ISO media file: AVIF wins over the general "mif1", which both codecs use.
std::optional<Format> sniff_heif(std::string_view head) {
  if (!stands_at(head, 4, "ftyp"sv) || head.size() < 16) return std::nullopt;
  const auto byte = [&](std::size_t i) { return static_cast<std::size_t>(static_cast<unsigned char>(head[i])); };
  const std::size_t box = byte(0) << 24 | byte(1) << 16 | byte(2) << 8 | byte(3);
  const std::size_t end = std::min(head.size(), box);
  std::optional<Format> found;
  for (std::size_t at = 8; at + 4 <= end; at += at == 8 ? 8 : 4) {
    const std::string_view brand = head.substr(at, 4);
    if (brand == "avif" || brand == "avis") return Format::avif;
    for (const std::string_view heic : {"heic", "heix", "heim", "heis", "hevc", "hevx", "mif1", "msf1"}) {
      if (brand == heic) found = Format::heic;
    }
  }
  return found;
}

// "BM" alone begins many texts; the header's own length must be one of those in use.
bool is_bmp(std::string_view head) {
  if (!stands_at(head, 0, "BM"sv) || head.size() < 18) return false;
  for (const char length : {12, 40, 52, 56, 64, 108, 124}) {
    if (head[14] == length && head[15] == 0 && head[16] == 0 && head[17] == 0) return true;
  }
  return false;
}

bool looks_like_text(std::string_view head) {
  return std::none_of(head.begin(), head.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte < 0x20 && c != '\n' && c != '\r' && c != '\t') || byte == 0x7f;
  });
}

std::string_view describe_stranger(std::string_view head) {
  for (const Stranger& stranger : kStrangers) {
    if (stands_at(head, stranger.offset, stranger.bytes)) return stranger.what;
  }
  if (head.find_first_not_of('\0') == std::string_view::npos) return "zero bytes only: its content was lost";
  if (looks_like_text(head)) return head.find("<svg") != std::string_view::npos ? "an SVG drawing" : "text";
  return {};
}

}  // namespace

std::string_view name_of(Format format) {
  return row_of(format).name;
}

std::string_view extension_of(Format format) {
  return row_of(format).extension;
}

bool holds_alpha(Format format) {
  return row_of(format).alpha;
}

std::optional<Effort> effort_from(std::string_view name) {
  if (name == "fast") return Effort::fast;
  if (name == "balanced") return Effort::balanced;
  if (name == "small") return Effort::small;
  return std::nullopt;
}

std::optional<Format> format_from(std::string_view name) {
  std::string lower(name);
  std::transform(lower.begin(), lower.end(), lower.begin(), [](unsigned char c) { return std::tolower(c); });
  if (lower.empty()) return std::nullopt;
  for (const FormatRow& row : kFormats) {
    if (lower == row.name || lower == row.extension) return row.format;
    if (std::find(row.other_extensions.begin(), row.other_extensions.end(), lower) != row.other_extensions.end()) {
      return row.format;
    }
  }
  return std::nullopt;
}

std::optional<Format> sniff(std::span<const std::byte> head) {
  const std::string_view text = text_of(head);
  if (stands_at(text, 8, "CR\2\0"sv)) return std::nullopt;
  for (const Signature& signature : kSignatures) {
    if (stands_at(text, signature.offset, signature.bytes) &&
        (signature.format != Format::webp || stands_at(text, 0, "RIFF"sv))) {
      return signature.format;
    }
  }
  if (is_bmp(text)) return Format::bmp;
  return sniff_heif(text);
}

Format identify(std::span<const std::byte> file, std::string_view name) {
  if (file.empty()) {
    throw Error(ErrorCode::corrupt, std::string(name) + " is empty",
                "the file has no bytes: copy it again from where it came from");
  }
  if (const auto format = sniff(file)) return *format;
  const std::string_view what = describe_stranger(text_of(file).substr(0, 512));
  std::string known;
  for (const FormatRow& row : kFormats) known.append(known.empty() ? "" : ", ").append(row.name);
  throw Error(
      ErrorCode::unsupported,
      std::string(name) + " is not a picture" +
          (what.empty() ? std::string(": no known format begins like this") : ": it looks like " + std::string(what)),
      "pixmill reads " + known + ", recognised by content, not by name; convert the file or leave it out");
}

}  // namespace pixmill::codecs
