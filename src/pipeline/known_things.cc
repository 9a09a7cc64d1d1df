#include "pixmill/pipeline/known_things.h"

#include <algorithm>
#include <numeric>

#include "pipeline/known_looks.h"
#include "pixmill/core/error.h"
#include "pixmill/core/nearest.h"
#include "pixmill/pipeline/catalogue_figures.h"
#include "pixmill/pipeline/sources.h"

namespace pixmill::pipeline {
namespace {

// Those of the catalogue that were asked for.
std::vector<std::string> chosen(const std::vector<std::string>& all, const std::vector<std::string>& asked) {
  for (const std::string& name : asked) {
    if (std::find(all.begin(), all.end(), name) != all.end()) continue;
    throw Error(ErrorCode::usage, "--classes: no picture was looked at for '" + name + "'",
                all.empty() ? "" : suggestion(name, all));
  }
  return asked.empty() ? all : asked;
}

}  // namespace

KnownThings each_known(const KnownQuestion& question, const VisitKnown& visit) {
  Sources sources = find_sources(question.inputs, question.stop);
  Catalogue catalogue(catalogue_file(question.home));
  const Facts facts(catalogue);
  KnownThings told{.classes = chosen(facts.classes(), question.classes),
                   .pictures = static_cast<std::int64_t>(sources.items.size()),
                   .failed = std::move(sources.failed)};
  KnownLooks looks(catalogue, sources.items, nullptr);
  std::vector<std::uint32_t> pictures(sources.items.size());
  std::iota(pictures.begin(), pictures.end(), 0U);
  looks.find(pictures);
  std::erase_if(pictures, [&](std::uint32_t index) { return looks.of(index) == nullptr; });
  std::sort(pictures.begin(), pictures.end(),
            [&](std::uint32_t a, std::uint32_t b) { return looks.of(a)->result < looks.of(b)->result; });
  std::vector<std::int64_t> results;
  for (const std::uint32_t index : pictures) results.push_back(looks.of(index)->result);
  told.known = static_cast<std::int64_t>(results.size());
  facts.each_things(
      results, {told.classes, false, question.confidence},
      [&](std::size_t at, std::span<const tasks::RuleThing> things) { visit(*looks.of(pictures[at]), things); });
  told.warnings = catalogue.take_warnings();
  return told;
}

}  // namespace pixmill::pipeline
