// Tiles against the whole picture, with models that are computed here.
#include "pixmill/tasks/restore.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <functional>
#include <limits>
#include <map>

#include "pixmill/core/composite.h"
#include "pixmill/core/error.h"
#include "pixmill/core/resize.h"
#include "pixmill/tasks/direct_context.h"
#include "tasks/restore/result_rows.h"

namespace pixmill::tasks {
namespace {

// A model that averages the pixels up to `reach` away, nothing beyond the input's edges as convolutions have it, and
// enlarges by repeating; `margin` input pixels at each edge are left out.
struct Model {
  int channels = 3, factor = 2, reach = 3, margin = 0;

  std::vector<Tensor> operator()(const Tensors& inputs) const {
    const Tensor& in = *inputs.front();
    const auto height = static_cast<int>(in.shape()[2]), width = static_cast<int>(in.shape()[3]);
    EXPECT_EQ(in.shape()[1], channels);
    const Size inner = {width - 2 * margin, height - 2 * margin};
    Tensor out({1, channels, inner.height * factor, inner.width * factor}, ElementType::f32);
    float* to = out.as<float>().data();
    for (int c = 0; c < channels; ++c) {
      const float* const plane = in.as<float>().data() + std::ptrdiff_t{c} * width * height;
      for (int y = 0; y < inner.height * factor; ++y) {
        for (int x = 0; x < inner.width * factor; ++x)
          *to++ = average(plane, {width, height}, x / factor + margin, y / factor + margin);
      }
    }
    std::vector<Tensor> outputs;
    outputs.push_back(std::move(out));
    return outputs;
  }

  float average(const float* plane, Size size, int x, int y) const {
    float sum = 0;
    for (int v = std::max(0, y - reach); v <= std::min(size.height - 1, y + reach); ++v) {
      for (int u = std::max(0, x - reach); u <= std::min(size.width - 1, x + reach); ++u)
        sum += plane[std::ptrdiff_t{v} * size.width + u];
    }
    return sum / static_cast<float>((2 * reach + 1) * (2 * reach + 1));
  }
};

models::ModelCard card(const Model& model, int tile = 48) {
  models::ModelCard card;
  card.id = "averager";
  card.task = model.factor == 1 ? "denoise" : "upscale";
  card.licence = "none";
  card.input.size = {tile, tile};
  card.input.fit = models::Fit::tile;
  card.input.overlap = 3 * model.reach + 2;
  if (model.channels == 1) card.input.color = models::Color::luma;
  card.output.decoder = "picture";
  card.output.factor = model.factor;
  card.output.margin = model.margin;
  return card;
}

// Smooth, so that bytes do not jump, and nowhere the same.
Image picture(Size size, int channels, PixelType type = PixelType::u8) {
  Image made(size, channels, PixelType::f32);
  for (int y = 0; y < size.height; ++y) {
    for (int x = 0; x < size.width * channels; ++x)
      made.row<float>(y)[x] =
          0.5F + 0.4F * std::sin(0.11F * static_cast<float>(x + x % channels * 9) + 0.07F * static_cast<float>(y));
  }
  Image typed(size, channels, type);
  for (int y = 0; y < size.height; ++y) {
    for (int x = 0; x < size.width * channels; ++x) {
      const float value = made.row<float>(y)[x];
      if (type == PixelType::u8) {
        typed.row<std::uint8_t>(y)[x] = static_cast<std::uint8_t>(std::lround(value * 255));
      } else {
        typed.row<std::uint16_t>(y)[x] = static_cast<std::uint16_t>(std::lround(value * 65535));
      }
    }
  }
  return typed;
}

using TileAnswer = std::function<std::vector<Tensor>(const Tensors&)>;

class Told final : public DirectContext {
 public:
  explicit Told(const TileAnswer& answer) : DirectContext([&](int, const Tensors& inputs) { return answer(inputs); }) {}
  void note(std::string_view text) override { notes.emplace_back(text); }
  void tally(std::string_view name, std::int64_t count) override { tallies[std::string(name)] += count; }

  std::vector<std::string> notes;
  std::map<std::string, std::int64_t> tallies;
};

struct Made {
  Image image;
  std::vector<std::string> notes;
  std::map<std::string, std::int64_t> tallies;
};

Made run(const models::ModelCard& card, RestoreOptions options, ImageView photo, const TileAnswer& answer) {
  const auto task = make_restore(card, options);
  Told context(answer);
  task->run(copy(photo), context);
  std::vector<Output> outputs = std::move(context).outputs();
  EXPECT_EQ(outputs.size(), 1U);
  EXPECT_EQ(outputs.front().image.size(), task->result_size(photo.size()));
  return {std::move(outputs.front().image), context.notes, context.tallies};
}

double largest_difference(ImageView a, ImageView b) {
  EXPECT_EQ(a.size(), b.size());
  EXPECT_EQ(a.channels(), b.channels());
  EXPECT_EQ(a.type(), b.type());
  const Image x = to_f32(a), y = to_f32(b);
  double largest = 0;
  for (std::size_t i = 0; i < x.bytes() / sizeof(float); ++i) {
    largest = std::max(largest, std::abs(static_cast<double>(reinterpret_cast<const float*>(x.data())[i]) -
                                         reinterpret_cast<const float*>(y.data())[i]));
  }
  return largest;
}

constexpr double kByte = 1.01 / 255;

TEST(Restore, TilesAreTheWholePicture) {
  for (const int margin : {0, 4}) {
    for (const int multiple : {1, 8}) {
      for (const Size size : {Size{200, 131}, Size{49, 48}, Size{97, 20}, Size{64, 64}}) {
        if (margin > 0 && multiple > 1) continue;
        const Model model{.margin = margin};
        models::ModelCard tiled = card(model);
        tiled.input.multiple = multiple;
        const Image photo = picture(size, 3);
        const Made parts = run(tiled, {}, photo, model);
        const Made whole = run(tiled, {.tile = 512}, photo, model);
        EXPECT_EQ(whole.tallies.at("tiles"), 1);
        EXPECT_GE(parts.tallies.at("tiles"), size.width > 48 ? 2 : 1);
        SCOPED_TRACE(std::to_string(size.width) + " margin " + std::to_string(margin));
        EXPECT_LE(largest_difference(parts.image, whole.image), kByte);
      }
    }
  }
}

TEST(Restore, DepthGrayAndAlphaStay) {
  const Model model;
  for (const int channels : {1, 3, 4}) {
    for (const PixelType type : {PixelType::u8, PixelType::u16}) {
      const Image photo = picture({70, 60}, channels, type);
      const Made made = run(card(model), {}, photo, model);
      ASSERT_EQ(made.image.channels(), channels);
      ASSERT_EQ(made.image.type(), type);
      EXPECT_EQ(made.image.size(), (Size{140, 120}));
      if (channels != 4) continue;
      const Image alpha = resize(alpha_of(photo), {140, 120}, Filter::bicubic);
      EXPECT_LE(largest_difference(alpha_of(made.image), alpha), kByte);
    }
  }
}

TEST(Restore, AModelOfBrightnessLeavesTheColours) {
  const Model model{.channels = 1};
  const Image photo = picture({90, 70}, 3);
  const Made made = run(card(model), {}, photo, model);
  const Image plain = resize(to_f32(photo), {180, 140}, Filter::bicubic);
  // Differences between channels are what bicubic resampling makes of the photograph's.
  for (int x = 4; x < 170; x += 7) {
    const std::uint8_t* const pixel = made.image.row<std::uint8_t>(60) + 3 * x;
    const float* const before = plain.row<float>(60) + 3 * x;
    EXPECT_NEAR((pixel[0] - pixel[2]) / 255.0, before[0] - before[2], 2 * kByte);
  }
  const Image gray = picture({50, 50}, 1);
  EXPECT_EQ(run(card(model), {}, gray, model).image.channels(), 1);
}

TEST(Restore, ADenoiserOfOneChannelGetsEach) {
  const Model model{.channels = 1, .factor = 1}, colour{.channels = 3, .factor = 1};
  const Image photo = picture({90, 70}, 3);
  const Made apart = run(card(model), {}, photo, model);
  const Made joined = run(card(colour), {}, photo, colour);
  EXPECT_LE(largest_difference(apart.image, joined.image), kByte);
}

TEST(Restore, StrengthMixesWithThePhotograph) {
  const Model model{.factor = 1};
  const Image photo = picture({90, 70}, 3, PixelType::u16);
  EXPECT_EQ(largest_difference(run(card(model), {.strength = 0.0F}, photo, model).image, photo), 0.0);
  const Image full = to_f32(run(card(model), {}, photo, model).image);
  const Image half = to_f32(run(card(model), {.strength = 0.5F}, photo, model).image);
  const Image before = to_f32(photo);
  EXPECT_NEAR(half.row<float>(30)[50], (full.row<float>(30)[50] + before.row<float>(30)[50]) / 2, 2e-5);
  const Model doubling;
  const Image small = picture({40, 30}, 3);
  const Image enlarged = resize(small, {80, 60}, Filter::bicubic);
  EXPECT_LE(largest_difference(run(card(doubling), {.strength = 0.0F}, small, doubling).image, enlarged), kByte);
}

TEST(Restore, AnotherScaleIsResampledFromTheModels) {
  const Model model;
  const Image photo = picture({60, 50}, 4);
  const Made twice = run(card(model), {}, photo, model);
  for (const double scale : {1.0, 1.5, 3.0, 0.5}) {
    const Made made = run(card(model), {.scale = scale}, photo, model);
    const Size size = {static_cast<int>(std::lround(60 * scale)), static_cast<int>(std::lround(50 * scale))};
    ASSERT_EQ(made.image.size(), size);
    const Image alpha = resize(alpha_of(twice.image), size, Filter::lanczos3);
    EXPECT_LE(largest_difference(alpha_of(made.image), alpha), 2 * kByte);
  }
}

TEST(Restore, EightTurnsAreAveraged) {
  // A model that is not the same in all directions: it shifts by a pixel.
  const TileAnswer shifts = [](const Tensors& inputs) {
    const Tensor& in = *inputs.front();
    Tensor out(in.shape(), ElementType::f32);
    const auto width = static_cast<std::size_t>(in.shape()[3]);
    for (std::size_t i = 0; i < out.as<float>().size(); ++i)
      out.as<float>()[i] = i % width == 0 ? in.as<float>()[i] : in.as<float>()[i - 1];
    std::vector<Tensor> outputs;
    outputs.push_back(std::move(out));
    return outputs;
  };
  const models::ModelCard plain = card({.factor = 1});
  const Image photo = picture({40, 30}, 3, PixelType::u16);
  const Image before = to_f32(photo);
  const Made made = run(plain, {.turned = true}, photo, shifts);
  EXPECT_EQ(made.tallies.at("pixels inferred"), 40 * 30 * 8);
  const auto at = [&](int x, int y) { return before.row<float>(y)[3 * x]; };
  // Each of the four neighbours twice.
  EXPECT_NEAR(to_f32(made.image).row<float>(12)[3 * 20], (at(19, 12) + at(21, 12) + at(20, 11) + at(20, 13)) / 4, 2e-5);
}

TEST(Restore, SmallAndNarrowPictures) {
  const Model model;
  models::ModelCard strict = card(model);
  strict.input.multiple = 16;
  for (const Size size : {Size{1, 1}, Size{1, 300}, Size{300, 2}, Size{3, 3}, Size{5000, 3}}) {
    const Image photo = picture(size, 3);
    EXPECT_EQ(run(strict, {}, photo, model).image.size(), (Size{2 * size.width, 2 * size.height}));
    EXPECT_EQ(run(strict, {.strength = 0.5F}, photo, model).image.size(), (Size{2 * size.width, 2 * size.height}));
  }
}

TEST(Restore, FixedTilesAreFilledByReflection) {
  const Model model;
  models::ModelCard fixed = card(model);
  fixed.signatures = {{.inputs = {{"in", ElementType::f32, {1, 3, 32, 32}, {}}}, .outputs = {}, .metadata = {}}};
  const Image photo = picture({70, 20}, 3);
  const TileAnswer only_32 = [&](const Tensors& inputs) {
    EXPECT_EQ(inputs.front()->shape(), (std::vector<std::int64_t>{1, 3, 32, 32}));
    return model(inputs);
  };
  const Made made = run(fixed, {}, photo, only_32);
  const Made whole = run(card(model), {.tile = 512}, photo, model);
  EXPECT_LE(largest_difference(made.image.view().crop({10, 0, 120, 32}), whole.image.view().crop({10, 0, 120, 32})),
            kByte);
  EXPECT_THROW(make_restore(fixed, {.tile = 64}), Error);
}

TEST(Restore, AWrongFactorIsNamed) {
  const Model model{.factor = 3};
  models::ModelCard wrong = card(model);
  wrong.output.factor = 2;
  try {
    run(wrong, {}, picture({40, 40}, 3), model);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::bad_model);
    EXPECT_NE(error.message().find("made 120x120 of 40x40"), std::string::npos) << error.message();
  }
}

TEST(Restore, BlackTilesAndNumbersThatAreNoneAreRunAgain) {
  const Model model;
  const Image photo = picture({150, 100}, 3);
  const Image expected = run(card(model), {}, photo, model).image;
  for (const float bad : {0.0F, std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()}) {
    int calls = 0;
    const TileAnswer once = [&](const Tensors& inputs) {
      std::vector<Tensor> outputs = model(inputs);
      if (++calls == 3) std::fill(outputs[0].as<float>().begin(), outputs[0].as<float>().end(), bad);
      return outputs;
    };
    const Made made = run(card(model), {}, photo, once);
    EXPECT_EQ(made.tallies.at("tiles run again"), 1);
    EXPECT_EQ(largest_difference(made.image, expected), 0.0);
    const TileAnswer always = [&](const Tensors& inputs) {
      std::vector<Tensor> outputs = model(inputs);
      std::fill(outputs[0].as<float>().begin(), outputs[0].as<float>().end(), bad);
      return outputs;
    };
    EXPECT_THROW(run(card(model), {}, photo, always), Error);
  }
  Image black({80, 60}, 3);
  std::fill_n(black.row<std::uint8_t>(0), black.bytes(), std::uint8_t{0});
  EXPECT_FALSE(run(card(model), {}, black, model).tallies.contains("tiles run again"));
}

TEST(Restore, WithoutMemoryForATileItIsMadeOfSmallerOnes) {
  const Model model;
  const Image photo = picture({200, 150}, 3);
  const Image expected = run(card(model, 96), {}, photo, model).image;
  // As in the pipeline: what went wrong is told by the answer.
  struct Late final : Context {
    explicit Late(const Model& with, std::int64_t pixels) : model(with), most(pixels) {}
    struct State final : Pending::State {
      State(Late& context, Tensors given) : late(context), inputs(std::move(given)) {}
      std::vector<Tensor> get() override {
        const std::int64_t pixels = inputs.front()->shape()[2] * inputs.front()->shape()[3];
        if (pixels > late.most) throw Error(ErrorCode::out_of_memory, "no memory");
        ++late.answered;
        return late.model(inputs);
      }
      Late& late;
      Tensors inputs;
    };
    Pending infer(int, Tensors inputs) override { return Pending(std::make_unique<State>(*this, std::move(inputs))); }
    Pending infer_on_cpu(int graph, Tensors inputs) override {
      if (!has_cpu) return infer(graph, std::move(inputs));
      DirectContext direct([&](int, const Tensors& given) { return model(given); });
      return direct.infer(graph, std::move(inputs));
    }
    void picture(std::string_view, Image image) override { made = std::move(image); }
    RowSink& rows(std::string_view, Size, int, PixelType) override { throw Error(ErrorCode::internal, "rows"); }
    void record(Record) override {}
    void tally(std::string_view name, std::int64_t count) override { tallies[std::string(name)] += count; }

    Model model;
    std::int64_t most;
    int answered = 0;
    bool has_cpu = true;
    Image made;
    std::map<std::string, std::int64_t> tallies;
  };
  for (const std::int64_t most : {std::int64_t{64} * 64, std::int64_t{40} * 40}) {
    Late context(model, most);
    make_restore(card(model, 96), {})->run(copy(photo), context);
    EXPECT_LE(largest_difference(context.made, expected), kByte);
    EXPECT_EQ(context.tallies.at("pictures with halved tiles for lack of memory"), 1);
  }
  Late small(model, 100);
  make_restore(card(model, 96), {})->run(copy(photo), small);
  EXPECT_LE(largest_difference(small.made, expected), kByte);
  EXPECT_EQ(small.answered, 0);
  EXPECT_EQ(small.tallies.at("pictures finished on the CPU for lack of memory"), 1);
  Late none(model, 100);
  none.has_cpu = false;
  try {
    make_restore(card(model, 96), {})->run(copy(photo), none);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::out_of_memory);
  }
}

TEST(Restore, SeamsAreToldOfAModelThatSeesTooFar) {
  const Model model{.reach = 12};
  models::ModelCard narrow = card(model);
  narrow.input.overlap = 4;
  const Made seen = run(narrow, {.check_seams = true}, picture({200, 100}, 3), model);
  ASSERT_EQ(seen.notes.size(), 1U);
  EXPECT_EQ(seen.notes[0].find("seams: at most 0.0"), std::string::npos) << seen.notes[0];
  models::ModelCard wide = card(model, 128);
  wide.input.overlap = 36;
  const Made unseen = run(wide, {.check_seams = true}, picture({200, 100}, 3), model);
  EXPECT_NE(unseen.notes.at(0).find("seams: at most 0.0"), std::string::npos) << unseen.notes[0];
}

TEST(Restore, LargeResultsLeaveRowByRow) {
  const Model model{.factor = 4, .reach = 1};
  const Image photo = picture({1100, 1000}, 1);
  const Made made = run(card(model, 256), {}, photo, [&](const Tensors& inputs) { return model(inputs); });
  EXPECT_GT(made.image.size().area(), kWholePixels);
  const Made small = run(card(model, 256), {}, photo.view().crop({0, 0, 300, 200}), model);
  EXPECT_LE(largest_difference(made.image.view().crop({0, 0, 1100, 700}), small.image.view().crop({0, 0, 1100, 700})),
            kByte);
}

TEST(Restore, OptionsAndCardsThatCannotServe) {
  const Model model;
  EXPECT_THROW(make_restore(card(model), {.strength = 1.5F}), Error);
  EXPECT_THROW(make_restore(card(model), {.scale = 40}), Error);
  models::ModelCard matte = card(model);
  matte.output.decoder = "matte";
  EXPECT_THROW(make_restore(matte, {}), Error);
  models::ModelCard brightest = card(model);
  brightest.input.scale = models::Scale::image_max;
  EXPECT_THROW(make_restore(brightest, {}), Error);
  EXPECT_EQ(make_restore(card(model), {})->name_fields().at("scale"), "2");
  EXPECT_EQ(make_restore(card(model), {.scale = 1.5})->name_fields().at("scale"), "1.5");
}

}  // namespace
}  // namespace pixmill::tasks
