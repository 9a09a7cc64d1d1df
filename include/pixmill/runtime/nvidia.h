// NVIDIA's cards, as the driver reports them; libcuda is opened at the first call.
#pragma once

#include <string>

#include "pixmill/runtime/devices.h"

namespace pixmill::runtime {

// Bytes of the card's memory; 0 where there is no such card.
std::size_t nvidia_memory(int index);

// What nvidia_title() says of given cards.
std::string title_of(const std::vector<Gpu>& cards);

}  // namespace pixmill::runtime
