// Jobs that no user needs, through the whole pipeline: a task with fifty requests a picture, one with two graphs, one
// that writes rows, a chain of two, and one that only makes records. Models are made here.
//   made_up_jobs KIND MODELS_FOLDER INPUT_FOLDER OUTPUT_FOLDER
// PIXMILL_HOME: its state. ROWS: "WIDTHxHEIGHT" of the pictures of `rows`. Prints "done NAME" for each picture as it
// ends, then "ended DONE SKIPPED FAILED"; exits with 0 where none failed.
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <stdexcept>

#include "pixmill/core/error.h"
#include "pixmill/pipeline/job.h"
#include "pixmill/platform/home.h"
#include "pixmill/runtime/tiny_model.h"
#include "pixmill/tasks/chain.h"

namespace fs = std::filesystem;
using namespace pixmill;  // NOLINT(google-build-using-namespace): a program of one file
namespace tiny = runtime::tiny;

namespace {

constexpr int kSide = 8;  // of a tile, which is the input of the models

std::shared_ptr<const Tensor> tile_of(ImageView picture, int x, int y) {
  auto tensor = std::make_shared<Tensor>(std::vector<std::int64_t>{1, 3, kSide, kSide}, ElementType::f32);
  float* sample = tensor->as<float>().data();
  for (int c = 0; c < 3; ++c) {
    for (int row = 0; row < kSide; ++row) {
      const std::uint8_t* at = picture.row<std::uint8_t>((y + row) % picture.height());
      for (int column = 0; column < kSide; ++column)
        *sample++ = at[(x + column) % picture.width() * picture.channels() + c % picture.channels()];
    }
  }
  return tensor;
}

void draw(const Tensor& tile, Image& picture, int x, int y) {
  const float* sample = tile.as<float>().data();
  for (int c = 0; c < 3; ++c) {
    for (int row = 0; row < kSide; ++row) {
      for (int column = 0; column < kSide; ++column)
        picture.row<std::uint8_t>(y + row)[(x + column) * 3 + c] =
            static_cast<std::uint8_t>(static_cast<int>(*sample++) % 256);
    }
  }
}

class MadeUp : public tasks::Task {
 public:
  std::string key() const override { return "made up 1\n"; }
  std::vector<tasks::Graph> graphs() const override { return {{"model", {0}, {{1, 3, kSide, kSide}}}}; }
  std::vector<tasks::Product> products() const override { return {{"picture"}}; }
  tasks::Cost cost(Size picture) const override { return {static_cast<std::size_t>(picture.area()) * 8, 1}; }

 protected:
  static void note(tasks::Context& context, ImageView picture) {
    const std::byte first = picture.row_bytes(0)[0];
    context.record({"made-up/1", {first}});
  }
};

class Fifty final : public MadeUp {
 public:
  std::string_view name() const override { return "fifty"; }
  tasks::Cost cost(Size picture) const override { return {static_cast<std::size_t>(picture.area()) * 8, 50}; }
  Size result_size(Size) const override { return {10 * kSide, 5 * kSide}; }
  void run(Image picture, tasks::Context& context) const override {
    std::vector<tasks::Pending> tiles;
    for (int i = 0; i < 50; ++i) tiles.push_back(context.infer(0, {tile_of(picture, i * 3, i * 5)}));
    Image made(result_size(picture.size()), 3);
    for (int i = 0; i < 50; ++i)
      draw(tiles[static_cast<std::size_t>(i)].get().at(0), made, i % 10 * kSide, i / 10 * kSide);
    note(context, picture);
    context.picture("picture", std::move(made));
  }
};

// An embedding, made once, goes to five decoder calls.
class Two final : public MadeUp {
 public:
  std::string_view name() const override { return "two"; }
  tasks::Cost cost(Size picture) const override { return {static_cast<std::size_t>(picture.area()) * 8, 6}; }
  std::vector<tasks::Graph> graphs() const override {
    return {{"encoder", {0}, {{1, 3, kSide, kSide}}}, {"decoder", {0}, {{1, kWidth}, {1, kWidth}}}};
  }
  void run(Image picture, tasks::Context& context) const override {
    const Tensor encoded = std::move(context.infer(0, {tile_of(picture, 0, 0)}).get().at(0));
    auto embedding = std::make_shared<Tensor>(std::vector<std::int64_t>{1, kWidth}, ElementType::f32);
    std::copy_n(encoded.as<float>().begin(), kWidth, embedding->as<float>().begin());
    std::vector<tasks::Pending> answers;
    for (int i = 0; i < 5; ++i) {
      auto point = std::make_shared<Tensor>(tiny::tensor({1, kWidth}, static_cast<float>(i), 0.0F));
      answers.push_back(context.infer(1, {embedding, std::move(point)}));
    }
    Image made({5 * kSide, kSide}, 3);
    for (int i = 0; i < 5; ++i) draw(answers[static_cast<std::size_t>(i)].get().at(0), made, i * kSide, 0);
    note(context, picture);
    context.picture("picture", std::move(made));
  }

 private:
  static constexpr std::int64_t kWidth = 3 * kSide * kSide;
};

class Rows final : public MadeUp {
 public:
  explicit Rows(Size size) : size_(size) {}
  std::string_view name() const override { return "rows"; }
  void run(Image picture, tasks::Context& context) const override {
    const Tensor tile = std::move(context.infer(0, {tile_of(picture, 0, 0)}).get().at(0));
    tasks::RowSink& rows = context.rows("picture", size_, 1, PixelType::u8);
    Image strip({size_.width, kSide}, 1);
    for (int y = 0; y < size_.height; y += kSide) {
      for (int row = 0; row < kSide; ++row) {
        const int level = static_cast<int>(tile.as<float>()[static_cast<std::size_t>(row)]) + y / 64;
        std::fill_n(strip.row<std::uint8_t>(row), size_.width, static_cast<std::uint8_t>(level % 256));
      }
      rows.write(strip.view().crop({0, 0, size_.width, std::min(kSide, size_.height - y)}));
    }
    note(context, picture);
  }

 private:
  const Size size_;
};

class Records final : public MadeUp {
 public:
  std::string_view name() const override { return "records"; }
  std::vector<tasks::Product> products() const override { return {}; }
  void run(Image picture, tasks::Context& context) const override {
    context.infer(0, {tile_of(picture, 0, 0)}).get();
    note(context, picture);
  }
};

void write(const fs::path& file, const std::string& text) {
  if (fs::exists(file)) return;
  const fs::path made = file.string() + "." + std::to_string(::getpid());
  std::ofstream(made, std::ios::binary) << text;
  fs::rename(made, file);
}

std::string card(const std::string& id, const std::string& files) {
  return "id: " + id + "\ntask: embed\nlicence: MIT\n" + files +
         "\ninput: {size: [8, 8]}\noutput: {decoder: made-up}\n";
}

void make_models(const fs::path& folder) {
  fs::create_directories(folder);
  write(folder / "one.onnx", tiny::doubling_convolution(3));
  write(folder / "one.yaml", card("one", "files: [{name: one.onnx}]"));
  write(folder / "encoder.onnx", tiny::doubling_convolution(3) + std::string("\x12\x01"
                                                                             "e",
                                                                             3));  // another content
  write(folder / "decoder.onnx", tiny::sum_and_difference(3 * kSide * kSide));
  // A matte that is the mean of the channels, of a large input: for tests of memory.
  write(folder / "matte.onnx",
        tiny::model({.nodes = {tiny::node("ReduceMean", {"x"}, {"y"}, {tiny::attribute("axes", {1})})},
                     .weights = {},
                     .inputs = {tiny::port("x", tiny::kFloat, {-1, 3, 1024, 1024})},
                     .outputs = {tiny::port("y", tiny::kFloat, {-1, 1, 1024, 1024})}}));
  write(folder / "matte.yaml",
        "id: matte\ntask: cutout\nlicence: MIT\nfiles: [{name: matte.onnx}]\ninput: {size: [1024, 1024]}\n");
  write(folder / "encoder.yaml",
        card("two",
             "files: [{name: encoder.onnx}, {name: decoder.onnx}]\n"
             "graphs: [{role: encoder, file: encoder.onnx}, {role: decoder, file: decoder.onnx}]"));
}

Size rows_size() {
  Size size{300, 200};
  if (const char* text = std::getenv("ROWS")) std::sscanf(text, "%dx%d", &size.width, &size.height);
  return size;
}

std::unique_ptr<tasks::Task> make(const std::string& kind) {
  if (kind == "fifty") return std::make_unique<Fifty>();
  if (kind == "two") return std::make_unique<Two>();
  if (kind == "rows") return std::make_unique<Rows>(rows_size());
  if (kind == "records") return std::make_unique<Records>();
  if (kind != "chain") throw std::invalid_argument(kind + ": fifty, two, rows, records or chain");
  std::vector<tasks::ChainStep> steps;
  steps.push_back({make("fifty")});
  steps.push_back({make("two")});
  return tasks::make_chain(std::move(steps));
}

int run(const std::string& kind, const fs::path& folder, const std::string& input, const std::string& output) {
  make_models(folder);
  pipeline::JobSpec spec;
  spec.job = "embed";
  spec.inputs.inputs = {input};
  spec.outputs.output = output;
  spec.outputs.name_template = "{dir}/{stem}.{ext}";
  if (kind == "rows" && rows_size().area() > 1'000'000) spec.outputs.picture.format = codecs::Format::tiff;
  spec.model = (folder / (kind == "two" ? "encoder.onnx" : "one.onnx")).string();
  if (kind == "chain") spec.further_models = {{(folder / "encoder.onnx").string()}};
  spec.session.backend = "onnxruntime";
  spec.session.device = "cpu";
  spec.session.precision = runtime::Precision::fp32;
  spec.cache_bytes = 0;
  spec.home = platform::find_home();
  spec.make_task = [&](const std::vector<::pixmill::models::ModelCard>&) { return make(kind); };
  const std::atomic<bool> stop = false;
  const pipeline::Ended ended = pipeline::run(
      spec,
      [](const pipeline::Event& event) {
        if (const auto* done = std::get_if<pipeline::Done>(&event))
          std::cout << "done " << done->input.filename().string() << std::endl;
        if (const auto* failed = std::get_if<pipeline::Failed>(&event)) std::cerr << failed->message << std::endl;
      },
      stop);
  std::cout << "ended " << ended.done << " " << ended.skipped << " " << ended.failed << std::endl;
  return ended.failed == 0 && ended.unfinished() == 0 ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 5) return 2;
  try {
    return run(argv[1], argv[2], argv[3], argv[4]);
  } catch (const std::exception& error) {
    std::cerr << error.what() << "\n";
    return 2;
  }
}
