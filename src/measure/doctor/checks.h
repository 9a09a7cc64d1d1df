// The doctor's checks of everything but devices. Each check returns its rows and changes nothing.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <vector>

#include "pixmill/measure/doctor.h"
#include "pixmill/pipeline/speeds.h"

namespace pixmill::measure {

std::vector<Finding> check_processor(const Processor& processor, const std::string& container);
Finding check_memory(const Memory& memory);
Finding check_folder(const Folder& folder);
std::vector<Finding> check_formats(const std::string& libvips_version,
                                   const std::vector<codecs::FormatSupport>& formats);
Finding check_clock(std::int64_t now, std::int64_t program_made);  // seconds since 1970
Finding check_open_files(std::uint64_t limit);
Finding check_models(const std::filesystem::path& folder);
Finding check_catalogue(const platform::Home& home);

Finding check_backend(const runtime::BackendStatus& status);
Finding check_device(const DeviceReport& report);
Finding check_speeds(const std::optional<pipeline::KeptSpeeds>& speeds);  // nothing: they could not be measured

}  // namespace pixmill::measure
