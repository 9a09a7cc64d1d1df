// The words that a card uses for the values of its enumerations: one table for reading and writing.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "pixmill/models/model_card.h"

namespace pixmill::models {

template <typename Value>
struct Word {
  std::string_view word;
  Value value;
};

inline constexpr Word<Fit> kFits[] = {{"stretch", Fit::stretch},         {"short_side", Fit::short_side},
                                      {"letterbox", Fit::letterbox},     {"letterbox_corner", Fit::letterbox_corner},
                                      {"center_crop", Fit::center_crop}, {"tile", Fit::tile}};
inline constexpr Word<Scale> kScales[] = {
    {"unit", Scale::unit}, {"image_max", Scale::image_max}, {"symmetric", Scale::symmetric}, {"none", Scale::none}};
inline constexpr Filter kFilters[] = {Filter::nearest, Filter::box,      Filter::bilinear,
                                      Filter::bicubic, Filter::lanczos3, Filter::linear};
inline constexpr Word<Color> kColors[] = {{"rgb", Color::rgb}, {"bgr", Color::bgr}, {"luma", Color::luma}};
inline constexpr Word<bool> kLayouts[] = {{"nchw", true}, {"nhwc", false}};
inline constexpr Word<bool> kSecondInputs[] = {{"none", false}, {"size", true}};
inline constexpr Word<Activation> kActivations[] = {
    {"none", Activation::none}, {"sigmoid", Activation::sigmoid}, {"softmax", Activation::softmax}};
inline constexpr Word<Rescale> kRescales[] = {{"none", Rescale::none}, {"minmax", Rescale::minmax}};
inline constexpr Word<Pool> kPools[] = {{"none", Pool::none}, {"first", Pool::first}, {"mean", Pool::mean}};
inline constexpr std::string_view kTasks[] = {"cutout", "detect", "segment", "upscale", "denoise", "embed"};
inline constexpr std::string_view kPrecisions[] = {"bf16", "fp16", "int8"};

template <typename Value, std::size_t count>
std::string_view word_of(const Word<Value> (&words)[count], Value value) {
  for (const Word<Value>& word : words) {
    if (word.value == value) return word.word;
  }
  return words[0].word;
}

template <typename Value, std::size_t count>
std::vector<std::string> all_words(const Word<Value> (&words)[count]) {
  std::vector<std::string> all;
  for (const Word<Value>& word : words) all.emplace_back(word.word);
  return all;
}

// What a file of a model may be called: no folder, not hidden, none of the store's own files, at most 128 bytes.
bool is_file_name(std::string_view text);

}  // namespace pixmill::models
