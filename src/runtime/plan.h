// The plan of a session: from the request to backend, device and precision.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "pixmill/runtime/session.h"
#include "runtime/providers.h"

namespace pixmill::runtime {

struct Candidate {
  const Provider* provider = nullptr;
  std::vector<Precision> precisions;  // that run natively fast there
};

struct Plan {
  std::vector<Candidate> candidates;  // there on this machine; the first is taken, the next when it fails; never empty
  Placement placement;
  bool fall_back = true;              // whether the next may be tried
  std::vector<std::string> warnings;  // of the runtimes themselves

  // Equal for plans that make equal sessions of one model.
  std::string key() const;
};

// Whether a provider computes in that precision at all, natively or not. On the CPU only OpenVINO has kernels for
// halves; the others compute them in fp32.
bool computes(const Provider& provider, Precision precision);

// Throws Error: usage (unknown or contradictory names, a backend that does not compute in the precision that was asked
// for), no_device (with the reason and what would bring it).
Plan make_plan(const SessionOptions& options);

}  // namespace pixmill::runtime
