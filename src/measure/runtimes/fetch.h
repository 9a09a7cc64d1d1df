// Wheels from the package index, by pip, and the libraries in them.
#pragma once

#include <atomic>
#include <filesystem>
#include <span>

#include "measure/runtimes/pins.h"
#include "pixmill/measure/runtimes.h"

namespace pixmill::measure {

// Where fetch_wheel() puts it: "SHA256.whl".
std::filesystem::path wheel_file(const Wheel& wheel, const std::filesystem::path& folder);

// Fetches a missing one and checks its hash. `progress` gets the bytes of this one file. Throws as
// RuntimeStore::fetch().
void fetch_wheel(const Wheel& wheel, const std::filesystem::path& folder, const FetchProgress& progress,
                 const std::atomic<bool>& stop);

// Puts the files of a wheel that was fetched into one flat folder; licences as PROJECT-NAME.
void unpack_wheel(const Wheel& wheel, const std::filesystem::path& folder, const std::filesystem::path& to,
                  const std::atomic<bool>& stop);

}  // namespace pixmill::measure
