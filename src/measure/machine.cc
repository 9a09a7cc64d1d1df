#include "pixmill/measure/machine.h"

#include <sys/utsname.h>
#include <unistd.h>

#include <thread>

#include "measure/machine_facts.h"
#include "pixmill/platform/cores.h"
#include "pixmill/platform/home.h"

namespace pixmill::measure {
namespace {

Processor describe_processor() {
  Processor processor;
  processor.name = processor_name("/");
  processor.logical_cores = static_cast<int>(sysconf(_SC_NPROCESSORS_ONLN));
  processor.physical_cores = physical_cores("/");
  if (processor.physical_cores == 0) processor.physical_cores = processor.logical_cores;
  processor.affinity_cores = platform::cores_in_mask();
  processor.quota = platform::cgroup_quota("/").value_or(0.0);
  processor.usable_cores = platform::usable_cores();
  processor.features = processor_features("/");
  return processor;
}

std::string kernel() {
  utsname names{};
  if (uname(&names) != 0) return "unknown kernel";
  return std::string(names.sysname) + " " + names.release + " " + names.machine;
}

}  // namespace

Machine describe_machine(const platform::Home& home, const std::filesystem::path& output) {
  Machine machine = describe_host(home, output);
  machine.backends = runtime::backends();
  return machine;
}

Machine describe_host(const platform::Home& home, const std::filesystem::path& output) {
  Machine machine;
  machine.pixmill_version = PIXMILL_VERSION;
  machine.operating_system = operating_system("/");
  machine.kernel = kernel();
  machine.container = container_around("/");
  machine.processor = describe_processor();
  machine.memory = memory_of("/");
  machine.gpus = gpus_of("/");
  machine.libvips_version = codecs::libvips_version();
  machine.formats = codecs::supported_formats();
  machine.folders = {inspect_folder("cache", home.cache), inspect_folder("state", home.state)};
  if (!output.empty()) machine.folders.push_back(inspect_folder("output", output));
  return machine;
}

}  // namespace pixmill::measure
