#include "pixmill/measure/stats.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "measure/stats/sums.h"

namespace pixmill::measure {
namespace {

using Json = nlohmann::json;

tasks::RuleThing thing(int label, float confidence, double area) {
  return {label, confidence, 0, 0, 10, 10, area};
}

pipeline::Look look(Size size, float sharpness = -1, float brightness = -1) {
  pipeline::Look made;
  made.picture = size;
  made.quality = {sharpness, brightness};
  return made;
}

Stats three_pictures() {
  StatsSums sums;
  sums.add(look({200, 100}, 50, 100),
           std::vector{thing(0, 0.9F, 1023), thing(0, 0.5F, 1024), thing(2, 0.6F, 9215), thing(0, 0.3F, 9216)});
  sums.add(look({100, 200}, 150, 255), std::vector{thing(0, 0.35F, 2000)});
  sums.add(look({200, 100}), {});
  return sums.take({"person", "car", "dog"});
}

TEST(Stats, CountClassesAndTheirSizes) {
  const Stats stats = three_pictures();
  ASSERT_EQ(stats.classes.size(), 2U) << "no picture has a car";
  const ClassStats& person = stats.classes[0];
  EXPECT_EQ(person.name, "person");
  EXPECT_EQ(person.things, 4);
  EXPECT_EQ(person.pictures, 2);
  EXPECT_FLOAT_EQ(person.median_confidence, 0.425) << "of 0.3, 0.35, 0.5 and 0.9";
  EXPECT_FLOAT_EQ(person.median_area, (1024.0 + 2000.0) / 2 / 20000);
  EXPECT_EQ(person.sizes.small, 1) << "32 x 32 is medium";
  EXPECT_EQ(person.sizes.medium, 2);
  EXPECT_EQ(person.sizes.large, 1) << "96 x 96 is large";
  EXPECT_EQ(stats.classes[1].name, "dog");
  EXPECT_EQ(stats.sizes.medium, 3);
  EXPECT_EQ(stats.things, 5);
}

TEST(Stats, DescribePictures) {
  const Stats stats = three_pictures();
  EXPECT_EQ(stats.known, 3);
  EXPECT_EQ(stats.with_things, 2);
  EXPECT_EQ(stats.pictures_by_things, (std::vector<std::int64_t>{1, 1, 0, 0, 1}));
  EXPECT_EQ(stats.things_a_picture.median, 1);
  EXPECT_EQ(stats.landscape, 2);
  EXPECT_EQ(stats.portrait, 1);
  ASSERT_EQ(stats.picture_sizes.size(), 2U);
  EXPECT_EQ(stats.picture_sizes[0].size, (Size{200, 100}));
  EXPECT_EQ(stats.sharpness.count, 2) << "one was not measured";
  EXPECT_EQ(stats.sharpness.median, 100);
  EXPECT_EQ(stats.brightness.most, 255);
  EXPECT_EQ(stats.brightnesses.counts.back(), 1) << "white is in the last step";
}

TEST(Stats, ANumberBeginsItsStep) {
  const std::vector<float> values = {0, 0.35F, 0.349F, 0.95F, 1};
  const Histogram histogram = histogram_of(values, 0.05, 20);
  EXPECT_EQ(histogram.edges.size(), 21U);
  EXPECT_EQ(histogram.counts[0], 1);
  EXPECT_EQ(histogram.counts[6], 1);
  EXPECT_EQ(histogram.counts[7], 1) << "0.35";
  EXPECT_EQ(histogram.counts[19], 2) << "1 is in the last step";
}

TEST(Stats, AFewVerySharpPicturesDoNotFlattenTheOthers) {
  StatsSums sums;
  for (int i = 0; i < 100; ++i) sums.add(look({10, 10}, float(i), 0), {});
  sums.add(look({10, 10}, 20000, 0), {});
  const Histogram histogram = sums.take({}).sharpnesses;
  EXPECT_EQ(histogram.edges[1], 10);
  EXPECT_EQ(histogram.edges.back(), 20000);
  EXPECT_EQ(histogram.counts.size(), 10U);
  EXPECT_EQ(histogram.counts[0], 10);
  EXPECT_EQ(histogram.counts.back(), 11);
}

TEST(Stats, OfNothingAreWritten) {
  StatsSums sums;
  const Json json = Json::parse(stats_json(sums.take({})));
  EXPECT_EQ(json["known"], 0);
  EXPECT_TRUE(json["sharpness"]["median"].is_null());
  EXPECT_TRUE(json["histograms"]["sharpness"]["counts"].empty());
  StatsSums dark;  // a histogram of zeros
  dark.add(look({1, 1}, 0, 0), {});
  EXPECT_EQ(dark.take({}).sharpnesses.counts.front(), 1);
}

TEST(Stats, AreWrittenAsJsonAndCsv) {
  Stats stats = three_pictures();
  stats.classes[1].name = "a, \"dog\"";
  const Json json = Json::parse(stats_json(stats));
  EXPECT_EQ(json["schema"], "pixmill-stats-1");
  EXPECT_EQ(json["classes"][0]["sizes"]["medium"], 2);
  EXPECT_EQ(json["orientation"]["portrait"], 1);
  EXPECT_EQ(stats_csv(stats), std::string(kStatsColumns) +
                                  "\r\nperson,4,2,0.425,0.0756,1,2,1\r\n\"a, \"\"dog\"\"\",1,1,0.6,0.46075,0,1,0\r\n");
}

}  // namespace
}  // namespace pixmill::measure
