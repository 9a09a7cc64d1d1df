#include "measure/doctor/checks.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

#include "pixmill/core/bytes_text.h"
#include "pixmill/core/error.h"
#include "pixmill/core/text.h"
#include "pixmill/models/model_store.h"
#include "pixmill/pipeline/catalogue_figures.h"
#include "pixmill/platform/cores.h"

namespace pixmill::measure {
namespace {

constexpr std::int64_t kGiB = std::int64_t{1} << 30;
constexpr std::int64_t kDay = 24 * 60 * 60;

std::string counted(int count, std::string_view one) {
  return std::to_string(count) + " " + std::string(one) + (count == 1 ? "" : "s");
}

bool has(const Processor& processor, std::string_view feature) {
  return std::find(processor.features.begin(), processor.features.end(), feature) != processor.features.end();
}

std::string cores_text(const Processor& processor) {
  std::string text = counted(processor.usable_cores, "core") + " for pixmill";
  if (processor.usable_cores < processor.logical_cores) text += " of " + std::to_string(processor.logical_cores);
  if (processor.affinity_cores < processor.logical_cores) {
    text += "; this process may run on " + std::to_string(processor.affinity_cores);
  }
  if (processor.quota > 0) {
    char quota[64];
    std::snprintf(quota, sizeof quota, "; its control group grants %.3g", processor.quota);
    text += quota;
  }
  return text;
}

// What brings a codec to Debian and its children.
std::string_view remedy_for(codecs::Format format) {
  switch (format) {
    case codecs::Format::avif:
      return "apt install libheif1 (Debian 13 also: libheif-plugin-dav1d libheif-plugin-aomenc)";
    case codecs::Format::heic: return "apt install libheif1 (Debian 13 also: libheif-plugin-libde265)";
    case codecs::Format::jxl: return "a libvips built with libjxl: libvips42 of Debian 12 or later";
    default: return "install a complete libvips: apt install libvips42";
  }
}

}  // namespace

std::string_view name_of(Health health) {
  switch (health) {
    case Health::ok: return "ok";
    case Health::warning: return "warning";
    case Health::problem: return "problem";
    case Health::absent: return "not here";
  }
  return "problem";
}

std::vector<Finding> check_processor(const Processor& processor, const std::string& container) {
  Finding cores{.group = "Machine", .subject = "cores", .text = cores_text(processor)};
  if (!container.empty()) cores.text += "; in a container (" + container + ")";
  if (processor.quota > 0 && processor.quota < 1) {
    cores.health = Health::warning;
    cores.remedy = "less than one core is granted: give the container more (docker run --cpus 2)";
  }
  Finding features{.group = "Machine", .subject = "instructions", .text = joined(processor.features, ", ")};
  if (!has(processor, "AVX2") && !has(processor, "NEON")) {
    features.health = Health::warning;
    features.text = "no AVX2: models run several times slower here";
    features.remedy = "in a virtual machine, pass the host's processor through (-cpu host)";
  }
  return {cores, features};
}

Finding check_memory(const Memory& memory) {
  Finding finding{.group = "Machine", .subject = "memory"};
  finding.text = bytes_text(memory.usable_bytes()) + ", " + bytes_text(memory.available_bytes) + " available";
  if (memory.limit_bytes > 0) finding.text += "; its control group grants " + bytes_text(memory.limit_bytes);
  if (memory.usable_bytes() < 2 * kGiB || memory.available_bytes < kGiB) {
    finding.health = Health::warning;
    finding.remedy = "large models may not fit: --preset low-memory, a smaller model, or close other programs";
  }
  return finding;
}

Finding check_folder(const Folder& folder) {
  Finding finding{.group = "Storage", .subject = folder.purpose, .text = folder.path.string()};
  if (!folder.obstacle.empty()) {
    finding.health = Health::problem;
    finding.text += " cannot be written: " + folder.obstacle;
    finding.remedy = folder.purpose == "output" ? "name another folder, or change its permissions"
                                                : "change its permissions, or set PIXMILL_HOME to a folder of yours";
  } else if (folder.free_bytes >= 0) {
    finding.text += ", " + bytes_text(folder.free_bytes) + " free";
    if (folder.free_bytes >= kGiB) return finding;
    finding.health = folder.free_bytes < kGiB / 10 ? Health::problem : Health::warning;
    finding.remedy = folder.purpose == "output"
                         ? "free some space, or name a folder on another disk"
                         : "free some space (pixmill cache clear), or set PIXMILL_HOME elsewhere";
  }
  return finding;
}

std::vector<Finding> check_formats(const std::string& libvips_version,
                                   const std::vector<codecs::FormatSupport>& formats) {
  std::vector<std::string> reads, writes;
  std::vector<Finding> missing;
  for (const codecs::FormatSupport& row : formats) {
    const std::string name(name_of(row.format));
    if (row.read) reads.push_back(name);
    if (row.write) writes.push_back(name);
    const bool basic =
        row.format == codecs::Format::jpeg || row.format == codecs::Format::png || row.format == codecs::Format::webp;
    const bool offered = basic || row.format == codecs::Format::avif;  // as a --format
    if (row.read && (row.write || !offered)) continue;
    missing.push_back({.group = "Pictures",
                       .subject = name,
                       .health = basic ? Health::problem : Health::warning,
                       .text = std::string("this libvips cannot ") + (row.read ? "write" : "read") + " " + name,
                       .remedy = std::string(remedy_for(row.format))});
  }
  missing.insert(missing.begin(),
                 {.group = "Pictures",
                  .subject = "libvips",
                  .text = libvips_version + "; reads " + joined(reads, ", ") + "; writes " + joined(writes, ", ")});
  return missing;
}

Finding check_clock(std::int64_t now, std::int64_t program_made) {
  Finding finding{.group = "Machine", .subject = "clock", .text = "plausible"};
  if (now < program_made - kDay) {
    finding.health = Health::warning;
    finding.text = "it is earlier than the build date of this program";
    finding.remedy = "set the clock: downloads fail and --newer-than selects the wrong files";
  }
  return finding;
}

Finding check_open_files(std::uint64_t limit) {
  Finding finding{.group = "Machine", .subject = "open files", .text = "up to " + std::to_string(limit)};
  if (limit > 1'000'000) finding.text = "no practical limit";
  if (limit < 1024) {
    finding.health = Health::warning;
    finding.remedy = "runtimes and pictures may run out of them: ulimit -n 4096";
  }
  return finding;
}

Finding check_models(const std::filesystem::path& folder) {
  Finding finding{.group = "Storage", .subject = "models"};
  std::vector<std::string> here, damaged;
  try {
    for (const models::StoreEntry& entry : models::ModelStore(folder).list()) {
      if (entry.presence == models::Presence::damaged) damaged.push_back(entry.card.id);
      if (entry.presence == models::Presence::built_in || entry.presence == models::Presence::present) {
        here.push_back(entry.card.id);
      }
    }
  } catch (const Error& error) {
    finding.health = Health::problem;
    finding.text = error.message();
    finding.remedy = error.hint();
    return finding;
  }
  finding.text = joined(here, ", ");
  if (!damaged.empty()) {
    finding.health = Health::problem;
    finding.text += "; damaged: " + joined(damaged, ", ");
    finding.remedy = "pixmill models pull " + damaged.front();
  }
  return finding;
}

Finding check_catalogue(const platform::Home& home) {
  Finding finding{.group = "Storage", .subject = "catalogue"};
  try {
    const auto figures = pipeline::read_catalogue_figures(home);
    finding.text = figures ? counted(static_cast<int>(figures->results), "result") + " remembered" : "none so far";
  } catch (const Error& error) {
    finding.health = Health::problem;
    finding.text = error.message();
    finding.remedy = error.hint();
  }
  return finding;
}

}  // namespace pixmill::measure
