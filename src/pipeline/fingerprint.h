// Hashes of files and bytes.
#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <span>
#include <string>

#include "pixmill/pipeline/catalogue.h"

namespace pixmill::pipeline {

// Of a file on disk; empty when it is missing. Throws Error{unreadable}.
std::optional<Fingerprint> fingerprint_of(const std::filesystem::path& file);
Fingerprint fingerprint_of(std::span<const std::byte> bytes);
std::string hash_of(std::span<const std::byte> bytes);  // 128 bits in hex

}  // namespace pixmill::pipeline
