// The PNG writer: pixels that libpng reads back byte by byte, and files as the standard wants them.
#include <libdeflate.h>

#include <thread>

#include "codecs/png_chunks.h"
#include "codecs/png_strip.h"
#include "codecs/test_rows.h"

namespace pixmill::codecs::test {
namespace {

constexpr Effort kEfforts[] = {Effort::fast, Effort::balanced, Effort::small};

struct Chunk {
  std::string type;
  std::span<const std::byte> content;
};

std::uint32_t number(std::span<const std::byte> bytes) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < 4; ++i) value = value << 8 | std::to_integer<std::uint32_t>(bytes[i]);
  return value;
}

// All chunks of a file, whose sums are checked.
std::vector<Chunk> chunks_of(std::span<const std::byte> file) {
  std::vector<Chunk> chunks;
  for (std::size_t at = 8; at < file.size();) {
    const std::size_t bytes = number(file.subspan(at));
    const auto typed = file.subspan(at + 4, bytes + 4);
    EXPECT_EQ(libdeflate_crc32(0, typed.data(), typed.size()), number(file.subspan(at + 8 + bytes)));
    chunks.push_back({std::string(reinterpret_cast<const char*>(typed.data()), 4), typed.subspan(4)});
    at += 12 + bytes;
  }
  return chunks;
}

std::string types_of(std::span<const std::byte> file) {
  std::string types;
  for (const Chunk& chunk : chunks_of(file)) types += (types.empty() ? "" : " ") + chunk.type;
  return types;
}

// Flat areas, slopes, noise and stripes, by seed.
Image patchwork(Size size, int channels, PixelType type, std::uint32_t seed) {
  Image image = make_noise(size, channels, type, seed);
  for (int y = 0; y < size.height; ++y) {
    std::byte* row = image.data() + static_cast<std::size_t>(y) * image.stride();
    for (std::size_t i = 0; i < image.stride(); ++i) {
      const std::size_t part = (i / 64 + static_cast<std::size_t>(y) / 16 + seed) % 5;
      if (part == 0) row[i] = std::byte{0};
      if (part == 1) row[i] = static_cast<std::byte>(i + static_cast<std::size_t>(y));
      if (part == 2) row[i] = static_cast<std::byte>(i / 8 % 2 * 255);
    }
  }
  return image;
}

Bytes encode_with(ImageView image, Effort effort, const SideBySide& side_by_side = {}) {
  EncodeOptions options;
  options.effort = effort;
  options.side_by_side = side_by_side;
  return encode(image, options);
}

TEST(PngFile, KeepsEverySampleOfAnyPicture) {
  std::uint32_t seed = 0;
  const Image tall = patchwork({500, 800}, 4, PixelType::u8, 1);  // several strips
  EXPECT_TRUE(same(decode(encode_with(tall, Effort::balanced), "x").image, tall));
  for (const PixelType type : {PixelType::u8, PixelType::u16}) {
    for (const int channels : {1, 3, 4}) {
      for (const Size size : {Size{1, 1}, Size{2, 9}, Size{17, 3}, Size{64, 64}, Size{401, 77}}) {
        const Image image = patchwork(size, channels, type, ++seed);
        for (const Effort effort : kEfforts) {
          const Picture back = decode(encode_with(image, effort), "x");
          ASSERT_TRUE(same(back.image, image)) << size.width << "x" << size.height << ", " << channels << " channels";
        }
      }
    }
  }
}

TEST(PngFile, WideRowsAndEmptyPicturesAreKept) {
  for (const Effort effort : kEfforts) {
    const Image wide = patchwork({150'000, 3}, 4, PixelType::u8, 1);  // a row is more than a strip
    EXPECT_TRUE(same(decode(encode_with(wide, effort), "x").image, wide));
    Image empty({1000, 1000}, 4);
    std::memset(empty.data(), 0, empty.bytes());
    const Bytes file = encode_with(empty, effort);
    EXPECT_TRUE(same(decode(file, "x").image, empty));
    EXPECT_LT(file.size(), 15'000U);
  }
}

TEST(PngFile, NoiseIsHardlyLargerThanItsPixels) {
  const Image noise = make_noise({1000, 800}, 3);
  EXPECT_LT(encode_with(noise, Effort::balanced).size(), noise.bytes() * 1.002);
}

TEST(PngFile, MoreEffortMakesSmallerFiles) {
  const Image image = make_picture(400, 300, 3);
  const std::size_t balanced = encode_with(image, Effort::balanced).size();
  EXPECT_LT(encode_with(image, Effort::small).size(), balanced);
  EXPECT_LE(balanced, encode_with(image, Effort::fast).size());
}

TEST(PngFile, PatternsThatRepeatAreFound) {
  const Image tile = make_noise({64, 1}, 3);
  Image pattern({640, 500}, 3);
  for (std::size_t i = 0; i < pattern.bytes(); ++i) pattern.data()[i] = tile.data()[(i + i / 1920 * 61) % tile.bytes()];
  EXPECT_LT(encode_with(pattern, Effort::balanced).size(), pattern.bytes() / 20);
  EXPECT_TRUE(same(decode(encode_with(pattern, Effort::balanced), "x").image, pattern));
}

// Each part in a thread of its own, the last one first.
void in_threads(std::size_t count, const std::function<void(std::size_t)>& part) {
  std::vector<std::thread> threads;
  for (std::size_t i = count; i-- > 0;) threads.emplace_back([&part, i] { part(i); });
  for (std::thread& thread : threads) thread.join();
}

TEST(PngFile, IsTheSameWhoeverHelps) {
  const Image image = patchwork({700, 1000}, 4, PixelType::u8, 3);
  const auto path = std::filesystem::temp_directory_path() / ("pixmill_png_" + std::to_string(::getpid()));
  for (const Effort effort : kEfforts) {
    const Bytes alone = encode_with(image, effort);
    EXPECT_TRUE(alone == encode_with(image, effort, in_threads));
    EncodeOptions options;
    options.effort = effort;
    for (const bool helped : {false, true}) {
      options.side_by_side = helped ? SideBySide(in_threads) : SideBySide();
      write_rows(path, image, options, 13);
      EXPECT_TRUE(alone == read_file(path)) << helped;
    }
  }
  std::filesystem::remove(path);
}

TEST(PngFile, AFailureOfOnePartIsThatOfThePicture) {
  const Image image = patchwork({700, 1000}, 4, PixelType::u8, 3);
  EncodeOptions options;
  options.side_by_side = [](std::size_t, const std::function<void(std::size_t)>&) {
    throw Error(ErrorCode::out_of_memory, "no memory");
  };
  EXPECT_THROW(encode(image, options), Error);
  const auto path = std::filesystem::temp_directory_path() / ("pixmill_png_" + std::to_string(::getpid()));
  const auto error = thrown_by([&] { write_rows(path, image, options, 100); });
  ASSERT_TRUE(error);
  EXPECT_EQ(error->code(), ErrorCode::out_of_memory);
  EXPECT_FALSE(std::filesystem::exists(path));
}

TEST(PngFile, HasItsChunksInOrder) {
  const Image image = make_picture(40, 30, 3);
  EXPECT_EQ(types_of(encode_as(image, Format::png)), "IHDR IDAT IDAT IEND");
  Metadata metadata;
  metadata.exif = make_exif(6, 4000, 3000);
  metadata.xmp = to_bytes("<x/>");
  metadata.icc = to_bytes("any profile becomes sRGB");
  metadata.pixels_per_mm = 300 / 25.4;
  const Bytes file = encode_as(image, Format::png, 90, &metadata);
  EXPECT_EQ(types_of(file), "IHDR eXIf iCCP pHYs iTXt IDAT IDAT IEND");
  EXPECT_EQ(number(find_png_chunk(file, "pHYs")), 11'811U);
  const Picture back = decode(file, "x");
  EXPECT_GT(back.metadata.icc.size(), 300U);
  EXPECT_NEAR(back.metadata.pixels_per_mm, 300 / 25.4, 1e-3);
  EXPECT_EQ(back.metadata.xmp, metadata.xmp);
  EXPECT_TRUE(same(back.image, image));
  const Bytes gray = encode_as(make_picture(40, 30, 1), Format::png, 90, &metadata);
  EXPECT_EQ(types_of(gray), "IHDR eXIf pHYs iTXt IDAT IDAT IEND") << "a profile of colours in a gray picture";
}

TEST(PngFile, SumsOfStripsAreThatOfAllBytes) {
  std::vector<std::uint8_t> bytes(200'000);
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::uint8_t>(255 - i % 7);
  Adler all;
  for (std::size_t at = 0, part = 0; at < bytes.size(); at += part) {
    part = std::min(bytes.size() - at, at * 2 + 1);
    all.append({libdeflate_adler32(1, bytes.data() + at, part), part});
  }
  EXPECT_EQ(all.sum, libdeflate_adler32(1, bytes.data(), bytes.size()));
  EXPECT_EQ(all.bytes, bytes.size());
}

}  // namespace
}  // namespace pixmill::codecs::test
