#include "pixmill/pipeline/known_things.h"

#include <utility>

#include "pipeline/known_looks.h"
#include "pixmill/core/error.h"
#include "pixmill/core/nearest.h"
#include "pixmill/core/text.h"
#include "pixmill/pipeline/catalogue_figures.h"
#include "pixmill/pipeline/sources.h"

namespace pixmill::pipeline {
namespace {

// Those of the catalogue that were asked for.
std::vector<std::string> chosen(const std::vector<std::string>& all, const std::vector<std::string>& asked) {
  for (const std::string& name : asked) {
    if (contains(all, name)) continue;
    throw Error(ErrorCode::usage, "--classes: no picture was looked at for '" + name + "'",
                all.empty() ? "" : suggestion(name, all));
  }
  return asked.empty() ? all : asked;
}

}  // namespace

KnownThings each_known(const KnownQuestion& question, const VisitKnown& visit) {
  Sources sources = find_sources(question.inputs, question.stop);
  Catalogue catalogue(catalogue_file(question.home));
  KnownThings told{.classes = chosen(Facts(catalogue).classes(), question.classes),
                   .pictures = static_cast<std::int64_t>(sources.items.size()),
                   .failed = std::move(sources.failed)};
  KnownLooks looks(catalogue, sources.items, nullptr);
  looks.find(all_of(sources.items));
  std::vector<std::uint32_t> known = looks.known();
  told.known = static_cast<std::int64_t>(known.size());
  looks.each_things(
      std::move(known), {told.classes, false, question.confidence},
      [&](std::uint32_t index, std::span<const tasks::RuleThing> things) { visit(*looks.of(index), things); });
  told.warnings = catalogue.take_warnings();
  return told;
}

}  // namespace pixmill::pipeline
