#include "pipeline/exporting.h"

#include <gtest/gtest.h>

#include "pipeline/file_layer.h"
#include "pixmill/pipeline/catalogue_figures.h"
#include "pixmill/tasks/detections.h"
#include "support/testing.h"

namespace pixmill::pipeline {
namespace {

namespace fs = std::filesystem;
using pixmill::testing::error_of;
using pixmill::testing::file_text;
using pixmill::testing::TemporaryFolder;
using pixmill::testing::write_file;

class ExportRecords : public ::testing::Test {
 protected:
  // A picture that a job looked at: a box of that score in it.
  void looked_at(const std::string& name, float score, std::vector<std::string> classes = {"cat"}) {
    const fs::path picture = write_file(photos_ / name, name);
    const tasks::Detections found{
        {100, 100}, 0.05F, tasks::shared_names(std::move(classes)), {{{0, 0, 50, 50, score, 0}}}};
    Catalogue catalogue(catalogue_file(home_));
    Catalogue::Entry entry{picture,
                           FileLayer::of_the_system().stamp(picture).value(),
                           {"content of " + name, "model", "settings", "detect"},
                           {},
                           {{std::string(tasks::kDetections), tasks::pack(found)}}};
    catalogue.begin({&entry, 1});
    catalogue.finish({});
  }

  std::vector<Exported> export_as(const std::string& format, const std::string& output, bool overwrite = false) {
    ExportSpec spec;
    spec.formats = export_formats({format}, values_);
    spec.from = {photos_.string()};
    spec.output = output;
    spec.overwrite = overwrite;
    spec.home = home_;
    return export_records(spec, stop_);
  }

  std::string out(const std::string& name = {}) const { return (folder_ / "out").string() + "/" + name; }

  TemporaryFolder folder_;
  const fs::path photos_ = [this] {
    fs::create_directories(folder_ / "photos");
    return fs::canonical(folder_ / "photos");
  }();
  platform::Home home_{folder_ / "settings.yaml", folder_ / "models", folder_ / "state", folder_ / "cache",
                       folder_ / "data"};
  // Those of the formats used here, each once.
  const std::vector<const config::Flag*> flags_ = config::pointers(exports::find_export("coco")->flags());
  const config::Command command_{.name = "export", .arguments = "", .summary = "", .example = "", .flags = flags_};
  config::Values values_{command_};
  std::atomic<bool> stop_ = false;
};

TEST_F(ExportRecords, WritesWhatIsKnownInOrderAndNothingTwice) {
  looked_at("img10.jpg", 0.5F);
  looked_at("img2.jpg", 0.9F);
  looked_at("deep/a.jpg", 0.1F);
  const Exported yolo = export_as("yolo", out()).at(0);
  EXPECT_EQ(yolo.pictures, 3);
  EXPECT_EQ(yolo.written, 5);
  EXPECT_TRUE(yolo.failed.empty());
  EXPECT_EQ(file_text(out("img2.txt")), "0 0.250000 0.250000 0.500000 0.500000\n");
  EXPECT_EQ(file_text(out("deep/a.txt")), "");
  const Exported again = export_as("yolo", out()).at(0);
  EXPECT_EQ(again.written, 0);
  EXPECT_EQ(again.unchanged, 5);
  export_as("coco", out("all.json"));
  const std::string coco = file_text(out("all.json"));
  EXPECT_LT(coco.find("deep/a.jpg"), coco.find("img2.jpg"));
  EXPECT_LT(coco.find("img2.jpg"), coco.find("img10.jpg"));
}

TEST_F(ExportRecords, AnExportChangesNothingThatIsKnownOfAPicture) {
  looked_at("a.jpg", 0.5F);
  const auto known = [&] { return Catalogue(catalogue_file(home_)).input(photos_ / "a.jpg"); };
  const auto before = known();
  export_as("yolo,coco", out());
  const auto after = known();
  ASSERT_TRUE(before && after);
  EXPECT_EQ(after->content, before->content);
  EXPECT_TRUE(after->stamp.same_as(before->stamp));
  EXPECT_EQ(export_as("coco", out("b.json")).at(0).pictures, 1) << "its records are still found";
}

TEST_F(ExportRecords, FilesOfOthersStay) {
  looked_at("a.jpg", 0.5F);
  looked_at("b.jpg", 0.5F);
  write_file(out("a.txt"), "mine");
  const Exported first = export_as("yolo", out()).at(0);
  ASSERT_EQ(first.failed.size(), 1U);
  EXPECT_EQ(first.failed[0].code, ErrorCode::collision);
  EXPECT_EQ(file_text(out("a.txt")), "mine");
  EXPECT_EQ(first.written, 3);
  write_file(out("b.txt"), "corrected");
  EXPECT_EQ(export_as("yolo", out()).at(0).failed.size(), 2U);
  EXPECT_EQ(export_as("yolo", out(), true).at(0).written, 2);
  EXPECT_EQ(file_text(out("a.txt")), file_text(out("b.txt")));
}

TEST_F(ExportRecords, WhatTheCatalogueLostIsRecognisedByItsBytes) {
  looked_at("a.jpg", 0.5F);
  export_as("yolo,coco", out());
  fs::remove_all(home_.state);
  looked_at("a.jpg", 0.5F);
  for (const Exported& one : export_as("yolo,coco", out())) EXPECT_TRUE(one.failed.empty()) << one.format;
  looked_at("a.jpg", 0.06F);
  EXPECT_EQ(export_as("yolo", out()).at(0).written, 1) << "it is known again";
}

TEST_F(ExportRecords, ARecordOfAnotherVersionFailsAlone) {
  looked_at("a.jpg", 0.5F);
  looked_at("b.jpg", 0.5F);
  {
    Catalogue catalogue(catalogue_file(home_));
    Catalogue::Entry entry{photos_ / "a.jpg",
                           {},
                           {"content", "model", "newer settings", "detect"},
                           {},
                           {{"detections/9", std::vector<std::byte>(3)}}};
    catalogue.begin({&entry, 1});
  }
  const Exported coco = export_as("coco", out("c.json")).at(0);
  ASSERT_EQ(coco.failed.size(), 1U);
  EXPECT_EQ(coco.failed[0].code, ErrorCode::unsupported);
  EXPECT_SAYS(coco.failed[0].message, "a.jpg: its record is 'detections/9'");
  EXPECT_EQ(coco.pictures, 1);
  EXPECT_SAYS(file_text(out("c.json")), "b.jpg");
}

TEST_F(ExportRecords, NothingIsLeftOfOneThatFails) {
  looked_at("a.jpg", 0.5F);
  export_as("coco", out("c.json"));
  const std::string before = file_text(out("c.json"));
  looked_at("b.jpg", 0.5F, {"dog"});
  error_of(ErrorCode::usage, [&] { export_as("coco", out("c.json")); });
  stop_ = true;
  error_of(ErrorCode::interrupted, [&] { export_as("coco", out("c.json")); });
  EXPECT_EQ(file_text(out("c.json")), before);
  EXPECT_EQ(std::distance(fs::directory_iterator(out()), fs::directory_iterator()), 1) << "no temporary file";
}

TEST_F(ExportRecords, FoldersThatNothingIsKnownOfSaySo) {
  EXPECT_SAYS(error_of(ErrorCode::not_found, [&] { export_as("coco", out()); }).hint(), "run the job first");
  EXPECT_FALSE(fs::exists(out()));
}

}  // namespace
}  // namespace pixmill::pipeline
