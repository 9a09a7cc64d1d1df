#include <gtest/gtest.h>

#include "pixmill/runtime/devices.h"
#include "pixmill/runtime/self_test_model.h"
#include "pixmill/runtime/speed_probe.h"

namespace pixmill::runtime {
namespace {

std::optional<std::string> faster(const std::string& bytes, const std::vector<std::int64_t>& shape) {
  return faster_backend({"model", std::as_bytes(std::span(bytes)), {}}, shape);
}

TEST(FasterBackend, NamesOneOfTheTwo) {
  if (backend_status("openvino").version.empty()) GTEST_SKIP() << "pixmill was built without OpenVINO";
  const std::string model = self_test_model(Precision::fp32);
  std::optional<std::string> backend;  // nothing where a busy machine gives times that do not agree
  for (int i = 0; i < 20 && !backend; ++i) backend = faster(model, {1, 3, 16, 16});
  ASSERT_TRUE(backend.has_value());
  EXPECT_TRUE(*backend == "onnxruntime" || *backend == "openvino") << *backend;
}

TEST(FasterBackend, SaysNothingOfWhatDoesNotLoadOrTakesTooLong) {
  EXPECT_FALSE(faster("no model", {1, 3, 8, 8}));
  EXPECT_FALSE(faster(self_test_model(Precision::fp32), {1, 5, 16, 16})) << "a shape that the model does not take";
  EXPECT_FALSE(faster(std::string((std::size_t{64} << 20) + 1, '\0'), {1, 3, 8, 8}));
}

}  // namespace
}  // namespace pixmill::runtime
