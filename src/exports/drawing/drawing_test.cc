#include <gtest/gtest.h>

#include <cstring>
#include <limits>
#include <set>

#include "exports/drawing/canvas.h"
#include "exports/drawing/label_places.h"
#include "exports/drawing/palette.h"
#include "exports/drawing/scene.h"
#include "exports/drawing/text.h"

namespace pixmill::exports {
namespace {

using tasks::Box;
using tasks::Detection;

Image gray(Size size, std::uint8_t level = 128) {
  Image image(size, 3);
  std::memset(image.data(), level, image.bytes());
  return image;
}

Colour at(const Image& image, int x, int y) {
  const auto* pixel = image.row<std::uint8_t>(y) + std::ptrdiff_t{3} * x;
  return {pixel[0], pixel[1], pixel[2]};
}

struct Scene {
  Scene(Size size, std::vector<Detection> found) {
    chosen.record = {size, 0.05F, tasks::shared_names({"cat", "dog"}), std::move(found)};
    for (const Detection& one : chosen.record.found) chosen.found.push_back(&one);
  }
  Image drawn(const tasks::Drawing& drawing = {.labels = false}, std::uint8_t level = 128) const {
    Image picture = gray(chosen.record.picture, level);
    draw(picture, chosen, drawing);
    return picture;
  }
  Chosen chosen;
};

std::int64_t pixels_unlike(const Image& image, const Rect& where, const Image& other) {
  std::int64_t count = 0;
  for (int y = where.y; y < where.y + where.height; ++y)
    for (int x = where.x; x < where.x + where.width; ++x) count += at(image, x, y) != at(other, x, y) ? 1 : 0;
  return count;
}

TEST(Palette, TwentyOneColoursThatDifferAndReadableText) {
  std::set<Colour> colours;
  for (int label = 0; label < 21; ++label) colours.insert(class_colour(label));
  EXPECT_EQ(colours.size(), 21U);
  EXPECT_EQ(class_colour(0), class_colour(21));
  EXPECT_EQ(class_colour(1), (Colour{0x56, 0xB4, 0xE9}));
  EXPECT_EQ(text_colour({0xF0, 0xE4, 0x42}), (Colour{0, 0, 0}));
  EXPECT_EQ(text_colour({0, 0x3F, 0x62}), (Colour{255, 255, 255}));
}

TEST(LabelPlaces, AboveTheBoxInsideThePictureAndOffEachOther) {
  LabelPlaces places({200, 100});
  EXPECT_EQ(places.place({50, 10}, {20, 40, 80, 30}), (Rect{20, 30, 50, 10}));
  const Rect second = places.place({50, 10}, {22, 42, 80, 30}).value();
  EXPECT_EQ(common(second, {20, 30, 50, 10}).width * common(second, {20, 30, 50, 10}).height, 0);
  EXPECT_EQ(places.place({50, 10}, {0, 0, 200, 100}).value().y, 0);
  const Rect right = places.place({50, 10}, {190, 50, 10, 10}).value();
  EXPECT_LE(right.x + right.width, 200);
  EXPECT_EQ(LabelPlaces({200, 100}).place({300, 120}, {0, 0, 5, 5}), (Rect{0, 0, 300, 120}));
}

TEST(LabelPlaces, OneThatWouldHideOthersIsLeftOut) {
  LabelPlaces places({200, 100});
  int placed = 0;
  for (int i = 0; i < 50; ++i) placed += places.place({60, 20}, {80, 40, 10, 10}).has_value();
  EXPECT_GE(placed, 2);
  EXPECT_LT(placed, 12);
}

TEST(Canvas, PartsJoinWithoutASeam) {
  Image picture = gray({9000, 600});
  const Mark line = {{0, 0, 9000, 600}, [](cairo_t* cairo, const Rect&) {
                       set_colour(cairo, {255, 0, 0});
                       (void)cairo;
                     }};
  const Image before = picture.clone();
  paint(picture, {line});
  EXPECT_EQ(std::memcmp(picture.data(), before.data(), before.bytes()), 0) << "nothing was painted";
  const Scene scene({9000, 600}, {{Box{100, 100, 8900, 500, 0.9F, 1}}});
  const Image drawn = scene.drawn();
  for (const int y : {100, 255, 256, 499}) EXPECT_EQ(at(drawn, 100, y), class_colour(1)) << y;
  for (const int x : {4095, 4096, 8191, 8192}) EXPECT_EQ(at(drawn, x, 500), class_colour(1)) << x;
  EXPECT_EQ(at(drawn, 4500, 300), (Colour{128, 128, 128}));
}

TEST(Draw, ABoxHasTheColourOfItsClassAndAnEdgeThatContrasts) {
  const Scene scene({200, 200}, {{Box{50, 60, 150, 140, 0.9F, 0}}});
  for (const std::uint8_t level : {0, 255}) {
    const Image drawn = scene.drawn({.line_width = 4, .labels = false}, level);
    const Image ground = gray({200, 200}, level);
    EXPECT_EQ(at(drawn, 50, 100), class_colour(0));
    EXPECT_EQ(at(drawn, 100, 140), class_colour(0));
    EXPECT_EQ(at(drawn, 100, 100), at(ground, 0, 0));
    EXPECT_EQ(at(drawn, 40, 100), at(ground, 0, 0));
  }
  EXPECT_LT(at(scene.drawn({.line_width = 4, .labels = false}, 255), 47, 100)[0], 160) << "dark beside a light line";
}

TEST(Draw, AMaskIsTranslucentInsideAndKeepsItsHole) {
  Image bitmap({100, 100}, 1);
  std::memset(bitmap.data(), 255, bitmap.bytes());
  for (int y = 40; y < 60; ++y) std::memset(bitmap.row<std::uint8_t>(y) + 40, 0, 20);
  Detection found{Box{50, 50, 150, 150, 0.9F, 0}};
  found.mask = mask_of_bitmap(bitmap, {200, 200}, 50, 50);
  const Image drawn = Scene({200, 200}, {found}).drawn({.line_width = 4, .labels = false});
  const Colour inside = at(drawn, 75, 75), hole = at(drawn, 100, 100);
  EXPECT_NEAR(inside[0], 128 * 0.65 + class_colour(0)[0] * 0.35, 2);
  EXPECT_EQ(hole, (Colour{128, 128, 128}));
  EXPECT_NEAR(at(drawn, 88, 100)[0], class_colour(0)[0], 8) << "the line around the hole";
}

TEST(Draw, PolygonsAndLandmarks) {
  Detection found{Box{20, 20, 180, 180, 0.9F, 1}};
  found.polygons = {{{20, 20}, {180, 20}, {180, 180}}};
  found.points = {{60, 140}, {1e30F, 5}, {-1e38F, 1e38F}, {std::numeric_limits<float>::quiet_NaN(), 3}};
  const Image drawn = Scene({200, 200}, {found}).drawn();
  EXPECT_NEAR(at(drawn, 150, 100)[2], 128 * 0.65 + class_colour(1)[2] * 0.35, 2);
  EXPECT_EQ(at(drawn, 60, 140), class_colour(1));
  EXPECT_EQ(at(drawn, 50, 120), (Colour{128, 128, 128})) << "the other half of the box";
}

TEST(Draw, PolygonsFarOutsideThePicture) {
  Detection found{Box{0, 0, 200, 200, 0.9F, 1}};
  found.polygons = {{{-1e30F, 100}, {1e30F, 100}, {1e30F, 1e30F}, {-1e30F, 1e30F}},
                    {},
                    {{std::numeric_limits<float>::quiet_NaN(), 1}}};
  const Image drawn = Scene({200, 200}, {found}).drawn();
  EXPECT_EQ(at(drawn, 100, 50), (Colour{128, 128, 128}));
  EXPECT_NEAR(at(drawn, 100, 150)[2], 128 * 0.65 + class_colour(1)[2] * 0.35, 2) << "inside";
}

TEST(Draw, LabelsShowWithTheirConfidenceUnlessNotWanted) {
  if (!has_fonts()) GTEST_SKIP() << "no font here";
  const Scene scene({300, 200}, {{Box{50, 80, 250, 180, 0.91F, 1}}});
  const Rect above = {50, 50, 200, 25};
  const Image plain = scene.drawn(), ground = gray({300, 200});
  const Image full = scene.drawn({}), name = scene.drawn({.confidence = false});
  EXPECT_EQ(pixels_unlike(plain, above, ground), 0);
  const std::int64_t with_name = pixels_unlike(name, above, ground), with_both = pixels_unlike(full, above, ground);
  EXPECT_GT(with_name, 100);
  EXPECT_GT(with_both, with_name * 3 / 2);
  EXPECT_EQ(label_of(scene.chosen.record, scene.chosen.record.found[0].box, {}), "dog 0.91");
}

TEST(Draw, PicturesOfEverySize) {
  for (const Size size : {Size{1, 1}, Size{3, 40}, Size{20000, 200}, Size{200, 20000}, Size{40000, 3}}) {
    const auto width = static_cast<float>(size.width), height = static_cast<float>(size.height);
    const Image drawn = Scene(size, {{Box{0, 0, width, height, 0.9F, 1}}, {Box{0, 0, 0, 0, 0.5F, 0}}}).drawn({});
    EXPECT_GT(pixels_unlike(drawn, {0, 0, size.width, size.height}, gray(size)), 0) << size.width;
    const Measures measures = measures_for(size, {});
    EXPECT_GE(measures.line, 1);
    EXPECT_LE(measures.letters, std::max(12.0, std::min(size.width, size.height) / 6.0));
  }
}

TEST(Text, AnyBytesAndAnyWidth) {
  if (!has_fonts()) GTEST_SKIP() << "no font here";
  const int wide = TextLine("a long name of a class", 20, 1000).size().width;
  EXPECT_GT(wide, 100);
  EXPECT_LE(TextLine("a long name of a class", 20, 60).size().width, 60);
  EXPECT_GT(TextLine("\xFF\xFE broken \x80", 20, 1000).size().width, 0);
  EXPECT_LT(TextLine("two\nlines", 20, 1000).size().height, 40);
}

}  // namespace
}  // namespace pixmill::exports
