// The way from a file in memory to the input of a model.
#include "measure/bench/part_rows.h"
#include "pixmill/codecs/codec.h"
#include "pixmill/codecs/read_file.h"
#include "pixmill/core/composite.h"
#include "pixmill/core/quality.h"
#include "pixmill/tasks/model_input.h"

namespace pixmill::measure {
namespace {

constexpr std::size_t kMostPictures = 100;  // that are held in memory

models::InputSpec letterbox(int side) {
  models::InputSpec spec;
  spec.size = {side, side};
  spec.fit = models::Fit::letterbox;
  spec.filter = Filter::linear;
  return spec;
}

}  // namespace

std::vector<PartRow> measure_preprocess(const PartInput& input) {
  std::vector<std::vector<std::byte>> files;
  std::vector<Image> pictures;
  for (const std::filesystem::path& path : input.pictures) {
    if (files.size() == kMostPictures) break;
    files.push_back(codecs::read_file(path));
    pictures.push_back(to_rgb8(codecs::decode(files.back(), path.string(), {.metadata = false}).image));
  }
  const auto count = static_cast<double>(files.size());
  const auto each_file = [&](const std::string& name, const codecs::DecodeOptions& options) {
    return timed(input, name, count, "pictures", [&] {
      for (std::size_t i = 0; i < files.size(); ++i)
        (void)codecs::decode(files[i], input.pictures[i].string(), options);
    });
  };
  const auto each_picture = [&](const std::string& name, auto work) {
    return timed(input, name, count, "pictures", [&] {
      for (const Image& picture : pictures) work(picture);
    });
  };
  std::vector<PartRow> rows = {each_file("decode", {.metadata = false})};
  const codecs::DecodeOptions small = {.metadata = false, .least = [](Size full) {
                                         return Size{full.width / 4, full.height / 4};
                                       }};
  rows.push_back(beside(each_file("decode at a quarter of the size", small), rows.front()));
  for (const int side : {320, 640}) {
    const models::InputSpec spec = letterbox(side);
    rows.push_back(each_picture("letterbox " + std::to_string(side) + " and normalise",
                                [&](const Image& picture) { (void)tasks::model_input(picture, spec); }));
  }
  rows.push_back(
      each_picture("sharpness and brightness", [](const Image& picture) { (void)measure_quality(picture); }));
  return rows;
}

}  // namespace pixmill::measure
