// Settings of other programs, and what each is called here: of AnyLabeling, X-AnyLabeling and desktop programs like
// them.
#pragma once

#include <span>
#include <string_view>
#include <utility>
#include <vector>

namespace pixmill::config {

// What one value of an old setting means.
struct OldValue {
  std::string_view value = {};                                           // any other, where empty; case does not matter
  std::vector<std::pair<std::string_view, std::string_view>> ours = {};  // our settings; {} stands for the old value
  std::string_view because = {};                                         // why there is nothing to set
  std::string_view on_device = {};                                       // only where this device is imported too
};

struct OldSetting {
  std::string_view name;  // the last part of it: "batch_size" of "performance.batch_size"
  std::vector<OldValue> values;
};

// Where two old settings mean one of ours, the first in this table decides.
std::span<const OldSetting> old_settings();

}  // namespace pixmill::config
