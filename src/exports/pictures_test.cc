// The formats that show pictures: drawn, crops, sheet.
#include <gtest/gtest.h>

#include <cstring>
#include <nlohmann/json.hpp>
#include <set>

#include "exports/folder_names.h"
#include "pixmill/codecs/codec.h"
#include "pixmill/exports/export.h"
#include "pixmill/tasks/detections.h"
#include "support/testing.h"

namespace pixmill::exports {
namespace {

using nlohmann::json;
using pixmill::testing::error_of;

class GrayPicture final : public PictureFile {
 public:
  explicit GrayPicture(Size size) : size_(size) {}
  Image pixels(int longest) const override {
    Image image(longest > 0 ? Size{longest, longest / 2} : size_, 3);
    std::memset(image.data(), 128, image.bytes());
    return image;
  }

 private:
  const Size size_;
};

class Pictures : public ::testing::Test {
 protected:
  void set(std::string_view flag, const std::string& value) {
    for (const config::Flag* known : flags_) {
      if (known->name == flag) values_.set(*known, {value}, config::Origin::flag, "");
    }
  }
  std::unique_ptr<Exporter> exporter(std::string_view format) { return find_export(format)->make(values_); }

  static std::vector<const config::Flag*> all_flags() {
    std::vector<const config::Flag*> all;
    std::set<std::string_view> names;
    for (const char* format : {"drawn", "crops", "sheet"})
      for (const config::Flag& flag : find_export(format)->flags())
        if (names.insert(flag.name).second) all.push_back(&flag);
    return all;
  }

  static std::vector<std::byte> record(std::vector<tasks::Detection> found,
                                       std::vector<std::string> names = {"cat", "dog"}, Size size = {200, 100}) {
    return tasks::pack({size, 0.05F, tasks::shared_names(std::move(names)), std::move(found), {12.5F, 96}});
  }

  std::string sheet(const std::string& picture, const std::vector<std::byte>& body, std::string_view link = "") {
    const auto made = exporter("sheet");
    std::string page;
    const Sink sink = [&](std::string_view text) { page += text; };
    made->begin(sink);
    Entry entry{picture, tasks::kDetections, body, &picture_};
    const std::string prepared = made->prepare(entry);
    entry.prepared = prepared;
    entry.link = link;
    made->add(entry, sink);
    made->end(sink);
    return page;
  }

  static json data_of(const std::string& page) {
    const std::string begin = R"(<script type="application/json" id="data">)";
    const std::size_t from = page.find(begin) + begin.size();
    return json::parse(page.substr(from, page.find("</script>", from) - from));
  }

  const std::vector<const config::Flag*> flags_ = all_flags();
  const config::Command command_{.name = "export", .arguments = "", .summary = "", .example = "", .flags = flags_};
  config::Values values_{command_};
  const GrayPicture picture_{{200, 100}};
};

Image decoded(const std::string& file) {
  return codecs::decode(std::as_bytes(std::span(file)), "made.jpg").image;
}

TEST_F(Pictures, ADrawnOneIsAJpegOfItsSize) {
  const auto body = record({{{50, 20, 150, 80, 0.9F, 1}}, {{0, 0, 20, 20, 0.1F, 1}}});
  set("no-labels", "true");
  set("line-width", "6");
  std::string file;
  exporter("drawn")->add({"a.jpg", tasks::kDetections, body, &picture_}, [&](std::string_view part) { file += part; });
  const Image drawn = decoded(file);
  EXPECT_EQ(drawn.size(), (Size{200, 100}));
  EXPECT_NEAR(drawn.row<std::uint8_t>(50)[150 * 3], 0x56, 30) << "the box in the colour of its class";
  EXPECT_NEAR(drawn.row<std::uint8_t>(10)[20 * 3], 128, 8) << "what is below the confidence is not drawn";
}

TEST_F(Pictures, ARecordOfAnotherSizeIsRefused) {
  const auto body = record({}, {"cat"}, {300, 100});
  const Entry entry{"a.jpg", tasks::kDetections, body, &picture_};
  const Error error = error_of(ErrorCode::unsupported, [&] { exporter("drawn")->add(entry, [](std::string_view) {}); });
  EXPECT_NE(std::string(error.message()).find("a.jpg has 200 x 100 pixels"), std::string::npos) << error.message();
}

TEST_F(Pictures, CropsAreCutAndNamedByClassAndRank) {
  const auto body =
      record({{{50, 20, 150, 80, 0.9F, 1}}, {{10.5F, 0, 20.2F, 5, 0.8F, 0}}, {{190, 90, 200, 100, 0.5F, 1}}});
  const Entry entry{"day.1/img2.jpg", tasks::kDetections, body, &picture_};
  const std::vector<SideFile> all = exporter("crops")->files_of(entry);
  ASSERT_EQ(all.size(), 3U);
  EXPECT_EQ(all[0].name, "dog/day.1/img2_1.jpg");
  EXPECT_EQ(all[1].name, "cat/day.1/img2_2.jpg");
  EXPECT_EQ(decoded(all[0].text).size(), (Size{100, 60}));
  EXPECT_EQ(decoded(all[1].text).size(), (Size{11, 5}));
  set("classes", "dog");
  set("crop-margin", "10%");
  const std::vector<SideFile> dogs = exporter("crops")->files_of(entry);
  ASSERT_EQ(dogs.size(), 2U);
  EXPECT_EQ(dogs[1].name, "dog/day.1/img2_3.jpg") << "the same name, whatever was asked for";
  EXPECT_EQ(decoded(dogs[0].text).size(), (Size{120, 72}));
  EXPECT_EQ(decoded(dogs[1].text).size(), (Size{11, 11})) << "no further than the picture";
  EXPECT_EQ(exporter("crops")->names_of(entry), (std::vector<std::string>{dogs[0].name, dogs[1].name}));
}

TEST(FolderNames, EveryFileSystemTakesThem) {
  const std::vector<std::string> names =
      folder_names({"dog", "a/b", "a:b", "..", "", "Dog", " x. ", std::string(99, 'x') + "\xC3\xA9", "\xE7\x8A\xAC"});
  const std::vector<std::string> expected = {
      "dog", "a_b", "a_b_2", "class", "class_4", "Dog_5", "x", std::string(99, 'x'), "\xE7\x8A\xAC"};
  EXPECT_EQ(names, expected);
}

TEST_F(Pictures, TheSheetsDataAreReadBack) {
  tasks::Detection shaped{{10, 20, 60, 80, 0.75F, 1}};
  shaped.polygons = {{{10, 20}, {60, 20}, {60, 80}}};
  tasks::Detection pointed{{100, 20, 160, 80, 0.06F, 0}};
  pointed.points = {{110, 30}, {120, 40}};
  const std::string page = sheet("day 1/img2.jpg", record({shaped, pointed}), "../photos/day 1/a#b%.jpg");
  const json data = data_of(page);
  EXPECT_EQ(data["confidence"], 0.25);
  const json& one = data["pictures"][0];
  EXPECT_EQ(one["f"], "day 1/img2.jpg");
  EXPECT_EQ(one["u"], "../photos/day%201/a%23b%25.jpg");
  EXPECT_EQ(one["w"], 200);
  EXPECT_EQ(one["s"], 12.5);
  EXPECT_EQ(one["b"], 96);
  EXPECT_TRUE(one["t"].get<std::string>().starts_with("data:image/"));
  EXPECT_EQ(one["d"][0], json::parse("[1,0.75,10,20,60,80,[[10,20,60,20,60,80]]]"));
  EXPECT_EQ(one["d"][1], json::parse("[0,0.06,100,20,160,80,0,[110,30,120,40]]")) << "below the confidence too";
  EXPECT_EQ(data["classes"][1]["n"], "dog");
  EXPECT_EQ(data["classes"][1]["c"], "#56b4e9");
}

TEST_F(Pictures, NoNameLeavesTheSheetsData) {
  const std::string name = "</script><b>\"'&\xE2\x80\xA8\xFF.jpg";
  const std::string page = sheet(name, record({{{0, 0, 9, 9, 0.9F, 0}}}, {"<!--<script>"}), "a:b/c.jpg");
  const json data = data_of(page);
  EXPECT_EQ(data["pictures"][0]["f"], "</script><b>\"'&\xE2\x80\xA8\xEF\xBF\xBD.jpg");
  EXPECT_EQ(data["pictures"][0]["u"], "./a%3Ab/c.jpg");
  EXPECT_EQ(data["classes"][0]["n"], "<!--<script>");
  EXPECT_EQ(page.find("<b>\""), std::string::npos);
  EXPECT_EQ(page.find("<!--"), std::string::npos);
  EXPECT_EQ(page.find("%DATA%"), std::string::npos);
  for (const char* outside : {"http://", "https://", "src=\"//", "@import"}) {
    const std::size_t at = page.find(outside);
    const bool namespace_only = at != std::string::npos && page.compare(at, 18, "http://www.w3.org/") == 0;
    EXPECT_TRUE(at == std::string::npos || namespace_only) << outside;
  }
}

TEST_F(Pictures, AnEmptySheetIsWhole) {
  const auto made = exporter("sheet");
  std::string page;
  const Sink sink = [&](std::string_view text) { page += text; };
  made->begin(sink);
  made->end(sink);
  EXPECT_EQ(data_of(page)["pictures"], json::array());
}

}  // namespace
}  // namespace pixmill::exports
