// The one table of places to run: what `pixmill devices`, selection, fall-back and messages read.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "pixmill/runtime/session.h"

namespace Ort {
struct SessionOptions;
}

namespace pixmill::runtime {

struct Library {
  const char* file;     // as the loader looks it up
  const char* meaning;  // what its absence says
};

// How a session shall run, with every "auto" decided.
struct Placement {
  int index = 0;  // which one of several GPUs
  Precision precision = Precision::fp32;
  int streams = 1;
  int threads = 1;
  std::vector<std::int64_t> shape;  // of the first input; empty: any
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
  // ONNX Runtime only: adds it to a session. Throws Ort::Exception.
  void (*append)(Ort::SessionOptions& options, const Placement& placement) = nullptr;
  std::string (*hardware)() = nullptr;  // null: the backend knows
};

// All of them, best first.
std::span<const Provider> providers();

// The row of that id. Throws Error{usage} with the nearest known id.
const Provider& provider_of(std::string_view id);

// Whether a provider can be used here.
struct Availability {
  bool available = false;
  std::string reason = {};    // why not, and what would bring it
  std::string hardware = {};  // where known
  std::vector<Precision> precisions = {};
};

Availability probe(const Provider& provider);

// "REASON; REMEDY": how every missing provider is told.
Availability missing(const Provider& provider, std::string reason);

// The first of its libraries that the loader does not find, in words; empty when all are there.
std::string missing_library(const Provider& provider);

}  // namespace pixmill::runtime
