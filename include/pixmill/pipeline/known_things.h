// What was found in pictures, as the catalogue has it: for figures.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "pixmill/pipeline/event.h"
#include "pixmill/pipeline/facts.h"
#include "pixmill/pipeline/job.h"
#include "pixmill/platform/home.h"
#include "pixmill/tasks/rule.h"

namespace pixmill::pipeline {

struct KnownQuestion {
  InputSpec inputs;
  std::vector<std::string> classes = {};  // names; empty: all
  float confidence = 0;                   // of things, at least
  platform::Home home;
  std::function<bool()> stop = [] { return false; };
};

struct KnownThings {
  std::vector<std::string> classes;   // what labels mean
  std::int64_t pictures = 0;          // that were found
  std::int64_t known = 0;             // of them; the others were not looked at, or changed since
  std::vector<Failed> failed;         // named inputs that do not exist, folders that cannot be read
  std::vector<std::string> warnings;  // of the catalogue
};

// Calls `visit` for each picture that is known, in no order. No model runs, and no picture is read but one that had
// just been written when it was looked at. Throws Error: usage for a class that no thing in the catalogue has,
// interrupted, and what the catalogue and find_sources() throw.
using VisitKnown = std::function<void(const Look& look, std::span<const tasks::RuleThing> things)>;
KnownThings each_known(const KnownQuestion& question, const VisitKnown& visit);

}  // namespace pixmill::pipeline
