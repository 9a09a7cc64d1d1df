#include "pixmill/exports/export.h"

#include <gtest/gtest.h>

#include <clocale>
#include <nlohmann/json.hpp>
#include <sstream>

#include "exports/exports_fixture.h"
#include "pixmill/models/class_names.h"
#include "pixmill/tasks/detections.h"
#include "support/testing.h"

namespace pixmill::exports {
namespace {

using nlohmann::json;
using pixmill::testing::error_of;

using Exports = ExportsTest;

TEST_F(Exports, YoloIsALineForEachBoxInSharesOfThePicture) {
  found("a.jpg", {{20, 10, 60, 90, 0.9F, 1}, {0, 0, 200, 100, 0.5F, 0}, {1, 1, 2, 2, 0.1F, 0}});
  found("b/c.jpg", {});
  const Made files = made("yolo");
  EXPECT_EQ(files.of_pictures[0], "1 0.200000 0.500000 0.200000 0.800000\n0 0.500000 0.500000 1.000000 1.000000\n");
  EXPECT_EQ(files.of_pictures[1], "") << "looked at, nothing found";
  ASSERT_EQ(files.beside.size(), 2U);
  EXPECT_EQ(files.beside[0].name, "classes.txt");
  EXPECT_EQ(files.beside[0].text, "cat\nit's a dog\n");
  EXPECT_EQ(files.beside[1].name, "data.yaml");
  EXPECT_SAYS(files.beside[1].text, "nc: 2\nnames:\n  0: \"cat\"\n  1: \"it's a dog\"\n");
}

TEST_F(Exports, WhatIsAskedLaterDecidesWhatIsWritten) {
  found("a.jpg", {{20, 10, 60, 90, 0.9F, 1}, {0, 0, 200, 100, 0.5F, 0}, {1, 1, 2, 2, 0.1F, 0}});
  set("confidence", "0.05");
  const auto lines = [&] {
    const std::string text = made("yolo").of_pictures[0];
    return std::count(text.begin(), text.end(), '\n');
  };
  EXPECT_EQ(lines(), 3);
  set("max", "2");
  EXPECT_EQ(lines(), 2);
  set("classes", "cat");
  EXPECT_EQ(lines(), 2);
  set("confidence", "0.6");
  EXPECT_EQ(lines(), 0);
  set("classes", "cow");
  error_of(ErrorCode::usage, [&] { made("yolo"); });
}

TEST_F(Exports, CocoIsOneJsonOfPicturesBoxesAndClasses) {
  found("a.jpg", {{20, 10, 60, 90.25F, 0.9F, 1}, {0, 0, 200, 100, 0.5F, 0}});
  found("no \"thing\" \xFF.jpg", {});
  found("b/c.jpg", {{1, 2, 3, 4, 0.75F, 0}});
  const json coco = json::parse(made("coco").of_the_job);
  ASSERT_EQ(coco["images"].size(), 3U);
  EXPECT_EQ(coco["images"][0], json::parse(R"({"id":1,"file_name":"a.jpg","width":200,"height":100})"));
  EXPECT_EQ(coco["images"][1]["file_name"], "no \"thing\" \xEF\xBF\xBD.jpg") << "JSON holds Unicode only";
  ASSERT_EQ(coco["annotations"].size(), 3U);
  const json& first = coco["annotations"][0];
  EXPECT_EQ(first["bbox"], json::parse("[20,10,40,80.25]"));
  EXPECT_EQ(first["area"], 3210.0);
  EXPECT_EQ(first["category_id"], 2);
  EXPECT_EQ(first["iscrowd"], 0);
  EXPECT_EQ(first["score"], 0.9);
  for (std::size_t i = 0; i < 3; ++i) EXPECT_EQ(coco["annotations"][i]["id"], i + 1);
  EXPECT_EQ(coco["annotations"][2]["image_id"], 3);
  EXPECT_EQ(coco["categories"].size(), 2U);
  EXPECT_EQ(coco["categories"][1]["name"], "it's a dog");
  EXPECT_EQ(coco["categories"][1]["id"], 2);
}

TEST_F(Exports, CocoOfNothingIsStillCoco) {
  const json coco = json::parse(made("coco").of_the_job);
  EXPECT_TRUE(coco["images"].empty());
  EXPECT_TRUE(coco["annotations"].empty());
}

TEST_F(Exports, ResultsOfModelsWithOtherClassesDoNotMix) {
  found("a.jpg", {}, {"cat"});
  found("b.jpg", {}, {"dog"});
  for (const char* format : {"yolo", "coco"}) {
    const Error mixed = error_of(ErrorCode::usage, [&] { made(format); });
    EXPECT_SAYS(mixed.message(), "b.jpg was looked at with other classes than a.jpg");
  }
}

TEST_F(Exports, ARecordThatCannotBeReadNamesItsPicture) {
  found("a.jpg", {});
  bodies_[0].pop_back();
  for (const ExportRow& row : exports())
    EXPECT_SAYS(error_of(ErrorCode::corrupt, [&] { made(row.name); }).message(), "a.jpg");
}

TEST(ExportTable, ListsAreRead) {
  EXPECT_EQ(exports_named({"yolo,coco"}).size(), 2U);
  EXPECT_EQ(exports_named({"coco", "yolo, coco"}).size(), 2U);
  EXPECT_SAYS(error_of(ErrorCode::usage, [] { exports_named({"yollo"}); }).hint(), "did you mean yolo?");
  error_of(ErrorCode::usage, [] { exports_named({}); });
  error_of(ErrorCode::usage, [] { exports_named({"yolo,"}); });
  error_of(ErrorCode::usage, [] { exports_named({"yolo"}, "embedding/1"); });
}

TEST(ExportTable, EachRowIsWhole) {
  for (const ExportRow& row : exports()) {
    EXPECT_EQ(find_export(row.name), &row);
    EXPECT_FALSE(row.summary.empty());
    EXPECT_NE(row.record_kind.find('/'), std::string_view::npos);
    EXPECT_FALSE(row.extension.empty() || row.extension.starts_with('.')) << row.name;
    EXPECT_TRUE((row.make != nullptr) != (row.prepare != nullptr));
    EXPECT_NE(row.flags, nullptr);
  }
}

}  // namespace
}  // namespace pixmill::exports
