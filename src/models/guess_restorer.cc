// Recognises models that make pictures of pictures: upscalers and denoisers.
#include <algorithm>
#include <array>
#include <cctype>
#include <string>

#include "models/guess.h"

namespace pixmill::models {
namespace {

constexpr int kLargestFactor = 8;

// Networks that are known by their names, and what they ask of their tiles (docs/upscale.md names the sources).
struct Kind {
  std::string_view sign;  // in the file's name
  int multiple = 1, tile = 256, overlap = 64;
  bool denoises = false;
};
constexpr Kind kKinds[] = {
    {.sign = "scunet", .multiple = 64, .denoises = true},
    {.sign = "nafnet", .multiple = 16, .tile = 512, .overlap = 128, .denoises = true},
    {.sign = "swinir", .multiple = 8},
    {.sign = "dncnn", .denoises = true},
    {.sign = "ffdnet", .multiple = 2, .denoises = true},
    {.sign = "drunet", .multiple = 8, .denoises = true},
    {.sign = "denois", .multiple = 16, .denoises = true},
};
constexpr Kind kAny = {.sign = {}, .multiple = 8};

std::string lower(std::string_view text) {
  std::string result(text);
  std::transform(result.begin(), result.end(), result.begin(),
                 [](unsigned char letter) { return static_cast<char>(std::tolower(letter)); });
  return result;
}

// "x4" or "4x" as a word of its own, or at the end of one: RealESRGAN_x4plus, 4x-UltraSharp, realesr-general-x4v3.
int factor_in_name(const std::string& name) {
  const auto is_digit = [&](std::size_t at) {
    return at < name.size() && std::isdigit(static_cast<unsigned char>(name[at]));
  };
  const auto is_letter = [&](std::size_t at) {
    return at < name.size() && std::isalpha(static_cast<unsigned char>(name[at]));
  };
  for (std::size_t i = 0; i < name.size(); ++i) {
    if (name[i] != 'x') continue;
    const bool behind = is_digit(i + 1) && !is_digit(i + 2) && (i == 0 || !is_digit(i - 1));
    const bool before =
        i > 0 && is_digit(i - 1) && (i < 2 || !is_digit(i - 2)) && !is_letter(i + 1) && !is_digit(i + 1);
    if (!behind && !before) continue;
    const int factor = name[behind ? i + 1 : i - 1] - '0';
    if (factor >= 1 && factor <= kLargestFactor) return factor;
  }
  return 0;
}

struct Factor {
  int value = 0;  // 0: not known
  std::string_view by;
};

Factor factor_of(const Port& in, const Port& out, std::size_t row, const std::string& name) {
  const auto ratio = [&](std::size_t side) -> std::int64_t {
    const std::int64_t from = in.shape[side], to = out.shape[side];
    return from > 0 && to > 0 && to % from == 0 ? to / from : 0;
  };
  const std::int64_t by_shape = ratio(row);
  if (by_shape > 0 && by_shape <= kLargestFactor && ratio(row + 1) == by_shape)
    return {static_cast<int>(by_shape), "its shapes"};
  if (const int named = factor_in_name(name); named > 0) return {named, "the file's name"};
  const bool same_names = in.dimension_names.size() == 4 && out.dimension_names.size() == 4 &&
                          !in.dimension_names[row].empty() && in.dimension_names[row] == out.dimension_names[row];
  return same_names ? Factor{1, "the names of its dimensions"} : Factor{};
}

}  // namespace

std::optional<Guess> guess_restorer(const ModelSignature& signature, std::string_view file_name) {
  if (signature.inputs.size() != 1 || signature.outputs.size() != 1) return std::nullopt;
  const Port &in = signature.inputs.front(), &out = signature.outputs.front();
  const auto is_float = [](const Port& port) { return port.type == ElementType::f32 || port.type == ElementType::f16; };
  if (in.shape.size() != 4 || out.shape.size() != 4 || !is_float(in) || !is_float(out)) return std::nullopt;
  const auto is_colour = [](std::int64_t channels) { return channels == 1 || channels == 3; };
  const bool planar = is_colour(in.shape[1]);
  const std::size_t channel = planar ? 1 : 3, row = planar ? 2 : 1;
  if (!is_colour(in.shape[channel]) || (out.shape[channel] > 0 && out.shape[channel] != in.shape[channel]))
    return std::nullopt;

  const std::string name = lower(file_name);
  const auto known = std::find_if(std::begin(kKinds), std::end(kKinds),
                                  [&](const Kind& kind) { return name.find(kind.sign) != std::string::npos; });
  const Kind& kind = known == std::end(kKinds) ? kAny : *known;
  const Factor factor = factor_of(in, out, row, name);
  const bool denoises = kind.denoises && factor.value <= 1;
  if (factor.value == 0 && !denoises) return std::nullopt;
  if (factor.value == 1 && !denoises) return std::nullopt;  // a style, a colour: nobody knows what

  Guess guess{plain_card(signature, file_name, denoises ? "denoise" : "upscale"), {}};
  InputSpec& input = guess.card.input;
  input.fit = Fit::tile;
  input.planar = planar;
  input.color = in.shape[channel] == 1 ? Color::luma : Color::rgb;
  input.overlap = kind.overlap;
  const bool fixed = in.shape[row] > 0 && in.shape[row + 1] > 0;
  input.size =
      fixed ? Size{static_cast<int>(in.shape[row + 1]), static_cast<int>(in.shape[row])} : Size{kind.tile, kind.tile};
  input.multiple = fixed ? 1 : kind.multiple;
  OutputSpec& output = guess.card.output;
  output.decoder = "picture";
  output.factor = denoises ? 1 : factor.value;
  guess.why = "pictures in and out, " +
              std::string(denoises ? "read as a denoiser" : "read as an upscaler x" + std::to_string(output.factor)) +
              (denoises ? std::string() : ", the factor by " + std::string(factor.by)) +
              ". Guessed: RGB from 0 to 1. A card beside the file is more reliable";
  return guess;
}

}  // namespace pixmill::models
