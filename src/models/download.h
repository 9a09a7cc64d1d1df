// Downloads one file, resumed however often the connection breaks.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string>

#include "pixmill/models/model_store.h"

namespace pixmill::models {

struct DownloadPolicy {
  int attempts = 5;                            // in a row that bring nothing; one that brings bytes restarts the count
  std::chrono::milliseconds first_pause{500};  // before the second attempt; doubles each time
  int stall_seconds = 30;                      // less than 1 kB/s for so long is a broken connection
  int connect_seconds = 20;
  int most_redirects = 5;
};

struct Download {
  std::string url;             // http or https
  std::filesystem::path part;  // where the bytes go; what is there already is gone on from
  std::int64_t bytes = 0;      // of the whole file; 0: not known
};

// Leaves the whole file at `part`, unverified. Returns whether a part that was there before this call was gone on from.
// A redirect never leads from https to http. What came in stays at `part` when the transfer fails, together with the
// server's mark for the file, so that the next call goes on there. Throws Error: network, corrupt (another size than
// `bytes`; the part is removed), disk_full, unwritable, interrupted (`progress` answered false).
bool download(const Download& file, const PullProgress& progress, const DownloadPolicy& policy = {});

// Removes the part and its mark.
void forget_part(const std::filesystem::path& part);

}  // namespace pixmill::models
