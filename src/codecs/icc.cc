#include "codecs/icc.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

namespace pixmill::codecs {
namespace {

using Bytes = std::span<const std::byte>;

constexpr std::uint32_t tag(const char (&name)[5]) {
  std::uint32_t result = 0;
  for (int i = 0; i < 4; ++i) result = result << 8 | static_cast<unsigned char>(name[i]);
  return result;
}

constexpr std::size_t kHeaderBytes = 128;

// Big-endian; outside of the profile stands 0.
std::uint32_t number(Bytes bytes, std::size_t offset, std::size_t width) {
  if (offset > bytes.size() || width > bytes.size() - offset) return 0;
  std::uint32_t result = 0;
  for (std::size_t i = 0; i < width; ++i) result = result << 8 | std::to_integer<std::uint32_t>(bytes[offset + i]);
  return result;
}

double fixed(Bytes bytes, std::size_t offset) {
  return static_cast<std::int32_t>(number(bytes, offset, 4)) / 65536.0;
}

bool is_profile(Bytes profile) {
  return profile.size() > kHeaderBytes + 4 && number(profile, 36, 4) == tag("acsp");
}

Bytes find_tag(Bytes profile, std::uint32_t wanted) {
  const std::size_t count = std::min<std::size_t>(number(profile, kHeaderBytes, 4), 100);
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t row = kHeaderBytes + 4 + i * 12;
    if (number(profile, row, 4) != wanted) continue;
    const std::size_t offset = number(profile, row + 4, 4);
    const std::size_t bytes = number(profile, row + 8, 4);
    if (offset > profile.size() || bytes > profile.size() - offset) return {};
    return profile.subspan(offset, bytes);
  }
  return {};
}

double srgb_to_linear(double v) {
  return v <= 0.04045 ? v / 12.92 : std::pow((v + 0.055) / 1.055, 2.4);
}
double linear_to_srgb(double v) {
  return v <= 0.0031308 ? v * 12.92 : 1.055 * std::pow(v, 1 / 2.4) - 0.055;
}

// A tone curve of type 'curv' or 'para': from a device value to linear light, both 0..1.
class Curve {
 public:
  static std::optional<Curve> parse(Bytes data) {
    Curve curve;
    if (number(data, 0, 4) == tag("para")) {
      constexpr std::size_t kCounts[] = {1, 3, 4, 5, 7};
      curve.kind_ = number(data, 8, 2);
      if (curve.kind_ > 4 || data.size() < 12 + 4 * kCounts[curve.kind_]) return std::nullopt;
      for (std::size_t i = 0; i < kCounts[curve.kind_]; ++i) curve.parameters_[i] = fixed(data, 12 + 4 * i);
      return curve;
    }
    if (number(data, 0, 4) != tag("curv") || data.size() < 12) return std::nullopt;
    const std::size_t count = number(data, 8, 4);
    if (count > (data.size() - 12) / 2) return std::nullopt;
    if (count <= 1) {
      curve.parameters_[0] = count == 0 ? 1.0 : number(data, 12, 2) / 256.0;
      return curve;
    }
    curve.table_.resize(count);
    for (std::size_t i = 0; i < count; ++i) curve.table_[i] = number(data, 12 + 2 * i, 2) / 65535.0;
    return curve;
  }

  double operator()(double x) const {
    if (!table_.empty()) {
      const double at = x * static_cast<double>(table_.size() - 1);
      const std::size_t low = std::min(static_cast<std::size_t>(at), table_.size() - 2);
      return std::lerp(table_[low], table_[low + 1], at - static_cast<double>(low));
    }
    const auto& [g, a, b, c, d, e, f] = parameters_;
    const double base = a * x + b;
    const double power = std::pow(std::max(base, 0.0), g);
    switch (kind_) {
      case 1: return base >= 0 ? power : 0;
      case 2: return base >= 0 ? power + c : c;
      case 3: return x >= d ? power : c * x;
      case 4: return x >= d ? power + e : c * x + f;
      default: return std::pow(x, g);
    }
  }

 private:
  std::vector<double> table_;
  std::uint32_t kind_ = 0;
  std::array<double, 7> parameters_{};  // g a b c d e f, as the standard names them
};

bool is_srgb_curve(Bytes data) {
  constexpr double kTolerance = 0.003;  // gamma 2.2 is 0.007 away
  constexpr int kSamples = 64;
  const auto curve = Curve::parse(data);
  if (!curve) return false;
  for (int i = 0; i <= kSamples; ++i) {
    const double x = static_cast<double>(i) / kSamples;
    if (std::abs((*curve)(x)-srgb_to_linear(x)) > kTolerance) return false;
  }
  return true;
}

bool is_colorant(Bytes data, const std::array<double, 3>& xyz) {
  constexpr double kTolerance = 0.002;  // profiles in use differ by 0.0004; Display P3 is 0.08 away
  if (number(data, 0, 4) != tag("XYZ ") || data.size() < 20) return false;
  for (std::size_t i = 0; i < 3; ++i) {
    if (std::abs(fixed(data, 8 + 4 * i) - xyz[i]) > kTolerance) return false;
  }
  return true;
}

}  // namespace

IccSpace icc_space(Bytes profile) {
  if (!is_profile(profile)) return IccSpace::none;
  switch (number(profile, 16, 4)) {
    case tag("GRAY"): return IccSpace::gray;
    case tag("RGB "): return IccSpace::rgb;
    case tag("CMYK"): return IccSpace::cmyk;
    default: return IccSpace::other;
  }
}

bool is_srgb(Bytes profile) {
  return icc_space(profile) == IccSpace::rgb && number(profile, 20, 4) == tag("XYZ ") &&
         find_tag(profile, tag("A2B0")).empty() &&  //
         is_colorant(find_tag(profile, tag("rXYZ")), {0.43607, 0.22249, 0.01392}) &&
         is_colorant(find_tag(profile, tag("gXYZ")), {0.38515, 0.71687, 0.09708}) &&
         is_colorant(find_tag(profile, tag("bXYZ")), {0.14307, 0.06061, 0.71410}) &&
         is_srgb_curve(find_tag(profile, tag("rTRC"))) && is_srgb_curve(find_tag(profile, tag("gTRC"))) &&
         is_srgb_curve(find_tag(profile, tag("bTRC")));
}

std::vector<std::uint16_t> gray_tone(Bytes profile, std::size_t levels) {
  const auto curve = Curve::parse(find_tag(profile, tag("kTRC")));
  if (!curve) return {};
  const double top = static_cast<double>(levels - 1);
  std::vector<std::uint16_t> tone(levels);
  bool changes = false;
  for (std::size_t i = 0; i < levels; ++i) {
    const double light = (*curve)(static_cast<double>(i) / top);
    const double value = std::isfinite(light) ? linear_to_srgb(std::clamp(light, 0.0, 1.0)) : 0.0;
    tone[i] = static_cast<std::uint16_t>(std::lround(value * top));
    changes |= tone[i] != i;
  }
  return changes ? tone : std::vector<std::uint16_t>{};
}

}  // namespace pixmill::codecs
