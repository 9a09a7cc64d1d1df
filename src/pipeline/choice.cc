#include "pixmill/pipeline/choice.h"

#include <algorithm>
#include <optional>

#include "pixmill/core/error.h"
#include "pixmill/runtime/devices.h"
#include "pixmill/platform/home.h"

namespace pixmill::pipeline {
namespace {

using runtime::Precision;

bool is_good(Precision precision, const models::ModelCard& card) {
  const auto& good = card.runtime.precision;
  return precision == Precision::fp32 || std::find(good.begin(), good.end(), name_of(precision)) != good.end();
}

runtime::ModelSource source_of(const models::ResolvedModel& model) {
  return {model.name, model.data.bytes(), model.content_hash};
}

runtime::SessionOptions with_card(runtime::SessionOptions options, const models::ModelCard& card) {
  options.deny.insert(options.deny.end(), card.runtime.deny.begin(), card.runtime.deny.end());
  return options;
}

// `options` running `setup`, or nothing where they ask for something else.
std::optional<runtime::SessionOptions> fitted(runtime::SessionOptions options, const Setup& setup,
                                              const models::ModelCard& card) {
  if (options.precision == Precision::automatic ? !is_good(setup.precision, card)
                                                : options.precision != setup.precision)
    return std::nullopt;
  options.precision = setup.precision;
  options.prefer = setup.device;
  if (options.streams == 0 && options.threads == 0) {
    options.streams = setup.streams;
    options.threads = setup.threads;
  }
  try {
    if (runtime::first_provider(options) == setup.device) return options;
  } catch (const Error&) {  // whoever loads with what was asked for is told the reason
  }
  return std::nullopt;
}

}  // namespace

Choice choose(const platform::Home& home, const models::ResolvedModel& model, const runtime::SessionOptions& asked,
              int batch, std::int64_t pictures) {
  const FoundTuning found = find_tuning(home, model.content_hash);
  if (found.tuning) {
    const runtime::SessionOptions options = with_card(asked, model.card);
    for (const TunedSetup& tuned : found.tuning->setups) {
      if (auto session = fitted(options, tuned.setup, model.card))
        return {*session, batch > 0 ? batch : tuned.setup.batch, found.tuning->date};
    }
  }
  Choice choice = choose_by_rule(model, asked, batch, pictures);
  choice.warning = found.warning;
  return choice;
}

Choice choose_by_rule(const models::ResolvedModel& model, const runtime::SessionOptions& asked, int batch,
                      std::int64_t pictures) {
  Choice choice{with_card(asked, model.card), batch};
  if (choice.session.precision == Precision::automatic)
    choice.session.precision = runtime::choose_precision(choice.session, model.card.runtime.precision);
  choice.session.prefer = runtime::preferred_provider(source_of(model), choice.session, pictures);
  return choice;
}

runtime::SessionOptions options_for(const Setup& setup, const models::ModelCard& card) {
  runtime::SessionOptions options;
  options.backend = setup.backend;
  options.device = setup.device;
  options.precision = setup.precision;
  options.streams = setup.streams;
  options.threads = setup.threads;
  options.require_device = true;
  return with_card(options, card);
}

}  // namespace pixmill::pipeline
