#include "cli/output/doctor_report.h"

#include <cstdio>
#include <ctime>

#include "cli/commands/commands.h"
#include "cli/commands/last_run.h"
#include "cli/output/machine_text.h"
#include "cli/output/terminal.h"
#include "cli/output/text.h"
#include "cli/output_file.h"
#include "cli/parse.h"
#include "pixmill/core/error.h"
#include "pixmill/measure/redact.h"
#include "pixmill/models/model_store.h"
#include "pixmill/pipeline/catalogue_figures.h"
#include "pixmill/pipeline/result_cache.h"
#include "pixmill/platform/cache_folder.h"
#include "pixmill/platform/child.h"
#include "pixmill/platform/home.h"

extern char** environ;

namespace pixmill::cli {
namespace {

std::string time_text(std::time_t moment) {
  return utc_text(moment, "%Y-%m-%d %H:%M UTC");
}

std::string row(const std::string& name, const std::string& text) {
  return "  " + name + std::string(name.size() < 20 ? 20 - name.size() : 1, ' ') + text + "\n";
}

std::string heading(std::string_view title) {
  return "\n" + std::string(title) + "\n";
}

std::string findings_text(const measure::Diagnosis& diagnosis) {
  std::string text = heading("Checks");
  for (const measure::Finding& finding : diagnosis.findings) {
    text += row(finding.subject, std::string(name_of(finding.health)) + ": " + finding.text);
  }
  return text;
}

std::string devices_text(const measure::Diagnosis& diagnosis) {
  std::string text = heading("Self-tests");
  for (const measure::DeviceReport& device : diagnosis.devices) {
    for (const measure::SelfTest& self_test : device.self_tests) {
      char figures[160];
      std::snprintf(figures, sizeof figures,
                    "%s requested, %s ran, batch %d, off by %.2g of %.2g, %d of %d nodes on the CPU",
                    std::string(name_of(self_test.asked)).c_str(), std::string(name_of(self_test.ran)).c_str(),
                    self_test.batch, self_test.error, self_test.tolerance, self_test.nodes_on_cpu, self_test.nodes);
      text += row(device.status.id, self_test.model + ": " + figures +
                                        (self_test.trouble.empty() ? "" : "; " + self_test.trouble) +
                                        (self_test.refused.empty() ? "" : "; " + self_test.refused));
    }
  }
  return text;
}

// The settings that differ from the defaults, and where they come from. The folder of a path is private, its last part
// is not.
std::string settings_text(const std::filesystem::path& file) {
  std::string text =
      heading("Settings that differ from the defaults (" + std::string(default_job_command().name) + ")");
  try {
    const Invocation resolved = parse(default_job_command(), {}, file);
    const std::size_t before = text.size();
    for (const Flag* flag : resolved.values.command().flags) {
      const auto found = resolved.values.all().find(flag->name);
      if (found == resolved.values.all().end() || found->second.origin == Origin::fallback) continue;
      std::string value;
      for (const std::string& one : found->second.texts) {
        value += (value.empty() ? "" : ",") +
                 (flag->kind == Kind::path ? std::filesystem::path(one).filename().string() : one);
      }
      text += row(std::string(flag->name), value + "  (" + std::string(name_of(found->second.origin)) + ")");
    }
    if (text.size() == before) text += row("none", "defaults apply");
  } catch (const Error& error) {
    text += row("not readable", error.message());
  }
  return text;
}

std::string environment_text() {
  std::string text = heading("Environment");
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view variable(*entry);
    for (const std::string_view start : {"PIXMILL_", "ONNXRUNTIME_LIB=", "OMP_", "MKL_",
                                         "CUDA_VISIBLE_DEVICES=", "LD_LIBRARY_PATH=", "VIPS_", "MALLOC_"}) {
      if (!variable.starts_with(start)) continue;
      const std::size_t equals = variable.find('=');
      text += row(std::string(variable.substr(0, equals)), std::string(variable.substr(equals + 1)));
    }
  }
  return text;
}

std::string models_text(const std::filesystem::path& folder) {
  std::string text = heading("Models that are here");
  try {
    for (const models::StoreEntry& entry : models::ModelStore(folder).list()) {
      if (entry.presence == models::Presence::absent) continue;
      const char* const how = entry.presence == models::Presence::built_in  ? "built in"
                              : entry.presence == models::Presence::damaged ? "damaged"
                                                                            : "present";
      std::error_code none;
      const auto bytes = entry.path.empty() ? 0 : std::filesystem::file_size(entry.path, none);
      text += row(entry.card.id, entry.card.task + ", " + how +
                                     (bytes > 0 && !none ? ", " + bytes_text(static_cast<std::int64_t>(bytes)) : ""));
    }
  } catch (const Error& error) {
    text += row("not readable", error.message());
  }
  return text;
}

std::string caches_text(const std::filesystem::path& cache) {
  std::string text = heading("Caches");
  const auto add = [&](const char* name, const std::filesystem::path& folder) {
    const platform::FolderUse use = platform::measure_folder(folder);
    text += row(name, count_text(use.files, "file") + ", " + bytes_text(use.bytes));
  };
  add("results", pipeline::result_folder(cache));
  add("engines", platform::engine_folder(cache));
  const std::optional<pipeline::CacheUse> last = read_last_run();
  return text + row("last run", last ? "took " + cache_text(*last) + " from caches" : "not known");
}

std::string catalogue_text(const platform::Home& home) {
  std::string text = heading("Catalogue");
  try {
    const auto figures = pipeline::read_catalogue_figures(home);
    if (!figures) return text + row("results", "none so far");
    text += row("results", std::to_string(figures->results) + ", " + bytes_text(figures->bytes) + " of files");
    text += row("interrupted", std::to_string(figures->open));
    if (figures->newest > 0) text += row("newest", time_text(figures->newest));
  } catch (const Error& error) {
    text += row("not readable", error.message());
  }
  return text;
}

measure::Redactor redactor_for(const platform::Home& home, const std::filesystem::path& output) {
  measure::Redactor redactor;
  redactor.add(home.settings.parent_path(), "<settings>");
  redactor.add(home.models, "<models>");
  redactor.add(home.state, "<state>");
  redactor.add(home.cache, "<cache>");
  redactor.add(home.data, "<data>");
  redactor.add(output, "<output>");
  redactor.add(std::filesystem::path(platform::own_program()).parent_path(), "<program>");
  return redactor;
}

}  // namespace

std::string bug_report(const measure::Diagnosis& diagnosis, const std::filesystem::path& output) {
  const platform::Home home = platform::find_home();
  const std::string facts = "\n" + text_of(diagnosis.machine) + "\n" + findings_text(diagnosis) +
                            devices_text(diagnosis) + settings_text(home.settings) + environment_text() +
                            models_text(home.models) + caches_text(home.cache) + catalogue_text(home);
  return std::string(kDoctorMark) + time_text(std::time(nullptr)) +
         "\nFolders, user and host are replaced by <words>; read it through before you send it.\n" +
         redactor_for(home, output)(facts);
}

}  // namespace pixmill::cli
