#include "tasks/detections/panorama.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

#include "pixmill/core/resize.h"
#include "pixmill/tasks/direct_context.h"
#include "support/testing.h"

namespace pixmill::tasks {
namespace {

constexpr double kDegree = std::numbers::pi / 180;

// A cap of the sphere, in degrees.
struct Disc {
  double yaw, pitch, radius;

  RunMask mask(Size picture) const {
    std::vector<double> along;  // of each column, the cosine of its angle to the middle
    for (int x = 0; x < picture.width; ++x)
      along.push_back(std::cos(((x + 0.5) / picture.width - 0.5) * 360 * kDegree - yaw * kDegree));
    std::vector<double> high, wide;  // of each row: what adds to the cosine of the angle between, and what multiplies
    for (int y = 0; y < picture.height; ++y) {
      const double row = (0.5 - (y + 0.5) / picture.height) * 180 * kDegree;
      high.push_back(std::sin(row) * std::sin(pitch * kDegree));
      wide.push_back(std::cos(row) * std::cos(pitch * kDegree));
    }
    RunMaskBuilder made(picture);
    const double edge = std::cos(radius * kDegree);
    for (int x = 0; x < picture.width; ++x) {
      for (int y = 0; y < picture.height; ++y) {
        const auto row = static_cast<std::size_t>(y);
        if (high[row] + wide[row] * along[static_cast<std::size_t>(x)] >= edge) made.add(x, y, y + 1);
      }
    }
    return made.take();
  }
};

// One disc a colour: red, green, blue. They do not touch.
using Discs = std::array<Disc, 3>;
constexpr Discs kDiscs = {{{180, 5, 12}, {0, -90, 25}, {60, 30, 4}}};    // across the edge; under the tripod; small
constexpr Discs kOthers = {{{-60, 40, 30}, {60, -30, 40}, {0, 80, 4}}};  // large, over many views; near the pole

Image painted(const Discs& discs, Size size) {
  Image picture(size, 3);
  std::fill(picture.data(), picture.data() + picture.bytes(), std::byte{0});
  for (std::size_t c = 0; c < discs.size(); ++c) {
    each_span(discs[c].mask(size), [&](int x, int from, int to) {
      for (int y = from; y < to; ++y) picture.row<std::uint8_t>(y)[3 * x + static_cast<int>(c)] = 255;
    });
  }
  return picture;
}

// The bounding box of what is set in a plane of a square picture.
Box box_around(const RunMask& mask, int label) {
  const Rect around = bounds(mask);
  return {static_cast<float>(around.x),
          static_cast<float>(around.y),
          static_cast<float>(around.x + around.width),
          static_cast<float>(around.y + around.height),
          0.9F,
          label};
}

// A model that finds what is red, green or blue, its masks at the size of its input; all of one class, or a class each.
Look finder(int side, bool by_pixels, bool with_masks) {
  return {.inputs = [](ImageView pixels, Size) -> Tensors {
            Tensor seen({1, pixels.height(), pixels.width(), 3}, ElementType::f32);
            for (int y = 0; y < pixels.height(); ++y)
              std::copy_n(pixels.row<std::uint8_t>(y), 3 * pixels.width(),
                          seen.as<float>().data() + 3 * y * pixels.width());
            return {std::make_shared<const Tensor>(std::move(seen))};
          },
          .things =
              [=](const std::vector<Tensor>& outputs, Size full) {
                Detections found{full, 0.05F, shared_names({"red", "green", "blue"}), {}};
                for (int c = 0; c < 3; ++c) {
                  Image plane({side, side}, 1, PixelType::f32);
                  for (int y = 0; y < side; ++y) {
                    for (int x = 0; x < side; ++x)
                      plane.row<float>(y)[x] =
                          outputs.at(0).as<float>()[static_cast<std::size_t>(3 * (y * side + x) + c)];
                  }
                  const Image large = resize(plane, full, Filter::bilinear);
                  RunMaskBuilder mask(full);
                  for (int x = 0; x < full.width; ++x) {
                    for (int y = 0; y < full.height; ++y) {
                      if (large.row<float>(y)[x] >= 127.5F) mask.add(x, y, y + 1);
                    }
                  }
                  RunMask shape = mask.take();
                  if (area(shape) == 0) continue;
                  const Box box = box_around(shape, by_pixels ? c : 0);
                  found.found.push_back({.box = box});
                  if (with_masks) found.found.back().mask = std::move(shape);
                }
                return found;
              },
          .side = side,
          .by_pixels = by_pixels};
}

Detections look_at_discs(const Discs& discs, Size size, const Look& look) {
  DirectContext context([](int, const Tensors& inputs) {
    std::vector<Tensor> outputs;
    outputs.push_back(inputs.at(0)->clone());
    return outputs;
  });
  return look_at(painted(discs, size), context, {.equirect = true}, look);
}

struct Case {
  Size panorama;
  int side;
  bool by_pixels;
};

class Panoramas : public ::testing::TestWithParam<Case> {};

// Each disc once, whatever views it is in, and as it is.
TEST_P(Panoramas, DiscsAreFoundWhereTheyAre) {
  const auto [size, side, by_pixels] = GetParam();
  for (const Discs& discs : {kDiscs, kOthers}) {
    const Detections found = look_at_discs(discs, size, finder(side, by_pixels, true));
    EXPECT_EQ(found.picture, size);
    ASSERT_EQ(found.found.size(), discs.size());
    for (const Disc& disc : discs) {
      const RunMask exact = disc.mask(size);
      double best = 0;
      for (const Detection& thing : found.found) best = std::max(best, iou(exact, thing.mask));
      EXPECT_GT(best, 0.98) << "yaw " << disc.yaw << ", pitch " << disc.pitch;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(All, Panoramas,
                         ::testing::Values(Case{{2048, 1024}, 512, false}, Case{{2048, 1024}, 640, true},
                                           Case{{3000, 1500}, 640, false}, Case{{1000, 500}, 640, false},
                                           Case{{2048, 1024}, 384, false}));

TEST(Panorama, AThingAcrossTheEdgeIsOne) {
  const Size size{1024, 512};
  const Detections found = look_at_discs(kDiscs, size, finder(320, true, true));
  const auto edge =
      std::find_if(found.found.begin(), found.found.end(), [](const Detection& thing) { return thing.box.label == 0; });
  ASSERT_NE(edge, found.found.end());
  EXPECT_EQ(edge->box.left, 0);
  EXPECT_EQ(edge->box.right, size.width);
  const Rect middle{size.width / 4, 0, size.width / 2, size.height};
  const Image inside = bitmap_of(edge->mask, middle);
  EXPECT_EQ(maximum(inside), 0);
}

TEST(Panorama, BoxesBecomeTheirRegions) {
  const Size size{1024, 512};
  const Detections found = look_at_discs(kDiscs, size, finder(320, false, false));
  ASSERT_EQ(found.found.size(), 3U);
  for (const Disc& disc : kDiscs) {
    const RunMask exact = disc.mask(size);
    double best = 0;
    for (const Detection& thing : found.found) {
      const double both = static_cast<double>(area(exact) + area(thing.mask) - area(united(exact, thing.mask)));
      if (both > 0.98 * static_cast<double>(area(exact))) best = std::max(best, iou(exact, thing.mask));
    }
    EXPECT_GT(best, 0.6) << "a disc has pi/4 of its box";
  }
}

TEST(Panorama, OtherShapesAreRefused) {
  for (const Size size : {Size{1000, 1000}, Size{1000, 497}, Size{1005, 500}}) {
    const Error error =
        testing::error_of(ErrorCode::unsupported, [&] { (void)look_at_discs(kDiscs, size, finder(320, false, true)); });
    EXPECT_SAYS(error.message(), std::to_string(size.width) + " x " + std::to_string(size.height));
  }
}

TEST(SphereViews, EveryDirectionIsWellInsideOne) {
  const Sphere sphere({360, 180});
  for (int y = 0; y < 180; ++y) {
    for (int x = 0; x < 360; ++x) {
      float best = 2;
      for (const SphereView& view : sphere_views()) {
        if (const auto place = sphere.place(view, x, y))
          best = std::min(best, std::max(std::abs(place->x), std::abs(place->y)));
      }
      EXPECT_LT(best, 0.855F) << x << " " << y;
    }
  }
}

TEST(SphereViews, PixelsGoThereAndBack) {
  const Sphere sphere({720, 360});
  for (const SphereView& view : sphere_views()) {
    for (int y = 3; y < 360; y += 7) {
      for (int x = 0; x < 720; x += 11) {
        const auto place = sphere.place(view, x, y);
        if (!place) continue;
        const Point back = sphere.pixel(view, *place);
        EXPECT_NEAR(back.y, static_cast<float>(y) + 0.5F, 0.01);
        EXPECT_NEAR(std::remainder(back.x - static_cast<float>(x) - 0.5F, 720.0F), 0, 0.05);
      }
    }
  }
}

}  // namespace
}  // namespace pixmill::tasks
