// Whole data sets from records: labels, and the pictures themselves, in the folders that programs want which train from
// them or import them.
#pragma once

#include <vector>

#include "pixmill/config/flag.h"
#include "pixmill/config/values.h"

namespace pixmill::pipeline {

struct DataSet {
  enum class Pictures { none, link, copy };

  bool zip = false;         // one zip file in place of a folder
  std::vector<int> shares;  // of the pictures for train and val, or for train, val and test; empty: not divided
  Pictures pictures = Pictures::none;  // that come along

  // Else formats write their files alone.
  bool wanted() const { return zip || !shares.empty() || pictures != Pictures::none; }
};

// --zip, --split, --images
const std::vector<config::Flag>& data_set_flags();

// Throws Error{usage}.
DataSet read_data_set(const config::Values& values);

}  // namespace pixmill::pipeline
