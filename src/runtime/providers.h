// The table of providers: used by `pixmill devices`, selection, fall-back and messages.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "pixmill/runtime/session.h"
#include "runtime/nvidia/options.h"

namespace Ort {
struct SessionOptions;
}

namespace pixmill::runtime {

struct Library {
  const char* file;     // as the loader looks it up
  const char* meaning;  // what its absence says
  const char* remedy;   // what brings it
};

// How a session shall run, with every "auto" decided.
struct Placement {
  int index = 0;  // which one of several GPUs
  Precision precision = Precision::fp32;
  int streams = 1;
  int threads = 1;
  std::vector<std::int64_t> shape;  // of the first input; empty: any
  ProviderOptions options = {};     // the user's own, in the runtime's words
  std::string profile = {};         // see SessionOptions
  bool keep_compiled = true;        // see SessionOptions
};

// The arguments of a provider when it is added to a session.
struct ProviderRequest {
  Placement placement = {};
  std::string model_hash = {};                // empty where none is loaded: the provider is only tried
  const ModelSignature* signature = nullptr;  // null likewise
};

struct Provider {
  std::string_view id;       // what the user types
  std::string_view backend;  // that brings it
  std::string_view name;     // the backend's own name
  std::string_view title;
  std::string_view requirement;  // what it needs, in words
  std::string_view remedy;       // what would bring it where it is missing
  std::span<const Library> libraries;
  bool indexed = false;    // "cuda:1" is the second of its kind
  bool automatic = false;  // "auto" takes it where it is there
  // ONNX Runtime only: adds it to a session, and returns its options as the runtime reports them. Throws
  // Ort::Exception.
  ProviderOptions (*append)(Ort::SessionOptions& options, const ProviderRequest& request) = nullptr;
  std::string (*announcement)(const ProviderRequest& request) = nullptr;  // why loading takes minutes; empty: it won't
  const char* plugin = nullptr;         // the library beside ONNX Runtime that brings it; null: it is built in
  std::span<const Library> opens = {};  // libraries that the plugin opens while it runs
  const char* plugin_remedy = "";       // what brings the other libraries that it needs
  const char* page_locked = nullptr;    // ONNX Runtime's name for memory that it copies from and to fastest
  std::string (*hardware)() = nullptr;  // null: the backend knows
};

// All of them, best first.
std::span<const Provider> providers();

// The row of that id. Throws Error{usage} with the nearest known id.
const Provider& provider_of(std::string_view id);

// Whether a provider can be used here.
struct Availability {
  bool available = false;
  std::string reason = {};    // why not
  std::string remedy = {};    // what would bring it
  std::string hardware = {};  // where known
  std::vector<Precision> precisions = {};
};

Availability probe(const Provider& provider);

// Every obstacle is named, not only the first: who removes one needs to know the next.
class Obstacles {
 public:
  void add(const std::string& reason, std::string_view remedy);
  bool empty() const { return reason_.empty(); }
  Availability told() const;

 private:
  std::string reason_, remedy_;
};

// A missing provider, with the remedy of its row.
Availability missing(const Provider& provider, std::string reason);

// Those of its libraries that the loader does not find.
Obstacles missing_libraries(const Provider& provider);

}  // namespace pixmill::runtime
