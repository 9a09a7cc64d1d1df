// IPTC records inside Photoshop's resource blocks, as JPEG carries them.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace pixmill::codecs {

// The bare IPTC record of a block that may be framed; the block itself where it is not; empty where it holds none.
std::span<const std::byte> unwrap_iptc(std::span<const std::byte> block);

// The record framed for a JPEG's APP13 segment.
std::vector<std::byte> wrap_iptc(std::span<const std::byte> record);

}  // namespace pixmill::codecs
