// Compiled models cached on disk, so that the next start need not compile: half the work of loading on a CPU.
#pragma once

#include <filesystem>
#include <openvino/openvino.hpp>
#include <optional>
#include <string>

#include "runtime/backends.h"

namespace pixmill::runtime {

// Where this one is kept, by content and everything that shapes it; empty: nowhere (no folder was set up, the user gave
// options, or the file would be very large).
std::filesystem::path kept_file(const LoadRequest& request, const std::string& version);

// Nothing where there is none, or one that other users can change. One that is damaged or that OpenVINO does not take
// any more is removed.
std::optional<ov::CompiledModel> import_kept(ov::Core& core, const std::filesystem::path& file,
                                             const std::string& device, const ov::AnyMap& properties);

// Whole or not at all. A disk that is full or read-only only costs the next start its time.
void keep(const ov::CompiledModel& model, const std::filesystem::path& file);

}  // namespace pixmill::runtime
