// Resolves "auto" for a model on this machine: by its tuning, else by a rule.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "pixmill/models/model_store.h"
#include "pixmill/pipeline/tuning.h"
#include "pixmill/platform/home.h"
#include "pixmill/runtime/speed_probe.h"

namespace pixmill::pipeline {

struct Choice {
  runtime::SessionOptions session;  // no "auto" precision is left; the card's forbidden providers are in `deny`
  int batch = 0;                    // 0: still open
  std::string tuned = {};           // the date of the tuning that chose; empty: none did
  std::string warning = {};         // in words
};

// Fills in what `asked` and `batch` (0) leave open; what they say stands. `pictures`: of the job, 0: not known. Where
// nothing was tuned, the rule goes by the stored speeds; jobs that are not short measure them first where they
// are not known. A precision of int8 that was not requested means the model's variant: models::ModelStore::variant().
Choice choose(const platform::Home& home, const models::ResolvedModel& model, const runtime::SessionOptions& asked,
              int batch, std::int64_t pictures);

// The same by runtime::choose_by_rule() alone: without looking for a tuning, and with these speeds.
Choice choose_by_rule(const platform::Home& home, const models::ResolvedModel& model,
                      const runtime::SessionOptions& asked, int batch, std::int64_t pictures,
                      const runtime::SpeedProbe& probe);

// Where the rule left the model in its own precision to one of ONNX Runtime and OpenVINO: the one that known_backend()
// names. Everything else stays as it is.
void prefer_measured_backend(const platform::Home& home, const models::ResolvedModel& model,
                             const runtime::SessionOptions& asked, Choice& choice);

// The variant of `model` in int8 that "auto" may take: its card calls int8 good, and what the variant loses is within
// its tolerance. Nothing where there is none, and for a model that is quantised itself.
std::optional<models::ResolvedModel> good_int8_variant(const platform::Home& home, const models::ResolvedModel& model);

// Session options that run `setup` and nothing else.
runtime::SessionOptions options_for(const Setup& setup, const models::ModelCard& card);

}  // namespace pixmill::pipeline
