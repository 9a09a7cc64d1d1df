// The packages that can be fetched: each file with its hash.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace pixmill::measure {

// A Python wheel of which only the C libraries are taken.
struct Wheel {
  std::string_view project;  // on the package index
  std::string_view version;
  std::string_view abi;       // "cp312", or "none" for any
  std::string_view platform;  // "manylinux_2_28_x86_64"
  std::string_view sha256;
  std::int64_t bytes = 0;
  std::int64_t unpacked = 0;                // bytes of `files`
  std::span<const std::string_view> files;  // its members that are unpacked
};

struct RuntimePackage {
  std::string_view name;  // "cuda"
  std::string_view version;
  std::string_view title;
  std::string_view library;  // file name of its libonnxruntime
  Wheel runtime;
  std::span<const Wheel> libraries;  // that its providers need, beside the driver
};

std::span<const RuntimePackage> runtime_packages();

}  // namespace pixmill::measure
