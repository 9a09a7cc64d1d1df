// pixmill cache: shows the size of what is cached on disk, and clears it.
#include <algorithm>
#include <cstdio>
#include <ctime>
#include <functional>
#include <limits>

#include "cli/commands/commands.h"
#include "cli/commands/job.h"
#include "cli/commands/last_run.h"
#include "cli/output/event_json.h"
#include "cli/output/terminal.h"
#include "cli/output/text.h"
#include "pixmill/core/nearest.h"
#include "pixmill/models/model_store.h"
#include "pixmill/pipeline/catalogue_figures.h"
#include "pixmill/pipeline/result_cache.h"
#include "pixmill/pipeline/speeds.h"
#include "pixmill/pipeline/tile_costs.h"
#include "pixmill/platform/cache_folder.h"
#include "pixmill/platform/home.h"

namespace pixmill::cli {
namespace {

namespace fs = std::filesystem;
using platform::FolderUse;

struct Kind {
  std::string name;
  std::string what;
  fs::path place;
  std::int64_t limit = 0;  // bytes; 0: none
  bool is_folder = true;   // else one file with those that SQLite puts beside it
  bool by_name_only = false;
  fs::path older = {};  // a file that a new one would take its content from; goes with it
};

std::vector<Kind> kinds(const Values& values) {
  const platform::Home home = platform::find_home();
  return {
      {"results", "outputs of models", pipeline::result_folder(home.cache),
       pipeline::result_cache_limit(cache_bytes(values), home.cache)},
      {"engines", "models compiled for a device", platform::engine_folder(home.cache), platform::kEngineLimit},
      {"thumbnails", "small pictures", home.cache / "thumbnails"},
      {"hashes", "checksums of large model files", models::ModelStore(home.models).hash_file(), 0, false},
      {"speeds", "how fast the CPU is in each backend and precision", pipeline::speed_file(home), 0, false},
      {"tiles", "what tiles cost the models of upscale and denoise", pipeline::tile_cost_file(home), 0, false},
      {"catalogue", "which results are finished, and what was found in pictures", pipeline::catalogue_file(home), 0,
       false, true, pipeline::old_journal_file(home)},
  };
}

// The files of a place that is not a folder.
std::vector<fs::path> files_of(const Kind& kind) {
  std::vector<fs::path> files;
  for (const fs::path& file : {kind.place, kind.older}) {
    if (file.empty()) continue;
    for (const char* suffix : {"", "-wal", "-shm"}) files.push_back(fs::path(file) += suffix);
  }
  return files;
}

platform::FolderUse use_of(const Kind& kind) {
  if (kind.is_folder) return platform::measure_folder(kind.place);
  platform::FolderUse use;
  for (const fs::path& file : files_of(kind)) {
    std::error_code error;
    const auto bytes = fs::file_size(file, error);
    if (error) continue;
    ++use.files;
    use.bytes += static_cast<std::int64_t>(bytes);
  }
  return use;
}

platform::FolderUse clear(const Kind& kind, std::int64_t before) {
  if (kind.is_folder) return platform::clear_folder(kind.place, before);
  const platform::FolderUse use = use_of(kind);
  for (const fs::path& file : files_of(kind)) {
    std::error_code error;
    fs::remove(file, error);
  }
  return use;
}

// Those that were named, else all that may be cleared without being named.
std::vector<Kind> chosen(const Invocation& invocation, bool named_only) {
  std::vector<Kind> all = kinds(invocation.values);
  std::vector<std::string> known = {"sessions"};
  for (const Kind& kind : all) known.push_back(kind.name);
  const std::vector<std::string> names(invocation.arguments.begin() + 1, invocation.arguments.end());
  for (const std::string& name : names) {
    if (std::find(known.begin(), known.end(), name) == known.end())
      throw Error(ErrorCode::usage, "cache: there is no '" + name + "'", suggestion(name, known));
  }
  std::erase_if(all, [&](const Kind& kind) {
    if (names.empty() && kind.name == "thumbnails" && !fs::exists(kind.place)) return true;
    return names.empty() ? named_only && kind.by_name_only
                         : std::find(names.begin(), names.end(), kind.name) == names.end();
  });
  return all;
}

bool is_named(const Invocation& invocation, const char* name) {
  return std::find(invocation.arguments.begin() + 1, invocation.arguments.end(), name) != invocation.arguments.end();
}

std::string age_text(std::int64_t since) {
  const std::int64_t seconds = std::max<std::int64_t>(0, std::time(nullptr) - since);
  if (seconds < 60) return "seconds";
  if (seconds < 3600) return std::to_string(seconds / 60) + " min";
  if (seconds < 2 * 86400) return std::to_string(seconds / 3600) + " h";
  return std::to_string(seconds / 86400) + " days";
}

// How many results it knows, in brackets; nothing where it cannot be read: doctor looks into that.
std::string catalogue_text() {
  try {
    const auto figures = pipeline::read_catalogue_figures(platform::find_home());
    return figures ? " (" + count_text(figures->results, "result") + ")" : "";
  } catch (const Error&) {
    return "";
  }
}

int info(const Invocation& invocation) {
  const std::vector<Kind> all = chosen(invocation, false);
  const bool sessions = invocation.arguments.size() == 1 || is_named(invocation, "sessions");
  const std::int64_t wanted = cache_bytes(invocation.values, "session-cache");
  const std::int64_t budget = wanted < 0 ? static_cast<std::int64_t>(runtime::SessionCache::kDefaultBudget) : wanted;
  const std::optional<pipeline::CacheUse> last = read_last_run();
  if (invocation.values.on("json")) {
    nlohmann::ordered_json json = nlohmann::ordered_json::object();
    for (const Kind& kind : all) {
      const platform::FolderUse use = use_of(kind);
      json[kind.name] = {{"place", kind.place.native()}, {"files", use.files}, {"bytes", use.bytes}};
      json[kind.name]["limit_bytes"] = kind.limit > 0 ? nlohmann::ordered_json(kind.limit) : nullptr;
      json[kind.name]["oldest_use"] = use.oldest > 0 ? nlohmann::ordered_json(use.oldest) : nullptr;
    }
    if (sessions) json["sessions"] = {{"place", nullptr}, {"limit_bytes", budget}};
    json["last_run"] = last ? to_json(*last) : nullptr;
    std::puts(dump(json).c_str());
    return kAllGood;
  }
  if (!all.empty())
    std::printf("%-11s %10s %10s %7s  %-10s %s\n", "", "used", "limit", "files", "oldest", "what, where");
  for (const Kind& kind : all) {
    const platform::FolderUse use = use_of(kind);
    std::string what = kind.what;
    if (kind.name == "catalogue") what += catalogue_text();
    std::printf("%-11s %10s %10s %7lld  %-10s %s\n%55s%s\n", kind.name.c_str(), bytes_text(use.bytes).c_str(),
                kind.limit > 0           ? bytes_text(kind.limit).c_str()
                : kind.name == "results" ? "off"
                                         : "-",
                static_cast<long long>(use.files), use.oldest > 0 ? age_text(use.oldest).c_str() : "-", what.c_str(),
                "", printable(kind.place.string()).c_str());
  }
  if (sessions) {
    std::printf("%-11s loaded models stay in memory while a program runs, at most %s of them; none on disk\n",
                "sessions", bytes_text(budget).c_str());
  }
  if (last) std::printf("\nThe last run took %s from caches.\n", cache_text(*last).c_str());
  return kAllGood;
}

std::int64_t time_before(const Values& values) {
  if (!values.has("older-than")) return std::numeric_limits<std::int64_t>::max();
  const auto before = config::parse_when(values.text("older-than"), std::time(nullptr));
  if (!before)
    throw Error(ErrorCode::usage, "--older-than: '" + values.text("older-than") + "' is not a duration",
                "write 7d or 12h");
  return *before;
}

int clear(const Invocation& invocation) {
  const std::int64_t before = time_before(invocation.values);
  const bool by_age = invocation.values.has("older-than");
  std::vector<Kind> all = chosen(invocation, true);
  if (by_age) {
    for (const Kind& kind : all) {
      if (!kind.is_folder && is_named(invocation, kind.name.c_str()))
        throw Error(ErrorCode::usage, "cache: " + kind.name + " is a single file, so --older-than does not apply",
                    "leave --older-than out");
    }
    std::erase_if(all, [](const Kind& kind) { return !kind.is_folder; });
  }
  nlohmann::ordered_json json = nlohmann::ordered_json::object();
  platform::FolderUse sum;
  for (const Kind& kind : all) {
    const platform::FolderUse freed = clear(kind, before);
    sum.files += freed.files;
    sum.bytes += freed.bytes;
    json[kind.name] = {{"files", freed.files}, {"bytes", freed.bytes}};
    if (!invocation.values.on("json") && freed.files > 0) {
      std::printf("%-11s %10s  %s\n", kind.name.c_str(), bytes_text(freed.bytes).c_str(),
                  count_text(freed.files, "file").c_str());
    }
  }
  if (invocation.values.on("json")) {
    std::puts(dump({{"freed", json}, {"files", sum.files}, {"bytes", sum.bytes}}).c_str());
  } else {
    std::printf("%s\n", sum.files == 0 ? "nothing to clear" : ("freed " + bytes_text(sum.bytes)).c_str());
  }
  return kAllGood;
}

}  // namespace

int run_cache(const Invocation& invocation) {
  Invocation whole = invocation;
  if (whole.arguments.empty()) whole.arguments = {"info"};
  const std::string& word = whole.arguments.front();
  if (word == "info" && invocation.values.has("older-than"))
    throw Error(ErrorCode::usage, "--older-than goes with cache clear", "pixmill cache clear --older-than 7d");
  if (word == "info") return info(whole);
  if (word == "clear") return clear(whole);
  throw_unknown_word(invocation.values.command(), word);
}

}  // namespace pixmill::cli
