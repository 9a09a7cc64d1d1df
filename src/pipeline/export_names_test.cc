#include "pipeline/export_names.h"

#include <gtest/gtest.h>

#include "support/testing.h"

namespace pixmill::pipeline {
namespace {

namespace fs = std::filesystem;
using pixmill::testing::error_of;
using pixmill::testing::TemporaryFolder;

class ExportNamesTest : public ::testing::Test {
 protected:
  ExportNames names(const std::vector<std::string>& formats, const std::string& output,
                    const std::string& name = "{dir}/{stem}.{ext}") {
    inputs_.count = pictures_.size();
    inputs_.at = [this](std::size_t i) {
      return ExportInput{pictures_[i], pictures_[i], (folder_ / ("photos/" + pictures_[i])).string()};
    };
    return {exports::exports_named(formats), inputs_, {output, name, "yolo.onnx", "detect"}};
  }

  fs::path of(const ExportNames& all, std::size_t i) {
    return all.of_picture(*exports::find_export("yolo"), inputs_.at(i), i);
  }

  TemporaryFolder folder_;
  fs::path out_ = fs::canonical(folder_.path()) / "out";
  std::vector<std::string> pictures_ = {"a.jpg", "day 1/a.jpg", "day 1/b.png"};
  ExportInputs inputs_;
};

TEST_F(ExportNamesTest, MirrorTheFoldersOfThePictures) {
  const ExportNames all = names({"yolo,coco"}, out_.string());
  EXPECT_EQ(of(all, 1), out_ / "day 1/a.txt");
  EXPECT_EQ(all.of_job(*exports::find_export("coco")), out_ / "coco.json");
  EXPECT_EQ(all.beside("classes.txt"), out_ / "classes.txt");
  EXPECT_EQ(of(names({"yolo"}, out_.string(), "{stem}_{index}_{model}.{ext}"), 1), out_ / "a_2_yolo.txt");
}

TEST_F(ExportNamesTest, OneFileMayBeNamed) {
  const ExportNames coco = names({"coco"}, (out_ / "my.json").string());
  EXPECT_EQ(coco.of_job(*exports::find_export("coco")), out_ / "my.json");
  EXPECT_EQ(coco.beside("classes.txt"), std::nullopt);
  pictures_ = {"a.jpg"};
  inputs_.one_named = true;
  EXPECT_EQ(of(names({"yolo"}, (out_ / "b.txt").string()), 0), out_ / "b.txt");
  EXPECT_EQ(of(names({"yolo"}, "-"), 0), "-");
  pictures_ = {(out_ / "a.jpg").string()};
  EXPECT_EQ(of(names({"yolo"}, ""), 0), out_ / "a.txt") << "beside the picture";
}

TEST_F(ExportNamesTest, WhatDoesNotFitIsRefused) {
  const auto usage = [&](const std::vector<std::string>& formats, const std::string& output) {
    return error_of(ErrorCode::usage, [&] { names(formats, output); });
  };
  EXPECT_SAYS(usage({"yolo"}, "").hint(), "-o");
  EXPECT_SAYS(usage({"coco"}, "").hint(), "-o");
  usage({"yolo"}, "-");
  usage({"yolo,coco"}, "-");
  EXPECT_SAYS(usage({"yolo,coco"}, (out_ / "x.json").string()).hint(), "-o x/");
  EXPECT_SAYS(usage({"yolo"}, (out_ / "x.txt").string()).message(), "one file");
  usage({"yolo"}, pixmill::testing::write_file(folder_ / "file", "x").string());
}

TEST_F(ExportNamesTest, TwoFilesOfOneNameAreRefused) {
  const auto collision = [&](const std::vector<std::string>& formats, const std::string& name = "{dir}/{stem}.{ext}") {
    return error_of(ErrorCode::collision, [&] { names(formats, out_.string(), name); }).message();
  };
  EXPECT_SAYS(collision({"yolo"}, "{stem}.{ext}"), "a.jpg and day 1/a.jpg would both be written to");
  pictures_ = {"a.jpg", "a.png"};
  EXPECT_SAYS(collision({"yolo"}), "a.jpg and a.png");
  names({"coco"}, out_.string());  // one file for both
  pictures_ = {"classes.jpg"};
  EXPECT_SAYS(collision({"yolo"}), "a file of all pictures together");
}

TEST_F(ExportNamesTest, AnInputIsNeverWritten) {
  pictures_ = {"a.txt", "b.jpg"};  // a picture is what its bytes say
  const std::string photos = (fs::canonical(folder_.path()) / "photos").string();
  inputs_.count = 2;
  inputs_.at = [&](std::size_t i) { return ExportInput{pictures_[i], pictures_[i], photos + "/" + pictures_[i]}; };
  const auto make = [&] {
    return ExportNames(exports::exports_named({"yolo"}), inputs_, {photos + "/", "{dir}/{stem}.{ext}", "", "detect"});
  };
  EXPECT_SAYS(error_of(ErrorCode::collision, make).message(), "is an input");
}

}  // namespace
}  // namespace pixmill::pipeline
