#include "measure/mask_check/names.h"

#include <cctype>
#include <optional>

#include "pixmill/codecs/codec.h"

namespace pixmill::measure {
namespace fs = std::filesystem;
namespace {

std::string filled(std::string_view name_template, const fs::path& photograph, std::string_view extension) {
  std::string name(name_template);
  const auto put = [&](std::string_view field, const std::string& value) {
    if (const std::size_t at = name.find(field); at != std::string::npos) name.replace(at, field.size(), value);
  };
  put("{dir}", photograph.parent_path().string());
  put("{stem}", photograph.stem().string());
  put("{file}", photograph.filename().string());
  put("{ext}", std::string(extension));
  return name.starts_with('/') ? name.substr(1) : name;
}

}  // namespace

std::vector<std::string> wanted_names(const tasks::MaskProfile& profile, const fs::path& photograph) {
  std::vector<std::string> names;
  for (const std::string_view extension : profile.extensions)
    names.push_back(filled(profile.name_template, photograph, extension));
  for (const std::string_view other : profile.also) names.push_back(filled(other, photograph, "png"));
  return names;
}

std::string bare_name(const fs::path& file) {
  std::string name = file.filename().string();
  for (char& c : name) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  for (bool shorter = true; shorter;) {
    shorter = false;
    const std::size_t dot = name.rfind('.');
    if (dot != std::string::npos && dot > 0 && codecs::format_from(name.substr(dot + 1))) {
      name.resize(dot);
      shorter = true;
    }
    for (const std::string_view word : {"_mask", ".mask", "-mask", " mask", "_masks", "_m"}) {
      if (name.size() <= word.size() || !name.ends_with(word)) continue;
      name.resize(name.size() - word.size());
      shorter = true;
    }
  }
  return name;
}

}  // namespace pixmill::measure
