// The bytes of each format, against values computed by hand: a picture of 200x100 with a cat in a box, a dog with a
// mask of two parts, one of them with a hole, and another one with a drawn triangle.
#include <nlohmann/json.hpp>
#include <pugixml.hpp>
#include <sstream>

#include "exports/exports_fixture.h"
#include "exports/text.h"
#include "pixmill/codecs/codec.h"
#include "pixmill/core/error.h"
#include "support/testing.h"

namespace pixmill::exports {
namespace {

using nlohmann::json;
using pixmill::testing::error_of;

// Pixels (10..14, 20..24) without the one in the middle, and (17, 22).
RunMask ring_and_dot() {
  RunMaskBuilder builder({200, 100});
  for (int x = 10; x < 15; ++x) {
    if (x == 12) {
      builder.add(x, 20, 22);
      builder.add(x, 23, 25);
    } else {
      builder.add(x, 20, 25);
    }
  }
  builder.add(17, 22, 23);
  return builder.take();
}

RunMask square() {
  RunMaskBuilder builder({200, 100});
  for (int x = 100; x < 120; ++x) builder.add(x, 50, 75);
  return builder.take();
}

class Formats : public ExportsTest {
 protected:
  void SetUp() override { add("day 1/a&b.jpg", record()); }

  static tasks::Detections record() {
    tasks::Detections record{{200, 100}, 0.05F, tasks::shared_names({"cat", "it's \"a\" <dog>"}), {}};
    record.found.push_back({.box = {20, 10, 60.4F, 90.6F, 0.9F, 0}});
    record.found.push_back({.box = {10, 20, 18, 25, 0.75F, 1}, .mask = ring_and_dot()});
    record.found.push_back({.box = {40, 40, 50, 50, 0.5F, 1}, .polygons = {{{40, 40}, {50, 40}, {40.5F, 50}}}});
    record.quality = {12.5F, 101.25F};
    return record;
  }

  void only(std::size_t index, std::vector<tasks::Point> landmarks = {}) {
    tasks::Detections all = record();
    all.found = {all.found[index]};
    all.found[0].points = std::move(landmarks);
    pictures_.clear();
    bodies_.clear();
    add("a.jpg", all);
  }
};

TEST_F(Formats, YoloOfShapesHasOnlyShapesAndJoinsTheirParts) {
  const Made files = made("yolo");
  std::istringstream lines(files.of_pictures[0]);
  std::string line;
  std::getline(lines, line);
  EXPECT_EQ(line, "0 0.100000 0.100000 0.302000 0.100000 0.302000 0.906000 0.100000 0.906000") << "corners of the box";
  std::getline(lines, line);
  EXPECT_EQ(std::count(line.begin(), line.end(), ' '), 2 * (4 + 4 + 2)) << line;
  std::getline(lines, line);
  EXPECT_EQ(line, "1 0.200000 0.400000 0.250000 0.400000 0.202500 0.500000");
  ASSERT_EQ(files.notes.size(), 1U);
  EXPECT_EQ(files.notes[0], "yolo: 1 shape has holes, which are filled; coco and masks keep them");
}

TEST_F(Formats, YoloOfBoxesWhereTheyAreAskedForOrThereIsNothingElse) {
  set("boxes", "true");
  EXPECT_EQ(made("yolo").of_pictures[0],
            "0 0.201000 0.503000 0.202000 0.806000\n1 0.070000 0.225000 0.040000 0.050000\n"
            "1 0.225000 0.450000 0.050000 0.100000\n");
  EXPECT_TRUE(made("yolo").notes.empty());
  EXPECT_EQ(made("darknet").of_pictures[0], made("yolo").of_pictures[0]);
}

TEST_F(Formats, CocoHasRunsWhereAShapeHasHoles) {
  const json coco = json::parse(made("coco").of_the_job);
  const json& things = coco["annotations"];
  EXPECT_EQ(things[0]["segmentation"], json::array());
  EXPECT_EQ(things[1]["segmentation"]["size"], json::parse("[100,200]"));
  // What pycocotools' encode() makes of these pixels.
  EXPECT_EQ(things[1]["segmentation"]["counts"], "lo05o200MRM0n2300Z6Llaa0");
  EXPECT_EQ(things[1]["area"], 25.0);
  EXPECT_EQ(things[2]["segmentation"], json::parse("[[40,40,50,40,40.5,50]]"));
  EXPECT_EQ(things[2]["area"], 50.0);
  set("boxes", "true");
  const json boxes = json::parse(made("coco").of_the_job);
  EXPECT_EQ(boxes["annotations"][1]["segmentation"], json::array());
  EXPECT_EQ(boxes["annotations"][1]["area"], 40.0);
}

TEST_F(Formats, CocoHasLandmarks) {
  only(0, {{1, 2.5F}, {3, 4}});
  const json coco = json::parse(made("coco").of_the_job);
  EXPECT_EQ(coco["annotations"][0]["keypoints"], json::parse("[1,2.5,2,3,4,2]"));
  EXPECT_EQ(coco["annotations"][0]["num_keypoints"], 2);
}

TEST_F(Formats, VocHasBoxesInWholePixels) {
  const Made files = made("voc");
  pugi::xml_document xml;
  ASSERT_TRUE(xml.load_string(files.of_pictures[0].c_str()));
  const pugi::xml_node annotation = xml.child("annotation");
  EXPECT_STREQ(annotation.child_value("folder"), "day 1");
  EXPECT_STREQ(annotation.child_value("filename"), "day 1/a&b.jpg");
  EXPECT_STREQ(annotation.child("size").child_value("width"), "200");
  EXPECT_STREQ(annotation.child("size").child_value("height"), "100");
  const pugi::xml_node object = annotation.child("object");
  EXPECT_STREQ(object.child_value("name"), "cat");
  const pugi::xml_node box = object.child("bndbox");
  EXPECT_STREQ(box.child_value("xmin"), "20");
  EXPECT_STREQ(box.child_value("ymin"), "10");
  EXPECT_STREQ(box.child_value("xmax"), "60");
  EXPECT_STREQ(box.child_value("ymax"), "91");
  EXPECT_STREQ(object.next_sibling("object").child_value("name"), "it's \"a\" <dog>");
  ASSERT_EQ(files.notes.size(), 1U);
  EXPECT_SAYS(files.notes[0], "2 shapes went out as their boxes");
}

TEST_F(Formats, LabelMeHasRectanglesAndPolygonsInGroups) {
  link_ = "../photos/day 1/a&b.jpg";
  const json file = json::parse(made("labelme").of_pictures[0]);
  EXPECT_EQ(file["imagePath"], link_);
  EXPECT_TRUE(file["imageData"].is_null());
  EXPECT_EQ(file["imageWidth"], 200);
  EXPECT_EQ(file["imageHeight"], 100);
  const json& shapes = file["shapes"];
  ASSERT_EQ(shapes.size(), 4U);
  EXPECT_EQ(shapes[0]["shape_type"], "rectangle");
  EXPECT_EQ(shapes[0]["points"], json::parse("[[20,10],[60.4,90.6]]"));
  EXPECT_TRUE(shapes[0]["group_id"].is_null());
  EXPECT_EQ(shapes[1]["shape_type"], "polygon");
  EXPECT_EQ(shapes[1]["points"], json::parse("[[15,20],[15,25],[10,25],[10,20]]"));
  EXPECT_EQ(shapes[1]["group_id"], 1);
  EXPECT_EQ(shapes[2]["group_id"], 1);
  EXPECT_EQ(shapes[3]["points"], json::parse("[[40,40],[50,40],[40.5,50]]"));
  EXPECT_EQ(shapes[3]["label"], "it's \"a\" <dog>");
  link_.clear();
  EXPECT_EQ(json::parse(made("labelme").of_pictures[0])["imagePath"], "day 1/a&b.jpg") << "on standard output";
}

TEST_F(Formats, CreateMlHasTheMiddlesOfBoxes) {
  const json file = json::parse(made("createml").of_the_job);
  ASSERT_EQ(file.size(), 1U);
  EXPECT_EQ(file[0]["image"], "day 1/a&b.jpg");
  EXPECT_EQ(file[0]["annotations"][0]["label"], "cat");
  EXPECT_EQ(file[0]["annotations"][0]["coordinates"], json::parse(R"({"x":40.2,"y":50.3,"width":40.4,"height":80.6})"));
}

TEST_F(Formats, CvatHasBoxesPolygonsAndMasks) {
  subset_ = "train";
  pugi::xml_document xml;
  ASSERT_TRUE(xml.load_string(made("cvat").of_the_job.c_str()));
  const pugi::xml_node root = xml.child("annotations");
  EXPECT_STREQ(root.child_value("version"), "1.1");
  EXPECT_STREQ(root.child("meta").child("task").child("labels").first_child().child_value("name"), "cat");
  const pugi::xml_node image = root.child("image");
  EXPECT_STREQ(image.attribute("name").value(), "day 1/a&b.jpg");
  EXPECT_STREQ(image.attribute("subset").value(), "train");
  EXPECT_STREQ(image.child("box").attribute("xbr").value(), "60.40");
  const pugi::xml_node mask = image.child("mask");
  EXPECT_STREQ(mask.attribute("label").value(), "it's \"a\" <dog>");
  EXPECT_STREQ(mask.attribute("left").value(), "10");
  EXPECT_STREQ(mask.attribute("top").value(), "20");
  EXPECT_STREQ(mask.attribute("width").value(), "8");
  EXPECT_STREQ(mask.attribute("height").value(), "5");
  EXPECT_STREQ(mask.attribute("rle").value(), "0, 5, 3, 5, 3, 2, 1, 2, 2, 6, 3, 5, 3");
  EXPECT_STREQ(image.child("polygon").attribute("points").value(), "40,40;50,40;40.5,50");
}

TEST_F(Formats, LabelStudioHasPredictionsInPercentAndItsInterface) {
  const Made files = made("label-studio");
  const json tasks = json::parse(files.of_the_job);
  ASSERT_EQ(tasks.size(), 1U);
  EXPECT_EQ(tasks[0]["data"]["image"], "/data/local-files/?d=day%201/a%26b.jpg");
  const json& results = tasks[0]["predictions"][0]["result"];
  EXPECT_EQ(results[0]["type"], "rectanglelabels");
  EXPECT_EQ(results[0]["value"],
            json::parse(R"({"x":10,"y":10,"width":20.2,"height":80.6,"rotation":0,"rectanglelabels":["cat"]})"));
  EXPECT_EQ(results[3]["type"], "polygonlabels");
  EXPECT_EQ(results[3]["value"]["points"], json::parse("[[20,40],[25,40],[20.25,50]]"));
  std::set<std::string> ids;
  for (const json& result : results) ids.insert(result["id"].get<std::string>());
  EXPECT_EQ(ids.size(), results.size());
  pugi::xml_document xml;
  ASSERT_TRUE(xml.load_string(files.beside.at(0).text.c_str()));
  for (const json& result : results) {
    const std::string from = result["from_name"];
    const pugi::xml_node control = xml.child("View").find_child_by_attribute("name", from.c_str());
    EXPECT_EQ(control.attribute("toName").value(), result["to_name"].get<std::string>());
    const std::string label = result["value"][result["type"].get<std::string>()][0];
    EXPECT_TRUE(control.find_child_by_attribute("value", label.c_str())) << label;
  }
}

TEST_F(Formats, CsvHasALineForEachThing) {
  only(0);
  EXPECT_EQ(made("csv").of_the_job,
            "image,width,height,class,class_id,confidence,x0,y0,x1,y1,area,sharpness,brightness\n"
            "a.jpg,200,100,cat,0,0.9,20,10,60.4,90.6,3256.24,12.5,101.25\n");
}

TEST_F(Formats, JsonLinesAreAsTheirPageSays) {
  only(2, {{1, 2}});
  const std::string line = made("jsonl").of_pictures[0];
  EXPECT_EQ(line,
            "{\"image\":\"a.jpg\",\"width\":200,\"height\":100,\"sharpness\":12.5,\"brightness\":101.25,"
            "\"detections\":[{\"class\":\"it's \\\"a\\\" <dog>\",\"class_id\":1,\"confidence\":0.5,"
            "\"box\":[40,40,50,50],\"area\":50,\"polygon\":[[40,40,50,40,40.5,50]],\"points\":[[1,2]]}]}\n");
  only(1);
  set("rle", "true");
  const json with = json::parse(made("jsonl").of_pictures[0]);
  EXPECT_EQ(with["detections"][0]["rle"]["counts"], "lo05o200MRM0n2300Z6Llaa0");
  EXPECT_EQ(with["detections"][0]["polygon"].size(), 2U);
}

TEST_F(Formats, MasksHaveTheClassOfTheBetterThing) {
  tasks::Detections two = record();
  two.found = {{.box = {100, 50, 120, 75, 0.9F, 0}, .mask = square()}, {.box = {110, 60, 150, 90, 0.5F, 1}}};
  pictures_.clear();
  bodies_.clear();
  add("a.jpg", two);
  const Made files = made("masks");
  const std::string& png = files.of_pictures[0];
  const Image image = codecs::decode(std::as_bytes(std::span(png)), "a.png").image;
  ASSERT_EQ(image.size(), (Size{200, 100}));
  ASSERT_EQ(image.channels(), 1);
  const auto at = [&](int x, int y) { return int{image.row<std::uint8_t>(y)[x]}; };
  EXPECT_EQ(at(99, 50), 0);
  EXPECT_EQ(at(100, 50), 1);
  EXPECT_EQ(at(119, 74), 1) << "both are there";
  EXPECT_EQ(at(120, 74), 2);
  EXPECT_EQ(at(149, 89), 2);
  EXPECT_EQ(at(150, 89), 0);
  EXPECT_EQ(files.beside.at(0).text, "0 background\n1 cat\n2 it's \"a\" <dog>\n");
}

TEST_F(Formats, MasksHaveNoPlaceForManyClasses) {
  std::vector<std::string> names(300, "x");
  tasks::Detections record{{20, 10}, 0.05F, tasks::shared_names(names), {{.box = {0, 0, 5, 5, 0.9F, 254}}}};
  bodies_ = {tasks::pack(record)};
  EXPECT_EQ(made("masks").of_pictures.size(), 1U);
  record.found[0].box.label = 255;
  bodies_ = {tasks::pack(record)};
  EXPECT_SAYS(error_of(ErrorCode::usage, [&] { made("masks"); }).message(), "has the number 255");
}

TEST_F(Formats, PicturesWithoutThingsAreThere) {
  tasks::Detections none = record();
  none.found.clear();
  none.quality = {};
  pictures_ = {"empty.jpg"};
  bodies_ = {tasks::pack(none)};
  EXPECT_EQ(made("jsonl").of_pictures[0], "{\"image\":\"empty.jpg\",\"width\":200,\"height\":100,\"detections\":[]}\n");
  EXPECT_EQ(json::parse(made("labelme").of_pictures[0])["shapes"], json::array());
  EXPECT_EQ(json::parse(made("createml").of_the_job)[0]["annotations"], json::array());
  EXPECT_EQ(json::parse(made("label-studio").of_the_job)[0]["predictions"][0]["result"], json::array());
  for (const char* format : {"voc", "cvat"}) {
    pugi::xml_document xml;
    EXPECT_TRUE(xml.load_string(made(format).of_the_job.c_str())) << format;
  }
  EXPECT_EQ(made("csv").of_pictures[0], "");
}

TEST_F(Formats, OfNothingTheyAreStillWhole) {
  pictures_.clear();
  bodies_.clear();
  for (const char* format : {"coco", "createml", "label-studio"}) EXPECT_NO_THROW(json::parse(made(format).of_the_job));
  pugi::xml_document xml;
  EXPECT_TRUE(xml.load_string(made("cvat").of_the_job.c_str()));
}

TEST_F(Formats, OddNamesStayWhole) {
  const std::string odd = "-x, \"y\"\n\x01\xFF<&>/\xC3\xA4.jpg", shown = "-x, \"y\"\n\x01\xEF\xBF\xBD<&>/\xC3\xA4.jpg";
  tasks::Detections record{{20, 10}, 0.05F, tasks::shared_names({"=1+1"}), {{.box = {0, 0, 5, 5, 0.9F, 0}}}};
  pictures_ = {odd};
  bodies_ = {tasks::pack(record)};
  EXPECT_EQ(json::parse(made("coco").of_the_job)["images"][0]["file_name"], shown);
  EXPECT_EQ(json::parse(made("jsonl").of_the_job)["image"], shown);
  EXPECT_EQ(json::parse(made("createml").of_the_job)[0]["image"], shown);
  EXPECT_EQ(json::parse(made("labelme").of_the_job)["imagePath"], shown);
  pugi::xml_document xml;
  ASSERT_TRUE(xml.load_string(made("cvat").of_the_job.c_str()));
  EXPECT_STREQ(xml.child("annotations").child("image").attribute("name").value(),
               "-x, \"y\"\n\xEF\xBF\xBD\xEF\xBF\xBD<&>/\xC3\xA4.jpg");
  EXPECT_SAYS(made("csv").of_the_job, "\"'-x, \"\"y\"\"\n\x01\xEF\xBF\xBD<&>/\xC3\xA4.jpg\",20,10,'=1+1,0,");
  EXPECT_EQ(made("yolo").beside[0].text, "=1+1\n");
}

TEST(ExportText, NumbersAreShortAndNeverStrange) {
  EXPECT_EQ(number(12.50, 2), "12.5");
  EXPECT_EQ(number(100, 2), "100");
  EXPECT_EQ(number(-0.001, 2), "0");
  EXPECT_EQ(number(0.999, 2), "1");
  EXPECT_EQ(fixed(std::numeric_limits<double>::infinity(), 2), "0.00");
  EXPECT_EQ(fixed(std::numeric_limits<double>::quiet_NaN(), 1), "0.0");
  EXPECT_EQ(fixed(1e300, 2).size(), 304U);
}

TEST(ExportText, WhatAFormatCannotHoldIsReplaced) {
  const std::string replaced = "\xEF\xBF\xBD";
  EXPECT_EQ(xml_text("\xEF\xBF\xBF\t<\""), replaced + "&#9;&lt;&quot;");
  EXPECT_EQ(json_text(std::string_view("\0\x1F\"", 3)), "\"\\u0000\\u001f\\\"\"");
}

TEST(ExportText, CsvFieldsAreNoFormulas) {
  EXPECT_EQ(csv_text("a.jpg"), "a.jpg");
  EXPECT_EQ(csv_text("a,b"), "\"a,b\"");
  EXPECT_EQ(csv_text("@x"), "'@x");
  EXPECT_EQ(csv_text("+1,2"), "\"'+1,2\"");
  EXPECT_EQ(csv_text("\rx"), "\"'\rx\"");
  EXPECT_EQ(csv_text(" x"), "\" x\"");
  EXPECT_EQ(csv_text(""), "");
}

TEST(ExportText, Extensions) {
  EXPECT_EQ(without_extension("a.b/c.tar.gz"), "a.b/c.tar");
  EXPECT_EQ(without_extension("a.b/c"), "a.b/c");
  EXPECT_EQ(without_extension(".hidden"), ".hidden");
  EXPECT_EQ(without_extension("d/.hidden"), "d/.hidden");
}

}  // namespace
}  // namespace pixmill::exports
