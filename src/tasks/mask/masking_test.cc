#include "pixmill/tasks/masking.h"

#include <gtest/gtest.h>

#include "support/testing.h"

namespace pixmill::tasks {
namespace {

using pixmill::testing::error_of;

const std::vector<std::string> kNames = {"person", "backpack", "bench", "bottle"};

Detection thing(int label, float left, float top, float right, float bottom, float score = 0.9F) {
  Detection one;
  one.box = {left, top, right, bottom, score, label};
  return one;
}

Detections record(std::vector<Detection> found, Size size = {400, 300}) {
  Detections made;
  made.picture = size;
  made.classes = shared_names(kNames);
  made.found = std::move(found);
  return made;
}

MaskOptions plain() {
  MaskOptions options;
  options.profile = &mask_profiles().front();
  options.carried = {"backpack", "bottle"};
  options.dilate = 0;
  return options;
}

std::vector<int> labels(const Detections& found, const MaskOptions& options) {
  std::vector<int> all;
  for (const Detection* one : things_to_mask(found, options)) all.push_back(one->box.label);
  return all;
}

TEST(ThingsToMask, CarriedIsWhatLiesAtAPerson) {
  const Detections found = record({
      thing(0, 100, 50, 160, 250),   // 200 pixels high: 10 pixels are near
      thing(1, 90, 80, 110, 130),    // overlaps
      thing(3, 168, 100, 178, 130),  // 8 pixels beside
      thing(3, 175, 100, 185, 130),  // 15 pixels beside
      thing(1, 300, 200, 340, 250),  // alone
      thing(2, 100, 200, 200, 250),  // nothing that is carried
      thing(1, 120, 10, 140, 290),   // longer than the person
  });
  EXPECT_EQ(labels(found, plain()), (std::vector<int>{0, 1, 3}));
  MaskOptions none = plain();
  none.carried = {};
  EXPECT_EQ(labels(found, none), std::vector<int>{0});
  MaskOptions all = plain();
  all.selection.classes = {"backpack"};
  EXPECT_EQ(labels(found, all), (std::vector<int>{1, 1, 1})) << "exactly what --classes says";
}

TEST(ThingsToMask, AThingAloneStays) {
  EXPECT_TRUE(labels(record({thing(1, 90, 80, 110, 130)}), plain()).empty());
  EXPECT_TRUE(labels(record({thing(0, 100, 50, 160, 250, 0.2F), thing(1, 90, 80, 110, 130)}), plain()).empty())
      << "the person is below the confidence";
}

TEST(ThingsToMask, ClassesThatAreNotThereAreNamed) {
  Detections found = record({});
  MaskOptions options = plain();
  options.selection.classes = {"persn"};
  EXPECT_SAYS(error_of(ErrorCode::usage, [&] { things_to_mask(found, options); }).hint(), "person");
  found.classes = shared_names({"face"});
  EXPECT_SAYS(error_of(ErrorCode::usage, [&] { things_to_mask(found, plain()); }).hint(), "--classes face");
}

BitMask made(const Detections& found, const MaskOptions& options, const BitMask* fixed = nullptr, int orientation = 1) {
  return left_out(found, things_to_mask(found, options), options, orientation, fixed, "p.jpg");
}

TEST(LeftOut, GrowsToEverySide) {
  const Detections found = record({thing(0, 100, 50, 160, 250)});
  EXPECT_EQ(area(made(found, plain())), 60 * 200);
  MaskOptions grown = plain();
  grown.dilate = 15;
  const BitMask mask = made(found, grown);
  EXPECT_EQ(area(mask), 90 * 230);
  EXPECT_TRUE(mask.at(85, 35) && mask.at(174, 264));
  grown.erode = 15;
  EXPECT_EQ(area(made(found, grown)), 60 * 200);
}

TEST(LeftOut, FixedPixelsJoinBeforeAllGrows) {
  const Detections found = record({thing(0, 100, 50, 160, 250)});
  BitMask fixed({400, 300});
  for (int y = 0; y < 10; ++y) {
    for (int x = 0; x < 400; ++x) fixed.set(x, y);
  }
  MaskOptions options = plain();
  options.dilate = 5;
  EXPECT_EQ(area(made(found, options, &fixed)), 400 * 15 + 70 * 210);
  options.erode = 20;
  EXPECT_EQ(area(made(found, options, &fixed)), 400 * 15 + 30 * 170) << "what is fixed does not shrink";
  options.erode = 0;
  options.keep = true;
  EXPECT_EQ(area(made(found, options, &fixed)), 400 * 300 - 70 * 210) << "fixed pixels are left out all the same";
}

TEST(LeftOut, AFixedMaskOfAnotherSizeIsRefused) {
  const BitMask fixed({300, 400});
  const Error error = error_of(ErrorCode::unsupported, [&] { made(record({}), plain(), &fixed); });
  EXPECT_SAYS(error.message(), "p.jpg: its mask has 400 x 300 pixels, that of --fixed 300 x 400");
  made(record({}), plain(), &fixed, 6);  // stored on its side
}

TEST(LeftOut, SmallPartsGoAndHolesAreFilled) {
  Detection ring;
  ring.box = {100, 100, 120, 120, 0.9F, 0};
  RunMaskBuilder mask({400, 300});
  for (int x = 100; x < 120; ++x) {
    const bool side = x < 105 || x >= 115;
    mask.add(x, 100, side ? 120 : 105);
    if (!side) mask.add(x, 115, 120);
  }
  ring.mask = mask.take();
  const Detections found = record({ring, thing(0, 10, 10, 14, 14)});
  MaskOptions options = plain();
  EXPECT_EQ(area(made(found, options)), 300 + 16);
  options.fill_holes = true;
  EXPECT_EQ(area(made(found, options)), 400 + 16);
  options.least = {.pixels = 17};
  EXPECT_EQ(area(made(found, options)), 400);
  options.least = {.share = 0.01};
  EXPECT_EQ(area(made(found, options)), 0);
}

TEST(MaskProfiles, AreNamedAndTheNearestIsTold) {
  EXPECT_EQ(mask_profile("odm").program, "OpenDroneMap");
  EXPECT_SAYS(error_of(ErrorCode::usage, [] { mask_profile("colmp"); }).hint(), "did you mean colmap?");
}

}  // namespace
}  // namespace pixmill::tasks
