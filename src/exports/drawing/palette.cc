#include "exports/drawing/palette.h"

#include <cmath>
#include <cstddef>
#include <iterator>

namespace pixmill::exports {
namespace {

// Bluish ones and reddish ones by turns, so that neighbours in a list of classes differ most.
constexpr Colour kHues[] = {
    {0xE6, 0x9F, 0x00},  // orange
    {0x56, 0xB4, 0xE9},  // sky blue
    {0x00, 0x9E, 0x73},  // bluish green
    {0xF0, 0xE4, 0x42},  // yellow
    {0x00, 0x72, 0xB2},  // blue
    {0xD5, 0x5E, 0x00},  // vermilion
    {0xCC, 0x79, 0xA7},  // reddish purple
};
constexpr double kShift = 0.45;  // of the way to white or black: a hue's three colours stay apart

Colour mixed(Colour colour, double other, double share) {
  for (std::uint8_t& sample : colour)
    sample = static_cast<std::uint8_t>(std::lround(sample * (1 - share) + other * share));
  return colour;
}

// Relative luminance of WCAG 2.1, 0..1.
double luminance(Colour colour) {
  const auto linear = [](double value) {
    return value <= 0.04045 ? value / 12.92 : std::pow((value + 0.055) / 1.055, 2.4);
  };
  return 0.2126 * linear(colour[0] / 255.0) + 0.7152 * linear(colour[1] / 255.0) + 0.0722 * linear(colour[2] / 255.0);
}

}  // namespace

Colour class_colour(int label) {
  const auto number = static_cast<std::size_t>(label);
  const Colour hue = kHues[number % std::size(kHues)];
  switch (number / std::size(kHues) % 3) {
    case 0: return hue;
    case 1: return mixed(hue, 255, kShift);
    default: return mixed(hue, 0, kShift);
  }
}

Colour text_colour(Colour ground) {
  constexpr double kFlare = 0.05;  // WCAG: (lighter + 0.05) / (darker + 0.05)
  const double on_black = (luminance(ground) + kFlare) / kFlare;
  const double on_white = (1 + kFlare) / (luminance(ground) + kFlare);
  return on_black >= on_white ? Colour{0, 0, 0} : Colour{255, 255, 255};
}

}  // namespace pixmill::exports
