#include <cmath>

#include "codecs/icc.h"
#include "codecs/test_pictures.h"
#include "codecs/upright.h"

namespace pixmill::codecs::test {
namespace {

void put(Bytes& bytes, std::uint32_t value, int width = 4) {
  for (int i = width - 1; i >= 0; --i) bytes.push_back(static_cast<std::byte>(value >> 8 * i));
}

std::uint32_t letters(const char* name) {
  return static_cast<std::uint32_t>(name[0]) << 24 | static_cast<std::uint32_t>(name[1]) << 16 |
         static_cast<std::uint32_t>(name[2]) << 8 | static_cast<std::uint32_t>(name[3]);
}

std::uint32_t fixed(double value) {
  return static_cast<std::uint32_t>(std::lround(value * 65536));
}

struct ProfileTag {
  const char* name;
  Bytes data;
};

Bytes gamma_curve(double gamma) {
  Bytes data;
  put(data, letters("curv")), put(data, 0), put(data, 1);
  put(data, static_cast<std::uint32_t>(std::lround(gamma * 256)), 2), put(data, 0, 2);
  return data;
}

Bytes srgb_curve() {
  Bytes data;
  put(data, letters("para")), put(data, 0), put(data, 3, 2), put(data, 0, 2);
  for (const double parameter : {2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045}) put(data, fixed(parameter));
  return data;
}

Bytes xyz(double x, double y, double z) {
  Bytes data;
  put(data, letters("XYZ ")), put(data, 0), put(data, fixed(x)), put(data, fixed(y)), put(data, fixed(z));
  return data;
}

Bytes make_profile(const char* space, const std::vector<ProfileTag>& tags) {
  Bytes head;
  Bytes body;
  const std::size_t body_start = 128 + 4 + 12 * tags.size();
  Bytes table;
  put(table, static_cast<std::uint32_t>(tags.size()));
  for (const ProfileTag& tag : tags) {
    put(table, letters(tag.name));
    put(table, static_cast<std::uint32_t>(body_start + body.size()));
    put(table, static_cast<std::uint32_t>(tag.data.size()));
    body.insert(body.end(), tag.data.begin(), tag.data.end());
  }
  put(head, static_cast<std::uint32_t>(body_start + body.size())), put(head, 0), put(head, 0x02400000);
  put(head, letters("mntr")), put(head, letters(space)), put(head, letters("XYZ "));
  head.resize(36);
  put(head, letters("acsp"));
  head.resize(68);
  put(head, fixed(0.9642)), put(head, fixed(1.0)), put(head, fixed(0.8249));
  head.resize(128);
  head.insert(head.end(), table.begin(), table.end());
  head.insert(head.end(), body.begin(), body.end());
  return head;
}

Bytes rgb_profile(const Bytes& curve, const Bytes& red, const Bytes& green, const Bytes& blue) {
  return make_profile("RGB ", {{"rXYZ", red},
                               {"gXYZ", green},
                               {"bXYZ", blue},
                               {"rTRC", curve},
                               {"gTRC", curve},
                               {"bTRC", curve},
                               {"wtpt", xyz(0.9642, 1, 0.8249)}});
}

Bytes srgb_profile(const Bytes& curve) {
  return rgb_profile(curve, xyz(0.43607, 0.22249, 0.01392), xyz(0.38515, 0.71687, 0.09708),
                     xyz(0.14307, 0.06061, 0.71410));
}

TEST(Icc, KnowsSrgbByItsNumbers) {
  EXPECT_TRUE(is_srgb(srgb_profile(srgb_curve())));
  EXPECT_FALSE(is_srgb(srgb_profile(gamma_curve(2.2))));
  EXPECT_FALSE(is_srgb(srgb_profile(gamma_curve(1.0))));
  const Bytes adobe = rgb_profile(gamma_curve(2.2), xyz(0.60974, 0.31111, 0.01947), xyz(0.20528, 0.62567, 0.06087),
                                  xyz(0.14919, 0.06322, 0.74457));
  EXPECT_FALSE(is_srgb(adobe));
  EXPECT_EQ(icc_space(adobe), IccSpace::rgb);
  EXPECT_FALSE(is_srgb(make_profile("GRAY", {{"kTRC", srgb_curve()}})));
  EXPECT_EQ(icc_space(to_bytes("nothing")), IccSpace::none);
}

TEST(Icc, DamagedProfilesAreNoError) {
  const Bytes whole = srgb_profile(srgb_curve());
  for (std::size_t bytes = 0; bytes < whole.size(); ++bytes) {
    EXPECT_FALSE(is_srgb(std::span(whole).first(bytes)) && bytes < whole.size() - 20);
  }
}

TEST(Icc, GrayCurveBecomesSrgbs) {
  const auto linear = gray_tone(make_profile("GRAY", {{"kTRC", gamma_curve(1.0)}}), 256);
  ASSERT_EQ(linear.size(), 256U);
  EXPECT_EQ(linear[0], 0);
  EXPECT_EQ(linear[255], 255);
  EXPECT_EQ(linear[55], 128);  // 0.2157 of light is 0.5 in sRGB
  EXPECT_TRUE(gray_tone(make_profile("GRAY", {{"kTRC", srgb_curve()}}), 256).empty());
  EXPECT_TRUE(gray_tone(make_profile("GRAY", {}), 256).empty());
}

TEST(Colour, WrittenProfileIsSrgbWhereTheSourceHadOne) {
  Metadata metadata;
  metadata.icc = rgb_profile(gamma_curve(2.2), xyz(0.60974, 0.31111, 0.01947), xyz(0.20528, 0.62567, 0.06087),
                             xyz(0.14919, 0.06322, 0.74457));
  const Image image = make_picture(30, 20, 3);
  const Picture back = decode(encode_as(image, Format::png, 90, &metadata), "x");
  EXPECT_TRUE(is_srgb(back.metadata.icc));
  EXPECT_EQ(difference(image, back.image), 0);
  const Picture gray = decode(encode_as(make_picture(30, 20, 1), Format::png, 90, &metadata), "x");
  EXPECT_TRUE(gray.metadata.icc.empty());
  EXPECT_EQ(gray.image.channels(), 1);
}

// A JPEG of one colour that carries the profile.
Picture decode_with_profile(const Bytes& profile, std::uint8_t red, std::uint8_t green, std::uint8_t blue) {
  Image image({16, 16}, 3);
  for (int y = 0; y < 16; ++y) {
    for (int x = 0; x < 16; ++x) {
      const std::uint8_t pixel[] = {red, green, blue};
      std::copy_n(pixel, 3, image.row<std::uint8_t>(y) + 3 * x);
    }
  }
  Bytes file = encode_as(image, Format::jpeg, 100);
  Bytes segment;
  put(segment, 0xffe2, 2), put(segment, static_cast<std::uint32_t>(profile.size() + 16), 2);
  for (const char c : std::string_view("ICC_PROFILE\0\1\1", 14)) segment.push_back(static_cast<std::byte>(c));
  segment.insert(segment.end(), profile.begin(), profile.end());
  file.insert(file.begin() + 2, segment.begin(), segment.end());
  return decode(file, "x");
}

TEST(Colour, ProfilesAreApplied) {
  const Picture linear = decode_with_profile(srgb_profile(gamma_curve(1.0)), 55, 55, 55);
  EXPECT_NEAR(linear.image.row<std::uint8_t>(8)[24], 128, 2);
  EXPECT_FALSE(linear.metadata.icc.empty());
  const Picture same = decode_with_profile(srgb_profile(srgb_curve()), 55, 55, 55);
  EXPECT_NEAR(same.image.row<std::uint8_t>(8)[24], 55, 1);
}

TEST(Colour, UnusableProfilesAreLeftAlone) {
  Bytes broken = srgb_profile(gamma_curve(1.0));
  std::fill(broken.begin() + 132, broken.end(), std::byte{0x7f});
  EXPECT_NEAR(decode_with_profile(broken, 55, 55, 55).image.row<std::uint8_t>(8)[24], 55, 1);
  const Bytes gray = make_profile("GRAY", {{"kTRC", gamma_curve(1.0)}});
  EXPECT_NEAR(decode_with_profile(gray, 55, 55, 55).image.row<std::uint8_t>(8)[24], 55, 1);
}

TEST(Rows, PlainCmykIsInkTimesLight) {
  RowLayout layout;
  layout.kind = RowLayout::Kind::cmyk;
  layout.bands = 4;
  const std::uint8_t ink[] = {0, 0, 0, 0, 255, 0, 0, 0, 0, 0, 0, 255, 51, 102, 0, 128};
  Image image({4, 1}, layout.channels, layout.type);
  UprightWriter writer({4, 1}, 1, layout, image);
  writer.write(reinterpret_cast<const std::byte*>(ink), sizeof ink, 0, 1);
  const std::uint8_t wanted[] = {255, 255, 255, 0, 255, 255, 0, 0, 0, 102, 76, 127};
  EXPECT_TRUE(std::equal(std::begin(wanted), std::end(wanted), image.row<std::uint8_t>(0)));
}

TEST(Rows, GrayWithAlphaBecomesRgba) {
  RowLayout layout;
  layout.kind = RowLayout::Kind::gray_alpha;
  layout.bands = 2;
  layout.channels = 4;
  const std::uint8_t samples[] = {7, 200};
  Image image({1, 1}, layout.channels, layout.type);
  UprightWriter writer({1, 1}, 1, layout, image);
  writer.write(reinterpret_cast<const std::byte*>(samples), 2, 0, 1);
  const std::uint8_t wanted[] = {7, 7, 7, 200};
  EXPECT_TRUE(std::equal(std::begin(wanted), std::end(wanted), image.row<std::uint8_t>(0)));
}

TEST(Rows, TenBitsAreWidenedToSixteen) {
  RowLayout layout;
  layout.bands = layout.channels = 1;
  layout.type = PixelType::u16;
  layout.bits = 10;
  const std::uint16_t samples[] = {0, 0xffc0};
  Image image({2, 1}, layout.channels, layout.type);
  UprightWriter writer({2, 1}, 1, layout, image);
  writer.write(reinterpret_cast<const std::byte*>(samples), 4, 0, 1);
  EXPECT_EQ(image.row<std::uint16_t>(0)[0], 0);
  EXPECT_EQ(image.row<std::uint16_t>(0)[1], 0xffff);
}

}  // namespace
}  // namespace pixmill::codecs::test
