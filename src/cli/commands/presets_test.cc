#include "pixmill/config/presets.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "cli/commands/commands.h"
#include "pixmill/config/old_settings.h"
#include "pixmill/core/error.h"

namespace pixmill::cli {
namespace {

// The setting of this name among the flags of all commands, or of one.
const Flag* setting(std::string_view name, std::string_view section = {}) {
  for (const Command& command : commands()) {
    const Flag* flag = find_flag(command, name);
    if ((section.empty() || command.name == section) && flag != nullptr && flag->setting) return flag;
  }
  return nullptr;
}

TEST(Presets, AreReadFromText) {
  const config::Preset preset = config::parse_preset("batch: 2\ncutout: {background: white}\n", "some/shop.yaml");
  EXPECT_EQ(preset.name, "shop");
  EXPECT_EQ(preset.summary, "batch=2 cutout.background=white");
  try {
    config::parse_preset("batch: 2\npreset: fast\n", "some/shop.yaml");
    ADD_FAILURE() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.message(), "some/shop.yaml:2: presets hold no presets");
  }
}

TEST(Presets, BuiltInOnesHoldSettingsThatFit) {
  const std::vector<config::Preset> presets = config::all_presets("/nowhere");
  EXPECT_GE(presets.size(), 3U);
  for (const config::Preset& preset : presets) {
    EXPECT_FALSE(preset.summary.empty()) << preset.name;
    EXPECT_FALSE(preset.settings.empty()) << preset.name;
    for (const config::Setting& row : preset.settings) {
      const Flag* flag = setting(row.key, row.section);
      ASSERT_NE(flag, nullptr) << row.key;
      for (const std::string& value : row.values) EXPECT_EQ(refuse_value(*flag, value), "") << row.key;
    }
  }
}

TEST(OldSettings, EveryRowMeansASettingThatIsThereOrSaysWhyNot) {
  std::vector<std::string_view> names;
  for (const config::OldSetting& old : config::old_settings()) {
    EXPECT_EQ(std::count(names.begin(), names.end(), old.name), 0) << old.name;
    names.push_back(old.name);
    EXPECT_FALSE(old.values.empty()) << old.name;
    for (const config::OldValue& value : old.values) {
      EXPECT_TRUE(!value.ours.empty() || !value.because.empty()) << old.name;
      EXPECT_TRUE(value.on_device.empty() || !value.because.empty()) << old.name;
      for (const auto& [key, text] : value.ours) {
        const Flag* flag = setting(key);
        ASSERT_NE(flag, nullptr) << key;
        if (text.find("{}") == text.npos) {
          EXPECT_EQ(refuse_value(*flag, text), "") << old.name << " " << key;
        }
      }
    }
  }
}

}  // namespace
}  // namespace pixmill::cli
