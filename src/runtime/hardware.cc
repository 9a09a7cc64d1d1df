#include "runtime/hardware.h"

#include <dlfcn.h>

#include <algorithm>
#include <filesystem>
#include <sstream>
#include <system_error>

#include "pixmill/platform/cores.h"
#include "pixmill/platform/memory.h"
#include "pixmill/platform/value_in.h"
#include "pixmill/runtime/devices.h"

namespace pixmill::runtime {
namespace {

namespace fs = std::filesystem;

}  // namespace

std::string cpu_title() {
  std::string model = platform::value_in("/proc/cpuinfo", "model name", ':');
  if (model.empty()) model = "CPU";
  const int cores = platform::usable_cores();
  return model + ", " + std::to_string(cores) + (cores == 1 ? " core" : " cores");
}

std::vector<std::string> vector_instructions() {
  std::istringstream flags(platform::value_in("/proc/cpuinfo", "flags", ':') + " " +
                           platform::value_in("/proc/cpuinfo", "Features", ':'));
  std::vector<std::string> names;
  for (std::string flag; flags >> flag;) {
    const auto begins = [&](std::string_view start) { return flag.starts_with(start); };
    if (begins("avx") || begins("amx") || begins("fma") || begins("asimd") || begins("sve") || begins("sme") ||
        begins("bf16") || begins("i8mm"))
      names.push_back(flag);
  }
  return names;
}

std::vector<Precision> cpu_precisions() {
  std::vector<Precision> precisions = {Precision::fp32};
  const auto add = [&](Precision precision) {
    if (std::find(precisions.begin(), precisions.end(), precision) == precisions.end()) precisions.push_back(precision);
  };
  for (const std::string& flag : vector_instructions()) {
    if (flag == "avx512_bf16" || flag == "amx_bf16") add(Precision::bf16);
    // avx512_fp16 alone does not count: OpenVINO was measured slower with it than in fp32 (u2netp, 4.5 : 7.6 images/s).
    if (flag == "amx_fp16") add(Precision::fp16);
    if (flag == "avx512_vnni" || flag == "avx_vnni" || flag == "amx_int8") add(Precision::int8);
  }
  return precisions;
}

bool loads(const char* library) {
  void* const handle = dlopen(library, RTLD_LAZY | RTLD_LOCAL);
  if (handle != nullptr) dlclose(handle);
  return handle != nullptr;
}

std::string folder_of_program() {
  std::error_code none;
  return fs::read_symlink("/proc/self/exe", none).parent_path().string();
}

std::string library_holding(const void* address) {
  Dl_info info{};
  return dladdr(address, &info) != 0 && info.dli_fname != nullptr ? info.dli_fname : "";
}

std::size_t resident_bytes() {
  return static_cast<std::size_t>(platform::memory_bytes());
}

MemoryEstimate::MemoryEstimate(std::size_t weight_bytes, int streams)
    : streams_(static_cast<std::size_t>(std::max(streams, 1))), before_(resident_bytes()), bytes_(2 * weight_bytes) {}

void MemoryEstimate::loaded() {
  const std::size_t now = resident_bytes();
  if (now > before_) bytes_ = std::max(bytes_.load(), now - before_);
}

}  // namespace pixmill::runtime
