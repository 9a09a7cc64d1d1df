#include "pipeline/naming.h"

#include <gtest/gtest.h>

#include "pipeline/testing.h"

namespace pixmill::pipeline {
namespace {

namespace fs = std::filesystem;
using testing::TemporaryFolder;
using testing::write_file;

const NameFields kFields = {
    .dir = "sub", .stem = "horse", .ext = "png", .model = "u2net", .job = "cutout", .index = "7", .date = "2026-11-21"};

ErrorCode code_of(const std::function<void()>& work) {
  try {
    work();
  } catch (const Error& error) {
    return error.code();
  }
  ADD_FAILURE() << "nothing was thrown";
  return ErrorCode::internal;
}

TEST(ExpandName, FillsFields) {
  EXPECT_EQ(expand_name("{dir}/{stem}_nobg.{ext}", kFields), "sub/horse_nobg.png");
  EXPECT_EQ(expand_name("{job}-{model}-{index}-{date}", kFields), "cutout-u2net-7-2026-11-21.png");
  EXPECT_EQ(expand_name("{{{stem}}}.{ext}", kFields), "{horse}.png");
  NameFields top = kFields;
  top.dir.clear();
  EXPECT_EQ(expand_name("{dir}/{stem}.{ext}", top), "horse.png");
}

TEST(ExpandName, RefusesWhatLeavesTheFolder) {
  for (const char* bad : {"../{stem}.{ext}", "/etc/{stem}", "{nope}", "{stem", "a/../../b"}) {
    EXPECT_EQ(code_of([&] { (void)expand_name(bad, kFields); }), ErrorCode::usage) << bad;
  }
}

class PlanTest : public ::testing::Test {
 protected:
  Plan plan(const std::vector<std::string>& inputs, const std::string& output,
            const std::string& name = "{dir}/{stem}_nobg.{ext}") {
    spec_.inputs.inputs = inputs;
    spec_.outputs.output = output;
    spec_.outputs.name_template = name;
    sources_ = find_sources(spec_.inputs);
    return plan_outputs(spec_, sources_, "u2net", products_);
  }
  std::string at(const std::string& name) const { return (folder_ / name).string(); }

  TemporaryFolder folder_;
  JobSpec spec_;
  std::vector<tasks::Product> products_ = {{.role = "picture"}};
  Sources sources_;  // the plan refers to it
};

TEST_F(PlanTest, MirrorsTheTree) {
  write_file(folder_ / "in/a.jpg", "x");
  write_file(folder_ / "in/sub/b.jpg", "x");
  const Plan made = plan({at("in")}, at("out"));
  EXPECT_EQ(made.outputs[0], (std::vector<fs::path>{at("out/a_nobg.png")}));
  EXPECT_EQ(made.outputs[1], (std::vector<fs::path>{at("out/sub/b_nobg.png")}));
}

TEST_F(PlanTest, OneFileGoesBesideItself) {
  write_file(folder_ / "horse.jpg", "x");
  EXPECT_EQ(plan({at("horse.jpg")}, "").outputs[0][0], at("horse_nobg.png"));
  EXPECT_EQ(plan({at("horse.jpg")}, at("cut.png")).outputs[0][0], at("cut.png"));
  EXPECT_EQ(plan({at("horse.jpg")}, "-").outputs[0][0], "-");
  products_.push_back({.role = "mask", .suffix = "_mask", .format = codecs::Format::png});
  EXPECT_EQ(plan({at("horse.jpg")}, at("dir/")).outputs[0],
            (std::vector<fs::path>{at("dir/horse_nobg.png"), at("dir/horse_nobg_mask.png")}));
}

TEST_F(PlanTest, ManyNeedAFolder) {
  write_file(folder_ / "in/a.jpg", "x");
  write_file(folder_ / "file.png", "x");
  EXPECT_EQ(code_of([&] { plan({at("in")}, ""); }), ErrorCode::usage);
  EXPECT_EQ(code_of([&] { plan({at("in")}, "-"); }), ErrorCode::usage);
  EXPECT_EQ(code_of([&] { plan({at("in")}, at("file.png")); }), ErrorCode::usage);
}

TEST_F(PlanTest, TwinsAreRefused) {
  write_file(folder_ / "in/a.jpg", "x");
  write_file(folder_ / "in/a.png", "x");
  EXPECT_EQ(code_of([&] { plan({at("in")}, at("out")); }), ErrorCode::collision);
  EXPECT_NO_THROW(plan({at("in")}, at("out"), "{stem}_{index}.{ext}"));
  write_file(folder_ / "flat/x/a.jpg", "x");
  write_file(folder_ / "flat/y/a.jpg", "x");
  EXPECT_NO_THROW(plan({at("flat")}, at("out")));
  EXPECT_EQ(code_of([&] { plan({at("flat")}, at("out"), "{stem}.{ext}"); }), ErrorCode::collision);
}

TEST_F(PlanTest, InputsAreNeverOverwritten) {
  write_file(folder_ / "a.png", "x");
  EXPECT_EQ(code_of([&] { plan({at("a.png")}, at("a.png")); }), ErrorCode::collision);
  EXPECT_EQ(code_of([&] { plan({at("a.png")}, "", "{stem}.{ext}"); }), ErrorCode::collision);
}

TEST_F(PlanTest, ResultsAreNotFedBack) {
  write_file(folder_ / "in/a.jpg", "x");
  EXPECT_EQ(code_of([&] { plan({at("in")}, at("in")); }), ErrorCode::collision);
  EXPECT_EQ(code_of([&] { plan({at("in")}, at("in/out")); }), ErrorCode::collision);
  EXPECT_NO_THROW(plan({at("in")}, at("in/.out")));
  spec_.inputs.exclude = {"*_nobg.png"};
  EXPECT_NO_THROW(plan({at("in")}, at("in")));
}

TEST_F(PlanTest, AnUnwritableFolderIsToldBeforeTheFirstPicture) {
  write_file(folder_ / "in/a.jpg", "x");
  write_file(folder_ / "file", "x");
  EXPECT_EQ(code_of([&] { plan({at("in")}, at("file/out")); }), ErrorCode::unwritable);
}

}  // namespace
}  // namespace pixmill::pipeline
