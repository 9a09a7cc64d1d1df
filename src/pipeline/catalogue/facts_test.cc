#include "pixmill/pipeline/facts.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "pipeline/catalogue/database.h"
#include "pipeline/testing.h"
#include "pixmill/core/run_mask.h"

namespace pixmill::pipeline {
namespace {

namespace fs = std::filesystem;
using tasks::Detection;
using tasks::Detections;

const tasks::ClassNames kNames = tasks::shared_names({"person", "car", "dog"});

Detection thing(int label, float score, float left = 1, float top = 2, float right = 11, float bottom = 22) {
  return {.box = {left, top, right, bottom, score, label}};
}

tasks::Record record_of(std::vector<Detection> found, tasks::ClassNames names = kNames) {
  const Detections all{{100, 50}, 0.05F, std::move(names), std::move(found), {80, 120}};
  return {std::string(tasks::kDetections), pack(all)};
}

class FactsTest : public ::testing::Test {
 protected:
  void know(const std::string& path, std::vector<tasks::Record> records, const std::string& content = "content",
            const std::string& settings = "settings") {
    Catalogue::Entry entry{path, {10, 20, 30}, {content, "model", settings, "task"}, {}, std::move(records)};
    catalogue_.begin({&entry, 1});
  }
  std::map<std::string, Look> looks(const fs::path& root, const ResultKey* key = nullptr) const {
    std::map<std::string, Look> found;
    Facts(catalogue_)
        .each_look(
            root,
            [&](std::string_view path, const Look& look) {
              EXPECT_TRUE(found.emplace(path, look).second) << "twice: " << path;
            },
            key);
    return found;
  }
  std::vector<tasks::RuleThing> things(std::int64_t result, const Facts::Question& question) const {
    std::vector<tasks::RuleThing> found;
    Facts(catalogue_).each_things({&result, 1}, question, [&](std::size_t, std::span<const tasks::RuleThing> all) {
      found.assign(all.begin(), all.end());
    });
    return found;
  }

  Catalogue catalogue_{fs::path()};
};

TEST_F(FactsTest, TellsWhatRecordsSay) {
  know("/photos/a.jpg", {record_of({thing(1, 0.9F), thing(0, 0.3F, 0.5F, 0, 100, 50)})});
  const auto found = looks("/photos/a.jpg");
  ASSERT_EQ(found.size(), 1U);
  const Look& look = found.at("/photos/a.jpg");
  EXPECT_EQ(look.picture, (Size{100, 50}));
  EXPECT_EQ(look.confidence, 0.05F);
  EXPECT_EQ(look.quality, (tasks::Quality{80, 120}));
  EXPECT_TRUE(look.stamp.same_as({10, 20, 30}));
  const auto all = things(look.result, {.classes = {"person"}, .all = true});
  ASSERT_EQ(all.size(), 2U);
  for (const tasks::RuleThing& one : all) {
    if (one.label == 0) {
      EXPECT_EQ(one.confidence, 0.3F);
      EXPECT_EQ(one.left, 0.5F);
      EXPECT_EQ(one.bottom, 50);
      EXPECT_DOUBLE_EQ(one.area, 99.5 * 50);
    } else {
      EXPECT_EQ(one.label, -1);
      EXPECT_EQ(one.confidence, 0.9F);
    }
  }
  EXPECT_EQ(things(look.result, {.classes = {"person"}}).size(), 1U);
  EXPECT_EQ(things(look.result, {.classes = {"person"}, .confidence = 0.3F}).size(), 1U);
  EXPECT_EQ(things(look.result, {.classes = {"person"}, .confidence = 0.31F}).size(), 0U);
  EXPECT_EQ(things(look.result, {.classes = {"bicycle"}}).size(), 0U);
}

TEST_F(FactsTest, AreaIsThatOfTheShape) {
  Detection masked = thing(0, 0.9F);
  masked.mask = {{100, 50}, {0, 7, 100 * 50 - 7}};
  know("/photos/a.jpg", {record_of({masked})});
  EXPECT_EQ(things(looks("/photos/a.jpg").at("/photos/a.jpg").result, {.classes = {"person"}})[0].area, 7);
}

TEST_F(FactsTest, TakesThePicturesBelowAFolder) {
  const tasks::Record record = record_of({});
  for (const char* path : {"/photos/a.jpg", "/photos/b/c.jpg", "/photos2/d.jpg", "/photo"}) know(path, {record});
  EXPECT_EQ(looks("/photos").size(), 2U);
  EXPECT_EQ(looks("/photos/").size(), 2U);
  EXPECT_EQ(looks("/photos/b").size(), 1U);
  EXPECT_EQ(looks("/photos/b/c.jpg").size(), 1U);
  EXPECT_EQ(looks("/photo").size(), 1U);
  EXPECT_EQ(looks("/").size(), 4U);
}

TEST_F(FactsTest, TakesPicturesByTheirPaths) {
  std::vector<std::string> odd;
  for (int i = 0; i < 1000; ++i) {
    const std::string path = "/photos/" + std::to_string(i) + ".jpg";
    know(path, {record_of({})}, "content", "one");
    know(path, {record_of({})}, "content", "two");
    if (i % 2 == 1) odd.push_back(path);
  }
  odd.emplace_back("/photos/none.jpg");
  std::vector<std::string> found;
  Facts(catalogue_).each_look_of(odd, [&](std::string_view path, const Look&) { found.emplace_back(path); });
  odd.pop_back();
  std::sort(found.begin(), found.end());
  std::sort(odd.begin(), odd.end());
  EXPECT_EQ(found, odd);
}

TEST_F(FactsTest, ANewLookTakesThePlaceOfTheOldOne) {
  know("/photos/a.jpg", {record_of({thing(0, 0.9F), thing(2, 0.8F)})});
  const auto result = looks("/photos/a.jpg").at("/photos/a.jpg").result;
  know("/photos/a.jpg", {record_of({thing(1, 0.9F)})});
  EXPECT_EQ(looks("/photos/a.jpg").at("/photos/a.jpg").result, result);
  const auto all = things(result, {.classes = {"person", "car"}, .all = true});
  ASSERT_EQ(all.size(), 1U);
  EXPECT_EQ(all[0].label, 1);
  know("/photos/a.jpg", {});
  EXPECT_TRUE(looks("/photos/a.jpg").empty());
  EXPECT_TRUE(things(result, {.all = true}).empty());
}

TEST_F(FactsTest, WhoeverDeletesRecordsDeletesTheirIndex) {
  const testing::TemporaryFolder folder;
  const fs::path file = folder / "catalogue.db";
  const Catalogue catalogue(file);
  {
    Catalogue writer(file);
    Catalogue::Entry entry{"/photos/a.jpg", {1, 2, 3}, {"c", "m", "s", "t"}, {}, {record_of({thing(0, 0.9F)})}};
    writer.begin({&entry, 1});
  }
  Database other;  // as an earlier version would
  other.open(file.string(), SQLITE_OPEN_READWRITE, 0);
  other.run("DELETE FROM records");
  EXPECT_EQ(other.number("SELECT COUNT(*) FROM looks"), 0);
  EXPECT_EQ(other.number("SELECT COUNT(*) FROM things"), 0);
}

TEST_F(FactsTest, WhatWasFoundFollowsAMoveOntoAPathThatWasKnown) {
  know("/photos/a.jpg", {record_of({thing(0, 0.9F)})}, "content of a");
  know("/kept/a.jpg", {record_of({thing(1, 0.9F), thing(2, 0.9F)})}, "content of another");
  catalogue_.moved("/photos/a.jpg", "/kept/a.jpg");
  catalogue_.saw_input("/kept/a.jpg", {11, 21, 30}, "content of a");
  catalogue_.finish({});
  const auto found = looks("/kept/a.jpg");
  ASSERT_EQ(found.size(), 1U);
  const auto all = things(found.at("/kept/a.jpg").result, {.classes = {"person"}, .all = true});
  ASSERT_EQ(all.size(), 1U);
  EXPECT_EQ(all[0].label, 0);
}

TEST_F(FactsTest, AnEqualPictureHasItsLook) {
  know("/photos/a.jpg", {record_of({thing(0, 0.9F), thing(1, 0.8F)})}, "content of a");
  catalogue_.share_result("/copies/a.jpg", {1, 2, 3}, {"content of a", "model", "settings", "task"});
  catalogue_.finish({});
  const auto found = looks("/copies/a.jpg");
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(things(found.at("/copies/a.jpg").result, {.all = true}).size(), 2U);
}

TEST_F(FactsTest, AChangedPictureHasNoLook) {
  know("/photos/a.jpg", {record_of({thing(0, 0.9F)})});
  catalogue_.saw_input("/photos/a.jpg", {11, 21, 30}, "other content");
  catalogue_.finish({});
  EXPECT_TRUE(looks("/photos/a.jpg").empty());
}

TEST_F(FactsTest, TheNewestLookCountsOrThatOfAKey) {
  know("/photos/a.jpg", {record_of({thing(0, 0.9F)})}, "content", "one");
  know("/photos/a.jpg", {record_of({thing(1, 0.9F)})}, "content", "two");
  const ResultKey one = {"", "model", "one", "task"}, none = {"", "model", "three", "task"};
  const auto label_of = [&](const std::map<std::string, Look>& found) {
    return things(found.at("/photos/a.jpg").result, {.classes = {"person", "car"}})[0].label;
  };
  EXPECT_EQ(label_of(looks("/photos/a.jpg")), 1);
  EXPECT_EQ(label_of(looks("/photos/a.jpg", &one)), 0);
  EXPECT_TRUE(looks("/photos/a.jpg", &none).empty());
}

TEST_F(FactsTest, ManyResultsComeInTheirOrderWhetherNearOrFarApart) {
  constexpr int kMany = 20000;
  std::vector<Catalogue::Entry> entries;
  for (int i = 0; i < kMany; ++i) {
    std::vector<Detection> found;
    for (int k = 0; k < i % 3; ++k) found.push_back(thing(k, 0.5F, static_cast<float>(i % 10)));
    entries.push_back({"/many/" + std::to_string(i), {1, 1, 1}, {"c", "m", "s", "t"}, {}, {record_of(found)}});
  }
  catalogue_.begin(entries);
  std::vector<std::int64_t> all;
  Facts(catalogue_).each_look("/", [&](std::string_view, const Look& look) { all.push_back(look.result); });
  ASSERT_EQ(all.size(), static_cast<std::size_t>(kMany));
  std::sort(all.begin(), all.end());
  for (const std::size_t step : {1U, 7U, 97U}) {
    std::vector<std::int64_t> some;
    for (std::size_t i = 0; i < all.size(); i += step) some.push_back(all[i]);
    std::size_t next = 0;
    Facts(catalogue_)
        .each_things(some, {.classes = {"car", "person"}},
                     [&](std::size_t at, std::span<const tasks::RuleThing> things) {
                       EXPECT_EQ(at, next++);
                       const std::size_t picture = at * step;
                       ASSERT_EQ(things.size(), picture % 3);
                       if (!things.empty()) {
                         EXPECT_EQ(things[0].left, static_cast<float>(picture % 10));
                       }
                     });
    EXPECT_EQ(next, some.size());
  }
}

TEST(FactsOfAnOlderCatalogue, AreMadeFromItsRecords) {
  const testing::TemporaryFolder folder;
  const fs::path file = folder / "catalogue.db";
  {
    Catalogue catalogue(file);
    Catalogue::Entry entry{"/photos/a.jpg", {1, 2, 3}, {"c", "m", "s", "t"}, {}, {record_of({thing(0, 0.9F)})}};
    catalogue.begin({&entry, 1});
  }
  {
    Database database;
    database.open(file.string(), SQLITE_OPEN_READWRITE, 0);
    database.run(
        "DROP TRIGGER things_of_deleted_records; DROP TABLE classes; DROP TABLE looks;"
        " DROP TABLE things; PRAGMA user_version = 2;");
  }
  const Catalogue catalogue(file);
  std::vector<std::int64_t> results;
  Facts(catalogue).each_look("/", [&](std::string_view, const Look& look) { results.push_back(look.result); });
  ASSERT_EQ(results.size(), 1U);
  Facts(catalogue).each_things(
      results, {.classes = {"person"}},
      [](std::size_t, std::span<const tasks::RuleThing> things) { EXPECT_EQ(things.size(), 1U); });
  EXPECT_EQ(Facts(catalogue).classes(), std::vector<std::string>{"person"});
}

}  // namespace
}  // namespace pixmill::pipeline
