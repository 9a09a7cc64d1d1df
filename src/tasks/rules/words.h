// The words that rules know, and what numbers beside them mean.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "tasks/rules/program.h"

namespace pixmill::tasks::rules {

enum class Unit { count, area, across, down, share, ratio, pixels, sharpness, brightness };

struct TraitWord {
  std::string_view name;
  Trait trait;
  Unit unit;
};

struct PropertyWord {
  std::string_view name;
  Property property;
  Unit unit;
};

inline constexpr std::array<TraitWord, 7> kTraits = {{{"area", Trait::area, Unit::area},
                                                      {"width", Trait::width, Unit::across},
                                                      {"height", Trait::height, Unit::down},
                                                      {"x", Trait::x, Unit::across},
                                                      {"y", Trait::y, Unit::down},
                                                      {"confidence", Trait::confidence, Unit::share},
                                                      {"aspect", Trait::aspect, Unit::ratio}}};

inline constexpr std::array<PropertyWord, 6> kProperties = {{{"width", Property::width, Unit::pixels},
                                                             {"height", Property::height, Unit::pixels},
                                                             {"pixels", Property::pixels, Unit::pixels},
                                                             {"aspect", Property::aspect, Unit::ratio},
                                                             {"sharpness", Property::sharpness, Unit::sharpness},
                                                             {"brightness", Property::brightness, Unit::brightness}}};

inline constexpr std::string_view kAny = "any", kCount = "count", kTotalArea = "total_area", kName = "name",
                                  kDate = "date";

const TraitWord* find_trait(std::string_view name);
const PropertyWord* find_property(std::string_view name);

std::vector<std::string> trait_names();
std::vector<std::string> function_names();  // what takes things in parentheses
std::vector<std::string> all_words();       // those that a class of that name must be quoted for, without and, or, not

}  // namespace pixmill::tasks::rules
