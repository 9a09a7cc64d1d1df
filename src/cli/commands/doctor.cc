// pixmill doctor: checks that everything is present, works and computes correct results.
#include "pixmill/measure/doctor.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "cli/commands/commands.h"
#include "cli/output/doctor_report.h"
#include "cli/output/event_json.h"
#include "cli/output/live_line.h"
#include "cli/output/machine_text.h"
#include "cli/output/terminal.h"
#include "cli/output/text.h"
#include "cli/output_file.h"
#include "cli/parse.h"
#include "pixmill/platform/child.h"
#include "pixmill/platform/files.h"
#include "pixmill/platform/home.h"

namespace pixmill::cli {
namespace {

using measure::Health;

// The arguments with which the program calls itself to test one device: `pixmill doctor self-test DEVICE`.
constexpr std::string_view kSelfTest = "self-test";

constexpr int kHealthColumns = 10;
constexpr int kSubjectColumns = 14;
constexpr int kTextStart = 2 + kHealthColumns + kSubjectColumns;

const char* colour_of(Health health) {
  switch (health) {
    case Health::ok: return "\x1b[32m";
    case Health::warning: return "\x1b[33m";
    case Health::problem: return "\x1b[1;31m";
    case Health::absent: return "\x1b[2m";
  }
  return "";
}

bool colours_wanted() {
  const char* forbidden = std::getenv("NO_COLOR");
  return ::isatty(STDOUT_FILENO) != 0 && (forbidden == nullptr || *forbidden == '\0');
}

std::string padded(std::string_view text, int columns) {
  std::string all(text);
  all.resize(std::max(all.size() + 1, static_cast<std::size_t>(columns)), ' ');
  return all;
}

void print_text(const measure::Diagnosis& diagnosis) {
  const bool terminal = ::isatty(STDOUT_FILENO) != 0;
  const bool colours = colours_wanted();
  const int width = terminal ? std::clamp(terminal_width(stdout), kTextStart + 30, 120) : 1 << 20;
  std::printf("%s\n", wrapped(printable(text_of(diagnosis.machine)), 0, width).c_str());
  std::string group;
  for (const measure::Finding& finding : diagnosis.findings) {
    if (finding.group != group) std::printf("\n%s\n", (group = finding.group).c_str());
    std::printf("  %s%s%s%s%s\n", colours ? colour_of(finding.health) : "",
                padded(name_of(finding.health), kHealthColumns).c_str(), colours ? "\x1b[0m" : "",
                padded(printable(finding.subject), kSubjectColumns).c_str(),
                wrapped(printable(finding.text), kTextStart, width).c_str());
    if (!finding.remedy.empty()) {
      std::printf("%*s-> %s\n", kTextStart, "", wrapped(printable(finding.remedy), kTextStart + 3, width).c_str());
    }
  }
  const int problems = diagnosis.count(Health::problem);
  const int warnings = diagnosis.count(Health::warning);
  std::printf("\n%s%s, %s; %d ok, %d not here%s\n",
              colours ? colour_of(problems > 0   ? Health::problem
                                  : warnings > 0 ? Health::warning
                                                 : Health::ok)
                      : "",
              count_text(problems, "problem").c_str(), count_text(warnings, "warning").c_str(),
              diagnosis.count(Health::ok), diagnosis.count(Health::absent), colours ? "\x1b[0m" : "");
}

nlohmann::ordered_json device_json(const measure::DeviceReport& report) {
  nlohmann::ordered_json json = {{"id", report.status.id},         {"available", report.status.available},
                                 {"reason", report.status.reason}, {"hardware", report.status.hardware},
                                 {"crash", report.crash},          {"self_tests", nlohmann::ordered_json::array()}};
  for (const measure::SelfTest& self_test : report.self_tests) {
    json["self_tests"].push_back({{"model", self_test.model},
                                  {"asked", name_of(self_test.asked)},
                                  {"ran", name_of(self_test.ran)},
                                  {"batch", self_test.batch},
                                  {"error", self_test.error},
                                  {"tolerance", self_test.tolerance},
                                  {"nodes", self_test.nodes},
                                  {"nodes_on_cpu", self_test.nodes_on_cpu},
                                  {"trouble", self_test.trouble},
                                  {"refused", self_test.refused}});
  }
  return json;
}

void print_json(const measure::Diagnosis& diagnosis) {
  nlohmann::ordered_json json = {{"problems", diagnosis.count(Health::problem)},
                                 {"warnings", diagnosis.count(Health::warning)},
                                 {"machine", to_json(diagnosis.machine)},
                                 {"findings", nlohmann::ordered_json::array()},
                                 {"devices", nlohmann::ordered_json::array()}};
  for (const measure::Finding& finding : diagnosis.findings) {
    json["findings"].push_back({{"group", finding.group},
                                {"subject", finding.subject},
                                {"health", name_of(finding.health)},
                                {"text", finding.text},
                                {"remedy", finding.remedy}});
  }
  for (const measure::DeviceReport& report : diagnosis.devices) json["devices"].push_back(device_json(report));
  std::puts(dump(json).c_str());
}

// The one check that needs to know the flags.
measure::Finding check_settings(const std::filesystem::path& file) {
  measure::Finding finding{.group = "Storage", .subject = "settings"};
  try {
    parse(default_job_command(), {}, file);
    std::error_code none;
    finding.text = std::filesystem::exists(file, none) ? file.string() : "no file; defaults apply";
  } catch (const Error& error) {
    finding.health = Health::problem;
    finding.text = error.message();
    finding.remedy = error.hint();
  }
  return finding;
}

void insert_into_group(std::vector<measure::Finding>& findings, measure::Finding finding) {
  const auto last = std::find_if(findings.rbegin(), findings.rend(),
                                 [&](const measure::Finding& other) { return other.group == finding.group; });
  findings.insert(last.base(), std::move(finding));
}

void check_arguments(const Invocation& invocation) {
  for (const std::string& word : invocation.arguments) {
    if (word.starts_with('-')) throw_unknown_flag(invocation.values.command(), word);
  }
  if (invocation.arguments.size() > 1) {
    throw Error(ErrorCode::usage,
                "doctor checks one output folder, not " + std::to_string(invocation.arguments.size()));
  }
}

int run_one_self_test(const std::string& device) {
  measure::run_self_tests(device, platform::find_home(), [](const std::string& line) {
    std::puts(line.c_str());
    std::fflush(stdout);  // a crash must not lose the output before it
  });
  return kAllGood;
}

}  // namespace

int run_doctor(const Invocation& invocation) {
  if (invocation.arguments.size() == 2 && invocation.arguments[0] == kSelfTest) {
    return run_one_self_test(invocation.arguments[1]);
  }
  check_arguments(invocation);
  const std::string& report = invocation.values.text("report");
  const bool overwrite = invocation.values.on("overwrite");
  if (!report.empty()) check_output_file("--report", report, overwrite);
  LiveLine line(!invocation.values.on("json"));
  measure::DoctorOptions options;
  options.home = platform::find_home();
  options.output = invocation.arguments.empty() ? "" : invocation.arguments.front();
  options.device = config::parse_devices(invocation.values.text("device"));
  options.self_test_command = {platform::own_program(), "doctor", std::string(kSelfTest)};
  options.stop = &interrupted();
  options.on_device = [&](std::string_view device) { line.show("trying " + std::string(device) + " ..."); };
  measure::Diagnosis diagnosis = measure::examine(options);
  line.clear();
  insert_into_group(diagnosis.findings, check_settings(options.home.settings));

  invocation.values.on("json") ? print_json(diagnosis) : print_text(diagnosis);
  std::fflush(stdout);  // a report that cannot be written does not change the result
  if (!report.empty()) write_output_file("--report", report, bug_report(diagnosis, options.output), overwrite);
  if (!report.empty() && !invocation.values.on("json")) std::printf("written: %s\n", printable(report).c_str());
  return diagnosis.count(Health::problem) == 0 ? kAllGood : kSomeFailed;
}

}  // namespace pixmill::cli
