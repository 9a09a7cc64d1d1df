// Cached compiled models: the next session uses them, and a damaged one does no harm.
#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>

#include "pixmill/runtime/self_test_model.h"
#include "pixmill/runtime/setup.h"
#include "runtime/backends.h"
#include "support/testing.h"

namespace pixmill::runtime {
namespace {

namespace fs = std::filesystem;
using pixmill::testing::file_text;
using pixmill::testing::TemporaryFolder;
using pixmill::testing::write_file;

void keep_in(const fs::path& folder) {
  Setup setup;
  setup.engines = folder;
  set_up(setup);
}

class OpenVinoKept : public ::testing::Test {
 protected:
  void SetUp() override {
    if (find_backend("openvino") == nullptr) GTEST_SKIP() << "pixmill was built without OpenVINO";
    keep_in(folder_.path());
  }
  void TearDown() override { set_up({}); }

  // What a session with these options answers to the self-test model's pictures.
  std::vector<float> answer(const SessionOptions& options = {}, Precision model = Precision::fp32) const {
    const std::string bytes = self_test_model(model);
    SessionOptions asked = options;
    asked.backend = "openvino";
    asked.device = "cpu";
    asked.threads = 1;
    const auto session = load_session({"self_test.onnx", std::as_bytes(std::span(bytes)), {}}, asked);
    const Tensor input = self_test_input(2);
    const std::vector<Tensor> outputs = session->run({&input, 1});
    return {outputs.at(0).as<float>().begin(), outputs.at(0).as<float>().end()};
  }

  std::vector<fs::path> files() const {
    std::vector<fs::path> files;
    for (const auto& entry : fs::recursive_directory_iterator(folder_.path()))
      if (entry.is_regular_file()) files.push_back(entry.path());
    return files;
  }

  TemporaryFolder folder_;
};

TEST_F(OpenVinoKept, IsTakenByTheNextSessionAndAnswersTheSame) {
  const std::vector<float> compiled = answer({.streams = 1});
  ASSERT_EQ(files().size(), 1U) << "the model and nothing beside it";
  const fs::path file = files().front();
  fs::last_write_time(file, fs::file_time_type::clock::now() - std::chrono::hours(1));
  const fs::file_time_type before = fs::last_write_time(file);
  EXPECT_EQ(answer({.streams = 1}), compiled);
  EXPECT_GT(fs::last_write_time(file), before) << "it counts as used";
  EXPECT_EQ(files().size(), 1U);
}

TEST_F(OpenVinoKept, IsOfOneModelPrecisionShapeAndParallelism) {
  answer({.streams = 1});
  const SessionOptions others[] = {
      {.precision = Precision::bf16, .streams = 1}, {.streams = 2}, {.streams = 1, .shape = {2, 3, 16, 16}}};
  std::size_t kept = 1;
  for (const SessionOptions& options : others) {
    answer(options);
    EXPECT_EQ(files().size(), ++kept);
  }
  answer({.streams = 1}, Precision::int8);
  EXPECT_EQ(files().size(), ++kept);
}

TEST_F(OpenVinoKept, ABrokenOneIsMadeAnew) {
  const std::vector<float> compiled = answer({.streams = 1});
  ASSERT_EQ(files().size(), 1U);
  const std::string whole = file_text(files().front());
  std::string flipped = whole;
  flipped[0x200] = static_cast<char>(flipped[0x200] ^ 0x40);  // in the weights
  for (const std::string& damaged : {std::string(), std::string("hello"), whole.substr(0, whole.size() / 2),
                                     whole.substr(0, whole.size() - 1), std::string(whole.size(), '\0'), flipped}) {
    write_file(files().front(), damaged);
    EXPECT_EQ(answer({.streams = 1}), compiled) << damaged.size() << " bytes of " << whole.size();
    ASSERT_EQ(files().size(), 1U);
    EXPECT_TRUE(file_text(files().front()) != damaged);
  }
}

TEST_F(OpenVinoKept, APlaceThatCannotBeWrittenCostsNothing) {
  const std::vector<float> compiled = answer({.streams = 1});
  keep_in(write_file(folder_ / "file", "") / "below");
  EXPECT_EQ(answer({.streams = 1}), compiled);
  if (::geteuid() == 0) return;  // may write everywhere
  const fs::path locked = folder_ / "locked";
  fs::create_directory(locked);
  fs::permissions(locked, fs::perms::owner_read | fs::perms::owner_exec);
  keep_in(locked);
  EXPECT_EQ(answer({.streams = 1}), compiled);
  fs::permissions(locked, fs::perms::owner_all);
}

TEST_F(OpenVinoKept, NothingIsKeptWithoutAFolderOrWithTheUsersOptions) {
  answer({.streams = 1, .provider_options = {{"PERFORMANCE_HINT", "LATENCY"}}});
  set_up({});
  answer({.streams = 1});
  EXPECT_TRUE(files().empty());
}

TEST_F(OpenVinoKept, ASessionThatMeasuresItsNodesWritesThemAndIsNotKept) {
  const std::vector<float> plain = answer({.streams = 1});
  ASSERT_EQ(files().size(), 1U);
  const TemporaryFolder elsewhere;
  EXPECT_EQ(answer({.streams = 1, .profile = (elsewhere.path() / "trace").string()}), plain);
  EXPECT_EQ(files().size(), 1U);
  std::vector<fs::path> traces;
  for (const auto& entry : fs::directory_iterator(elsewhere.path())) traces.push_back(entry.path());
  ASSERT_EQ(traces.size(), 1U);
  EXPECT_EQ(traces.front().extension(), ".json");
  const std::string trace = file_text(traces.front());
  EXPECT_NE(trace.find("\"cat\":\"Node\""), std::string::npos) << trace;
  EXPECT_NE(trace.find("_kernel_time\""), std::string::npos) << trace;
  EXPECT_NE(trace.find("\"op_name\":\"Convolution\""), std::string::npos) << trace;
}

}  // namespace
}  // namespace pixmill::runtime
