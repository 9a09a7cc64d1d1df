#include "pixmill/imports/import.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "imports/base64.h"
#include "imports/brush_mask.h"
#include "imports/json_elements.h"
#include "imports/lines.h"
#include "imports/run_lengths.h"
#include "pixmill/models/class_names.h"
#include "support/testing.h"

namespace pixmill::imports {
namespace {

using pixmill::testing::error_of;
using Runs = std::vector<std::uint32_t>;

TEST(RunLengths, OfNoPixelsAreJoined) {
  EXPECT_EQ(mask_of_runs({0, 3, 0, 2, 0, 0, 3}, {4, 2})->runs, (Runs{0, 5, 3}));
  EXPECT_EQ(mask_of_runs({2, 0, 3, 3}, {4, 2})->runs, (Runs{5, 3}));
  EXPECT_EQ(mask_of_runs({8}, {4, 2})->runs, (Runs{8}));
  EXPECT_FALSE(mask_of_runs({7}, {4, 2}));
  EXPECT_FALSE(mask_of_runs({}, {4, 2}));
  EXPECT_FALSE(mask_of_runs({UINT32_MAX, UINT32_MAX}, {4, 2}));
}

// Texts that pycocotools.mask.encode() wrote for these runs.
TEST(RunLengths, PackedAsCocosTextAreUnpacked) {
  EXPECT_EQ(unpacked_runs("530"), (Runs{5, 3, 0}));
  EXPECT_EQ(unpacked_runs("Pi01"), (Runs{800, 1})) << "several letters a run";
  EXPECT_EQ(unpacked_runs("Xo0d0o0l;nR1"), (Runs{1000, 20, 31, 400, 1149}));
  EXPECT_EQ(unpacked_runs("55000"), (Runs{5, 5, 0, 5, 0})) << "the fourth and later ones as differences";
  EXPECT_EQ(unpacked_runs(""), Runs{});
  EXPECT_FALSE(unpacked_runs("P"));
  EXPECT_FALSE(unpacked_runs(" "));
  EXPECT_FALSE(unpacked_runs("J")) << "less than no pixels";
  EXPECT_FALSE(unpacked_runs("ooooooooooo0"));
}

TEST(RunLengths, ByRowsLieInAPartOfThePicture) {
  const RunMask mask = mask_of_row_runs({1, 2, 1}, {3, 1, 2, 2}, {8, 4}).value();
  EXPECT_EQ(area(mask), 2);
  EXPECT_EQ(bounds(mask), (Rect{3, 1, 2, 2}));
  EXPECT_FALSE(mask_of_row_runs({1, 2}, {3, 1, 2, 2}, {8, 4}));
  EXPECT_FALSE(mask_of_row_runs({4}, {7, 1, 2, 2}, {8, 4}));
  EXPECT_FALSE(mask_of_row_runs({4}, {-1, 1, 2, 2}, {8, 4}));
}

TEST(BrushMask, CutShortOrOfAnotherSizeIsNone) {
  const std::vector<std::uint8_t> bytes = {0, 0, 0, 8};  // two pixels, and nothing of them
  EXPECT_FALSE(brush_mask(bytes, {2, 1}));
  EXPECT_FALSE(brush_mask(bytes, {3, 1}));
  EXPECT_FALSE(brush_mask({}, {1, 1}));
}

TEST(Base64, OfBytes) {
  const auto text_of = [](std::string_view text) {
    const auto bytes = from_base64(text);
    return bytes ? std::string(reinterpret_cast<const char*>(bytes->data()), bytes->size()) : "none";
  };
  EXPECT_EQ(text_of("aGVsbG8="), "hello");
  EXPECT_EQ(text_of("aGVs\nbG8h"), "hello!");
  EXPECT_EQ(text_of(""), "");
  EXPECT_EQ(text_of("aG*s"), "none");
}

TEST(Lines, NumbersWhateverTheLocale) {
  EXPECT_EQ(number_in("0.5"), 0.5);
  EXPECT_EQ(number_in("+2e-1"), 0.2);
  EXPECT_FALSE(number_in(""));
  EXPECT_FALSE(number_in("0,5"));
  EXPECT_FALSE(number_in("1 "));
}

TEST(LabelFile, IsUtf8WhateverItWas) {
  const auto whole = [](std::string_view bytes) { return LabelFile("f", "f", bytes).whole(); };
  EXPECT_EQ(whole("\xEF\xBB\xBF"
                  "a"),
            "a");
  EXPECT_EQ(whole(std::string_view("\xFF\xFE"
                                   "a\0\xFC\0\x3D\xD8\x00\xDE",
                                   10)),
            "a\xC3\xBC\xF0\x9F\x98\x80");
  EXPECT_EQ(whole(std::string_view("\xFE\xFF\0a\xD8\x3D", 6)), "a\xEF\xBF\xBD") << "half of a pair";
  EXPECT_SAYS(error_of(ErrorCode::corrupt, [&] { whole(std::string_view("a\0b", 3)); }).message(), "f: it is not text");
  LabelFile large("f", "f", "12345");
  error_of(ErrorCode::too_large, [&] { large.whole(4); });
}

TEST(JsonElements, ListsAreTakenApartAtTheTop) {
  const auto told = [](std::string_view text) {
    LabelFile file("f", "f", text);
    std::string all;
    each_element(file, [&](std::string_view key, const nlohmann::json& element) {
      all += std::string(key) + "=" + element.dump() + "@" + std::to_string(file.line) + " ";
    });
    return all;
  };
  EXPECT_EQ(told("{\"a\": [1,\n{\"b\": [2, [3]]}], \"c\": {\"d\": [4]},\n\"e\": null, \"f\": []}"),
            "a=1@1 a={\"b\":[2,[3]]}@2 c={\"d\":[4]}@2 e=null@3 ");
  EXPECT_EQ(told("[1, [2, 3], {\"a\": [4]}]"), "=1@1 =[2,3]@1 ={\"a\":[4]}@1 ");
  EXPECT_EQ(told("7"), "=7@1 ");
}

// More than is kept in memory.
TEST(LabelSet, KeepsManyThingsOfPicturesInAnyOrder) {
  LabelSet set;
  const int dog = set.class_named("dog");
  const std::vector<int> pictures = {set.add_picture("a"), set.add_picture("b"), set.add_picture("c")};
  const auto thing_of = [&](int i) {
    Thing thing;
    thing.what.box = {0, 0, static_cast<float>(i), 1, 1, dog};
    thing.line = i;
    thing.what.polygons.assign(1, tasks::Polygon(static_cast<std::size_t>(i % 2000), {1, 2}));
    return thing;
  };
  constexpr int kMany = 6000;  // 48 MB
  for (int i = 0; i < kMany; ++i) set.add(pictures[static_cast<std::size_t>(i % 2)], thing_of(i));
  for (const int which : {0, 1}) {
    const LabelledPicture picture = set.picture(pictures[static_cast<std::size_t>(which)]);
    ASSERT_EQ(picture.things.size(), static_cast<std::size_t>(kMany / 2));
    for (int i = 0; i < kMany / 2; ++i) {
      const Thing &got = picture.things[static_cast<std::size_t>(i)], expected = thing_of(2 * i + which);
      ASSERT_EQ(got.what, expected.what);
      ASSERT_EQ(got.line, expected.line);
    }
  }
  EXPECT_TRUE(set.picture(pictures[2]).things.empty());
}

TEST(LabelSet, AFileThatFailsLeavesNothing) {
  LabelSet set;
  LabelFile good("a.json", "a", "{\"shapes\": []}"), bad("b.json", "b", "{\"image\": \"a\", \"detections\": []}\n[");
  read_file(find_import("labelme"), good, set);
  EXPECT_EQ(set.pictures(), 1);
  read_file(find_import("jsonl"), bad, set);
  EXPECT_EQ(set.pictures(), 2);
  EXPECT_EQ(set.failures().size(), 1U);
  LabelFile worse("c.json", "c", "{\"images\": [{\"id\": 1, \"file_name\": \"a\"}], ");
  EXPECT_SAYS(error_of(ErrorCode::corrupt, [&] { read_file(find_import("coco"), worse, set); }).message(),
              "c.json:1: ");
  EXPECT_EQ(set.pictures(), 2);
}

std::vector<std::string> names_in(const LabelSet& set) {
  return *set.classes().names;
}

TEST(Classes, AreInTheOrderOfTheirNumbersOrNames) {
  using Names = std::vector<std::string>;
  LabelSet by_name;
  for (const char* name : {"dog", "cat", "dog"}) by_name.class_named(name);
  EXPECT_EQ(names_in(by_name), (Names{"cat", "dog"}));
  LabelSet by_id;
  by_id.name_class(by_id.new_class("category 9"), "ant", 9);
  by_id.name_class(by_id.new_class("category 3"), "cow", 3);
  by_id.name_class(by_id.new_class("category 9"), "cow", 9);
  const int nameless = by_id.new_class("category 5");
  EXPECT_EQ(names_in(by_id), (Names{"cow", "ant"}));
  EXPECT_EQ(by_id.classes().of, (std::vector<int>{1, 0, 0, -1}));
  EXPECT_EQ(by_id.shown_class(nameless), "category 5");
  LabelSet kept;
  kept.class_numbered("c", 3);
  kept.class_numbered("a", 1);
  EXPECT_EQ(names_in(kept), (Names{"0", "a", "2", "c"}));
  LabelSet coco;
  coco.class_numbered("dog", 16);
  EXPECT_EQ(names_in(coco), models::coco_80());
  LabelSet clash;
  clash.class_numbered("b", 1);
  clash.class_numbered("a", 1);
  EXPECT_EQ(names_in(clash), (Names{"a", "b"}));
}

TEST(Classes, OfAListAreItsAndNoOthers) {
  LabelSet set({"dog", "cat", "dog"});
  EXPECT_EQ(set.class_named("cat"), 1);
  EXPECT_EQ(set.class_at(2), 2);
  EXPECT_EQ(set.class_at(3), -1);
  EXPECT_EQ(set.class_at(-1), -1);
  EXPECT_SAYS(error_of(ErrorCode::corrupt, [&] { set.class_named("cab"); }).hint(), "did you mean cat?");
  EXPECT_EQ(set.classes().of, (std::vector<int>{0, 1, 2}));
  LabelSet open;
  for (const std::string& name : {std::string(), std::string(129, 'x'), std::string("a\nb")})
    error_of(ErrorCode::corrupt, [&] { open.class_named(name); });
}

TEST(Imports, KnowTheirFormatsByTheContent) {
  const auto format_of = [](std::string_view head, std::string_view extension) {
    const ImportRow* row = recognised(head, extension);
    return row == nullptr ? std::string_view("none") : row->name;
  };
  EXPECT_EQ(format_of("\n0 0.5 0.5 1 1\n", "txt"), "yolo");
  EXPECT_EQ(format_of("images/a.jpg\n", "txt"), "none");
  EXPECT_EQ(format_of("0.5 0.5 0.5 1 1\n", "txt"), "none");
  EXPECT_EQ(format_of("{\"info\": {}, \"images\": [{", "json"), "coco");
  EXPECT_EQ(format_of("{\"version\": \"5\", \"shapes\": [", "json"), "labelme");
  EXPECT_EQ(format_of("[{\"image\": \"a\", \"annotations\": []}]", "json"), "createml");
  EXPECT_EQ(format_of("[{\"id\": 1, \"annotations\": [], \"data\": {\"image\": \"a\"}}]", "json"), "label-studio");
  EXPECT_EQ(format_of("{\"a\": 1}", "json"), "none");
  EXPECT_EQ(format_of("<?xml version=\"1.0\"?><!-- <annotations> --><annotation>", "xml"), "voc");
  EXPECT_EQ(format_of("<annotations>", "xml"), "cvat");
  EXPECT_EQ(format_of("<svg>", "xml"), "none");
  EXPECT_EQ(format_of("{\"image\": \"a\", \"detections\": []}\n{\"image\"", "jsonl"), "jsonl");
  EXPECT_EQ(format_of("image,class,x0,y0,x1,y1\n", "csv"), "csv");
  EXPECT_EQ(format_of("a,b\n", "csv"), "none");
}

}  // namespace
}  // namespace pixmill::imports
