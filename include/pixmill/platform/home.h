// The folders of pixmill's files.
#pragma once

#include <filesystem>

namespace pixmill::platform {

struct Home {
  std::filesystem::path settings;  // the settings file
  std::filesystem::path models;    // cards and weights
  std::filesystem::path state;     // catalogue, locks of running jobs
  std::filesystem::path cache;     // what can be made again: results, compiled models
  std::filesystem::path data;      // runtimes and environments that pixmill fetched for the user
};

// PIXMILL_HOME takes all in one folder; without it, the XDG folders (XDG_CONFIG_HOME, XDG_DATA_HOME, XDG_STATE_HOME,
// XDG_CACHE_HOME or their defaults below HOME); relative XDG folders and a relative HOME count as not set. Nothing is
// created. Throws Error{usage} where none of them names a place: a folder that all users share is never taken.
Home find_home();

}  // namespace pixmill::platform
