// Things as bytes, for the time of an import: in the order of this machine.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "pixmill/imports/label_set.h"

namespace pixmill::imports {

// Before each thing: where the one before it of the same picture is, and how long this one is.
struct Link {
  std::uint64_t previous = 0;
  std::uint64_t bytes = 0;
};
inline constexpr std::size_t kLinkBytes = sizeof(Link);

std::string linked(std::uint64_t previous, const Thing& thing);  // a link with the thing behind it
Link link_of(std::string_view bytes);
Thing thing_of(std::string_view bytes);

}  // namespace pixmill::imports
