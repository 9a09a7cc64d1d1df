// Parts of one picture on several cores, where the caller has some.
#pragma once

#include <cstddef>

#include "pixmill/codecs/codec.h"

namespace pixmill::codecs {

// part(0) ... part(count - 1), by options.side_by_side or one after the other.
template <typename Part>
void run_side_by_side(const EncodeOptions& options, std::size_t count, const Part& part) {
  if (options.side_by_side && count > 1) {
    options.side_by_side(count, part);
  } else {
    for (std::size_t i = 0; i < count; ++i) part(i);
  }
}

}  // namespace pixmill::codecs
