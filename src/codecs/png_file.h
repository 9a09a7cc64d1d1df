// Whole PNG files.
#pragma once

#include <cstddef>
#include <vector>

#include "pixmill/codecs/codec.h"
#include "pixmill/codecs/rows.h"

namespace pixmill::codecs {

// All that stands before the pixels: signature, header, and what the options' metadata has. `spec`: of the stored type.
std::vector<std::byte> png_head(const RowSpec& spec, const Metadata* metadata);

// `image`: of the stored type.
std::vector<std::byte> encode_png(ImageView image, const EncodeOptions& options);

}  // namespace pixmill::codecs
