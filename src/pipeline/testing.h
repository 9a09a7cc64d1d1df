// For the tests of this module: generated pictures, and a stand-in for a model.
#pragma once

#include <atomic>
#include <functional>
#include <random>
#include <string>

#include "pipeline/batch_size.h"
#include "pixmill/codecs/codec.h"
#include "pixmill/runtime/session.h"
#include "pixmill/tasks/task.h"
#include "support/testing.h"

namespace pixmill::pipeline::testing {

using pixmill::testing::file_text;
using pixmill::testing::TemporaryFolder;
using pixmill::testing::write_file;

// A PNG of one gray level.
inline std::string png_bytes(Size size, std::uint8_t level) {
  Image image(size, 3);
  std::fill_n(reinterpret_cast<std::uint8_t*>(image.data()), image.bytes(), level);
  const std::vector<std::byte> file = codecs::encode(image, {.format = codecs::Format::png});
  return {reinterpret_cast<const char*>(file.data()), file.size()};
}

// Its "model" answers the mean of each picture; the result is that level as a 1x1 picture.
class MeanTask : public tasks::Task {
 public:
  std::string_view name() const override { return "mean"; }
  std::string key() const override { return "mean 1"; }
  std::vector<tasks::Graph> graphs() const override { return {{"model", {0}, {{1, 1}}}}; }
  std::vector<tasks::Product> products() const override { return {{"picture"}}; }
  tasks::Cost cost(Size picture) const override { return {static_cast<std::size_t>(picture.area()) * 4, 1}; }
  void run(Image photo, tasks::Context& context) const override {
    const std::vector<Tensor> outputs = context.infer(0, {level(photo.row<std::uint8_t>(0)[0])}).get();
    context.picture("picture", pixel(outputs.at(0).as<float>()[0]));
  }

 protected:
  static std::shared_ptr<const Tensor> level(float value) {
    auto tensor = std::make_shared<Tensor>(std::vector<std::int64_t>{1, 1}, ElementType::f32);
    tensor->as<float>()[0] = value;
    return tensor;
  }
  static Image pixel(float value) {
    Image image({1, 1}, 1);
    image.row<std::uint8_t>(0)[0] = static_cast<std::uint8_t>(value);
    return image;
  }
};

// Returns its input. `before_run` may throw in its place.
class EchoSession : public runtime::Session {
 public:
  explicit EchoSession(std::function<void(std::int64_t batch)> before_run = {}, std::int64_t batch = -1,
                       int streams = 1)
      : before_run_(std::move(before_run)) {
    info_.device = "cpu";
    info_.streams = streams;
    signature_.inputs.push_back({"in", ElementType::f32, {batch, 1}, {"", ""}});
    signature_.outputs.push_back({"out", ElementType::f32, {batch, 1}, {"", ""}});
  }
  const ModelSignature& signature() const override { return signature_; }
  const runtime::SessionInfo& info() const override { return info_; }
  std::size_t memory_bytes() const override { return 0; }
  std::vector<Tensor> run_inputs(std::span<const Tensor* const> inputs, std::span<const int>) override {
    const std::int64_t batch = inputs[0]->shape()[0];
    if (before_run_) before_run_(batch);
    ++runs;
    pictures += batch;
    if (batch > largest_batch) largest_batch = batch;
    Tensor out(inputs[0]->shape(), ElementType::f32);
    std::copy_n(inputs[0]->as<float>().begin(), inputs[0]->size(), out.as<float>().begin());
    std::vector<Tensor> outputs;
    outputs.push_back(std::move(out));
    return outputs;
  }
  std::atomic<int> runs = 0;
  std::atomic<std::int64_t> pictures = 0;
  std::atomic<std::int64_t> largest_batch = 0;

 private:
  std::function<void(std::int64_t)> before_run_;
  ModelSignature signature_;
  runtime::SessionInfo info_;
};

// Requests another number of pictures every time.
class RandomBatch : public BatchSize {
 public:
  explicit RandomBatch(unsigned seed) : random_(seed) { roll(); }
  int wanted() const override { return wanted_; }
  void handed_out(int) override { roll(); }
  void measured(int, double) override { roll(); }
  void limit(int largest) override {
    largest_ = std::min(9, largest);
    roll();
  }

 private:
  void roll() { wanted_ = std::uniform_int_distribution<int>(1, largest_)(random_); }
  std::mt19937 random_;
  int largest_ = 9;
  int wanted_ = 1;
};

}  // namespace pixmill::pipeline::testing
