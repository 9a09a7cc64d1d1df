#include "pixmill/measure/subject.h"

#include <gtest/gtest.h>

#include "pixmill/measure/timing.h"
#include "pixmill/platform/home.h"
#include "pixmill/runtime/tiny_model.h"
#include "support/testing.h"

namespace pixmill::measure {
namespace {

using pixmill::testing::error_of;
using pixmill::testing::TemporaryFolder;

platform::Home home_in(const TemporaryFolder& folder) {
  return {folder / "settings.yaml", folder / "models", folder / "state", folder / "cache", folder / "data"};
}

TEST(Subject, StarterWithDrawnPictures) {
  const TemporaryFolder folder;
  const Subject subject = load_subject("starter", {}, 0, home_in(folder));
  ASSERT_EQ(subject.inputs.size(), 8U);
  EXPECT_NE(subject.task, nullptr);
  EXPECT_TRUE(subject.takes_batches());
  EXPECT_EQ(subject.shape(4), (std::vector<std::int64_t>{4, 3, 256, 256}));
  EXPECT_EQ(subject.batch(6, 3).shape(), (std::vector<std::int64_t>{3, 3, 256, 256}));  // 6, 7 and 0 again
  const auto session = runtime::load_session(subject.source(), {.device = "cpu", .streams = 1});
  EXPECT_GT(throughput(*session, subject, 2, 0.0, false), 0.0);
}

TEST(Subject, DrawnPicturesAreTheSameAtEveryCallAndDifferByNumber) {
  const Image once = drawn_picture({40, 30}, 1), again = drawn_picture({40, 30}, 1), other = drawn_picture({40, 30}, 2);
  EXPECT_TRUE(std::equal(once.data(), once.data() + once.bytes(), again.data()));
  EXPECT_FALSE(std::equal(once.data(), once.data() + once.bytes(), other.data()));
}

TEST(Subject, PicturesThatAreNotThere) {
  const TemporaryFolder folder;
  const Error error =
      error_of(ErrorCode::not_found, [&] { load_subject("starter", {folder / "no.jpg"}, 0, home_in(folder)); });
  EXPECT_SAYS(error.message(), "no.jpg");
}

TEST(Subject, AModelThatClaimsHugePicturesIsRefused) {
  using runtime::tiny::kFloat;
  const TemporaryFolder folder;
  const auto file = pixmill::testing::write_file(
      folder / "huge.onnx", runtime::tiny::unary("Relu", {1, 3, std::int64_t{1} << 32, std::int64_t{1} << 32}, kFloat));
  const Error error = error_of(ErrorCode::bad_model, [&] { load_subject(file.string(), {}, 0, home_in(folder)); });
  EXPECT_SAYS(error.message(), "huge.onnx");
}

}  // namespace
}  // namespace pixmill::measure
