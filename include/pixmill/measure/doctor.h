// Whether pixmill works on this machine, and whether its results here are correct.
#pragma once

#include <atomic>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "pixmill/measure/machine.h"
#include "pixmill/platform/home.h"
#include "pixmill/runtime/devices.h"

namespace pixmill::measure {

enum class Health { ok, warning, problem, absent };
std::string_view name_of(Health health);  // "ok", "warning", "problem", "not here"

// One row of what the doctor says.
struct Finding {
  std::string group;    // "Machine", "Storage", "Pictures", "Runtimes", "Devices"
  std::string subject;  // "memory", "cuda"
  Health health = Health::ok;
  std::string text = {};
  std::string remedy = {};  // what to do about it; empty where nothing is to be done
};

// One output of a model on a device, compared with the expected one.
struct SelfTest {
  std::string model;  // "self-test": a small network with an answer computed in plain loops; "starter": against the CPU
  runtime::Precision asked = runtime::Precision::fp32;
  runtime::Precision ran = runtime::Precision::fp32;
  int batch = 1;
  double error = 0.0;      // largest difference, of values from 0 to 1
  double tolerance = 0.0;  // up to which it is right
  int nodes = 0;           // of the model, and how many of them the runtime left to the CPU
  int nodes_on_cpu = 0;
  std::string trouble = {};  // why it is wrong or missing; empty when all is well
  std::string refused = {};  // why this backend does not load this model, which is not an error
};

struct DeviceReport {
  runtime::DeviceStatus status;
  runtime::BackendStatus backend;
  std::vector<SelfTest> self_tests = {};
  std::string crash = {};  // how the process that tested it ended, where it failed
};

struct Diagnosis {
  Machine machine;
  std::vector<DeviceReport> devices = {};
  std::vector<Finding> findings = {};  // grouped, in the order in which they are to be read

  int count(Health health) const;
};

struct DoctorOptions {
  platform::Home home;
  std::filesystem::path output = {};  // where results shall go; empty: not checked
  std::string device = {};            // the only one to try; empty: all
  // The command that calls run_self_tests() with the device's id, which is appended; its crash becomes a row here.
  std::vector<std::string> self_test_command = {};
  std::function<void(std::string_view device)> on_device = {};  // before each
  const std::atomic<bool>* stop = nullptr;
};

// Throws Error: usage (an unknown device), interrupted.
Diagnosis examine(const DoctorOptions& options);

// Probes a device and runs models on it, in this process. Every call of `print` takes one line of what examine() reads.
void run_self_tests(const std::string& device, const platform::Home& home,
                    const std::function<void(const std::string& line)>& print);

}  // namespace pixmill::measure
