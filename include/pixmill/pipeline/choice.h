// What "auto" becomes for a model on this machine: what was tuned, else a rule.
#pragma once

#include <cstdint>
#include <string>

#include "pixmill/models/model_store.h"
#include "pixmill/pipeline/tuning.h"
#include "pixmill/platform/home.h"

namespace pixmill::pipeline {

struct Choice {
  runtime::SessionOptions session;  // no "auto" precision is left; the card's forbidden providers are in `deny`
  int batch = 0;                    // 0: still open
  std::string tuned = {};           // the date of the tuning that chose; empty: none did
  std::string warning = {};         // in words
};

// Fills in what `asked` and `batch` (0) leave open; what they say stands. `pictures`: of the job, 0: not known.
Choice choose(const platform::Home& home, const models::ResolvedModel& model, const runtime::SessionOptions& asked,
              int batch, std::int64_t pictures);

// The same without looking for a tuning: the precision is the fastest one that the card says was measured to be good
// and that runs natively here, the provider the one of runtime::preferred_provider().
Choice choose_by_rule(const models::ResolvedModel& model, const runtime::SessionOptions& asked, int batch,
                      std::int64_t pictures);

// Session options that run `setup` and nothing else.
runtime::SessionOptions options_for(const Setup& setup, const models::ModelCard& card);

}  // namespace pixmill::pipeline
