// WebP's container.
#pragma once

#include <cstddef>
#include <vector>

namespace pixmill::codecs {

// Takes the EXIF chunk out of a whole WebP file; a file without one stays as it is.
void drop_webp_exif(std::vector<std::byte>& file);

}  // namespace pixmill::codecs
