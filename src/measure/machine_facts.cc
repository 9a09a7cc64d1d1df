#include "measure/machine_facts.h"

#include <fcntl.h>
#include <sys/statvfs.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <optional>
#include <set>
#include <sstream>
#include <system_error>
#include <utility>

#include "pixmill/core/text.h"
#include "pixmill/platform/cores.h"
#include "pixmill/platform/descriptor.h"
#include "pixmill/platform/value_in.h"

namespace pixmill::measure {
namespace {

namespace fs = std::filesystem;

std::string first_line(const fs::path& path) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  return trimmed(line);
}

// Folders and links below `path` whose names start so, in order of name.
std::vector<fs::path> entries(const fs::path& path, std::string_view start) {
  std::vector<fs::path> found;
  std::error_code none;
  for (const auto& entry : fs::directory_iterator(path, none)) {
    if (entry.path().filename().string().starts_with(start)) found.push_back(entry.path());
  }
  std::sort(found.begin(), found.end());
  return found;
}

std::int64_t kilobytes_in(const fs::path& path, std::string_view key) {
  std::int64_t value = 0;
  std::istringstream(platform::value_in(path, key, ':')) >> value;
  return value * 1024;
}

std::string_view maker_of(std::string_view pci_vendor) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 3> kMakers = {
      {{"0x10de", "NVIDIA"}, {"0x1002", "AMD"}, {"0x8086", "Intel"}}};
  for (const auto& [id, maker] : kMakers) {
    if (id == pci_vendor) return maker;
  }
  return {};
}

fs::path nearest_existing(fs::path path) {
  std::error_code none;
  while (!fs::exists(path, none) && path.has_relative_path()) path = path.parent_path();
  return path;
}

// Makes a file without a name, or, on file systems that know none, one that is gone at once. Leaves errno.
bool takes_files(const fs::path& folder) {
  const platform::Descriptor nameless(::open(folder.c_str(), O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600));
  if (nameless.get() >= 0) return true;
  if (errno != EOPNOTSUPP && errno != EISDIR) return false;
  std::string name = (folder / ".pixmill_XXXXXX").string();
  const platform::Descriptor named(::mkostemp(name.data(), O_CLOEXEC));
  return named.get() >= 0 && ::unlink(name.c_str()) == 0;
}

}  // namespace

std::string processor_name(const fs::path& root) {
  std::string name = platform::value_in(root / "proc/cpuinfo", "model name", ':');
  return name.empty() ? "CPU" : name;
}

std::vector<std::string> processor_features(const fs::path& root) {
  // x86 and Arm, as the kernel spells them.
  constexpr std::array<std::pair<std::string_view, std::string_view>, 15> kNames = {{{"avx2", "AVX2"},
                                                                                     {"avx512f", "AVX-512"},
                                                                                     {"avx_vnni", "VNNI"},
                                                                                     {"avx512_vnni", "VNNI"},
                                                                                     {"avx512_bf16", "BF16"},
                                                                                     {"avx512_fp16", "FP16"},
                                                                                     {"amx_bf16", "AMX bf16"},
                                                                                     {"amx_int8", "AMX int8"},
                                                                                     {"amx_fp16", "AMX fp16"},
                                                                                     {"asimd", "NEON"},
                                                                                     {"asimdhp", "FP16"},
                                                                                     {"asimddp", "dot product"},
                                                                                     {"i8mm", "I8MM"},
                                                                                     {"bf16", "BF16"},
                                                                                     {"sve", "SVE"}}};
  std::string flags = platform::value_in(root / "proc/cpuinfo", "flags", ':');
  if (flags.empty()) flags = platform::value_in(root / "proc/cpuinfo", "Features", ':');
  std::istringstream words(flags);
  std::set<std::string> present;
  for (std::string word; words >> word;) present.insert(word);
  std::vector<std::string> features;
  for (const auto& [flag, name] : kNames) {
    const bool told = std::find(features.begin(), features.end(), name) != features.end();
    if (!told && present.contains(std::string(flag))) features.emplace_back(name);
  }
  return features;
}

int physical_cores(const fs::path& root) {
  std::set<std::string> siblings;  // threads of one core share their list
  for (const fs::path& cpu : entries(root / "sys/devices/system/cpu", "cpu")) {
    const std::string list = first_line(cpu / "topology/thread_siblings_list");
    if (!list.empty()) siblings.insert(list);
  }
  return static_cast<int>(siblings.size());
}

Memory memory_of(const fs::path& root) {
  const fs::path facts = root / "proc/meminfo";
  Memory memory;
  memory.total_bytes = kilobytes_in(facts, "MemTotal");
  memory.available_bytes = kilobytes_in(facts, "MemAvailable");
  const std::int64_t limit = platform::cgroup_memory_limit(root).value_or(0);
  if (limit < memory.total_bytes) memory.limit_bytes = limit;  // "no limit" is a very large number in version 1
  return memory;
}

std::vector<std::string> gpus_of(const fs::path& root) {
  std::vector<std::string> gpus;
  for (const fs::path& gpu : entries(root / "proc/driver/nvidia/gpus", "")) {
    gpus.push_back(platform::value_in(gpu / "information", "Model", ':'));
  }
  const bool nvidia_told = !gpus.empty();
  for (const fs::path& card : entries(root / "sys/class/drm", "card")) {
    if (card.filename().string().find('-') != std::string::npos) continue;  // "card0-HDMI-A-1" is a connector
    const std::string_view maker = maker_of(first_line(card / "device/vendor"));
    if (maker.empty() || (nvidia_told && maker == "NVIDIA")) continue;
    gpus.push_back(std::string(maker) + " GPU (device " + first_line(card / "device/device") + ")");
  }
  return gpus;
}

std::string operating_system(const fs::path& root) {
  std::string name = platform::value_in(root / "etc/os-release", "PRETTY_NAME", '=');
  return name.empty() ? "unknown system" : name;
}

std::string container_around(const fs::path& root) {
  std::error_code none;
  std::string told = first_line(root / "run/systemd/container");  // systemd-nspawn, lxc, wsl, ... as systemd names them
  if (!told.empty()) return told;
  if (fs::exists(root / "run/secrets/kubernetes.io", none)) return "kubernetes";
  if (fs::exists(root / "run/.containerenv", none)) return "podman";
  if (fs::exists(root / ".dockerenv", none)) return "docker";
  return {};
}

Folder inspect_folder(std::string purpose, const fs::path& path) {
  Folder folder{.purpose = std::move(purpose), .path = path};
  const fs::path there = nearest_existing(fs::absolute(path));
  struct statvfs disk {};
  if (::statvfs(there.c_str(), &disk) == 0) {
    folder.free_bytes = static_cast<std::int64_t>(disk.f_bavail) * static_cast<std::int64_t>(disk.f_frsize);
  }
  std::error_code none;
  if (!fs::is_directory(there, none)) {
    folder.obstacle = there.string() + " is not a folder";
    return folder;
  }
  if (takes_files(there)) return folder;
  folder.obstacle = there.string() + ": " + std::generic_category().message(errno);
  return folder;
}

}  // namespace pixmill::measure
