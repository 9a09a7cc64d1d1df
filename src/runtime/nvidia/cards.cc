#include "pixmill/runtime/nvidia.h"

#include <dlfcn.h>

#include <array>
#include <cstdint>
#include <fstream>
#include <utility>

#include "runtime/hardware.h"
#include "runtime/names.h"

namespace pixmill::runtime {
namespace {

// The few functions of libcuda.so.1 that need no context, as its documentation declares them; 0 is success.
class Driver {
 public:
  Driver() : library_(dlopen("libcuda.so.1", RTLD_LAZY | RTLD_LOCAL)) {
    const bool complete = find(init_, "cuInit") && find(count_, "cuDeviceGetCount") && find(get_, "cuDeviceGet") &&
                          find(name_, "cuDeviceGetName") && find(memory_, "cuDeviceTotalMem_v2") &&
                          find(attribute_, "cuDeviceGetAttribute");
    works_ = complete && init_(0) == 0;
  }

  std::vector<Gpu> cards() const {
    std::vector<Gpu> cards;
    int count = 0;
    if (!works_ || count_(&count) != 0) return cards;
    for (int index = 0; index < count; ++index) {
      int device = 0;
      if (get_(&device, index) != 0) continue;
      std::array<char, 256> name{};
      std::size_t bytes = 0;
      name_(name.data(), static_cast<int>(name.size()) - 1, device);
      memory_(&bytes, device);
      cards.push_back({.index = index,
                       .name = name.data(),
                       .memory_bytes = bytes,
                       .compute_capability = attribute(kMajor, device) + "." + attribute(kMinor, device),
                       .driver = driver_version()});
    }
    return cards;
  }

 private:
  static constexpr int kMajor = 75, kMinor = 76;  // CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR, _MINOR

  template <typename Function>
  bool find(Function*& function, const char* symbol) {
    if (library_ != nullptr) function = reinterpret_cast<Function*>(dlsym(library_, symbol));
    return function != nullptr;
  }

  std::string attribute(int which, int device) const {
    int value = 0;
    attribute_(&value, which, device);
    return std::to_string(value);
  }

  static std::string driver_version() {
    std::string version;
    std::getline(std::ifstream("/sys/module/nvidia/version") >> std::ws, version);
    return version;
  }

  void* library_;  // stays open: the driver's threads do not survive unloading
  bool works_ = false;
  int (*init_)(unsigned flags) = nullptr;
  int (*count_)(int* count) = nullptr;
  int (*get_)(int* device, int index) = nullptr;
  int (*name_)(char* name, int size, int device) = nullptr;
  int (*memory_)(std::size_t* bytes, int device) = nullptr;
  int (*attribute_)(int* value, int which, int device) = nullptr;
};

}  // namespace

const std::vector<Gpu>& nvidia_gpus() {
  static const std::vector<Gpu> cards = Driver().cards();
  return cards;
}

std::size_t nvidia_memory(int index) {
  for (const Gpu& card : nvidia_gpus()) {
    if (card.index == index) return card.memory_bytes;
  }
  return 0;
}

std::string title_of(const std::vector<Gpu>& cards) {
  std::vector<std::pair<std::string, int>> alike;
  for (const Gpu& card : cards) {
    std::string title = card.name + ", " + std::to_string((card.memory_bytes + (std::size_t{1} << 29)) >> 30) +
                        " GiB, compute capability " + card.compute_capability;
    if (!alike.empty() && alike.back().first == title) {
      ++alike.back().second;
    } else {
      alike.emplace_back(std::move(title), 1);
    }
  }
  std::string text;
  for (const auto& [title, count] : alike) {
    const std::string many = count > 1 ? std::to_string(count) + " x " : "";
    add_to(text, many + title);
  }
  if (!cards.empty() && !cards.front().driver.empty()) text += ", driver " + cards.front().driver;
  return text;
}

std::string nvidia_title() {
  return title_of(nvidia_gpus());
}

}  // namespace pixmill::runtime
