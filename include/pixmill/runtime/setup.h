// Settings of the runtimes, to be made before the first model is loaded.
#pragma once

#include <filesystem>
#include <functional>
#include <string>

namespace pixmill::runtime {

struct Setup {
  // A libonnxruntime to be taken before the one that pixmill was built with; ONNXRUNTIME_LIB goes before both. Empty:
  // none. Where it cannot be used, the next is, and BackendStatus::warning says so.
  std::filesystem::path onnxruntime;
  // The folder of compiled models, cached for the next start; empty: none.
  std::filesystem::path engines;
  // Called before something that takes minutes, once: the building of a TensorRT engine. From the thread that loads.
  std::function<void(const std::string& words)> announce;
};

// For the whole process. Not while sessions are loaded on other threads; what is loaded already stays as it is.
void set_up(Setup setup);

// What set_up() was given; all empty without one.
const Setup& current_setup();

// Where compiled models are cached: in Setup::engines; nowhere if other users could put one there.
struct EnginePlace {
  std::filesystem::path folder;
  std::string warning;  // why there is none, where one was set up
};
EnginePlace engine_place();

}  // namespace pixmill::runtime
