// The words of transfers.
#include <algorithm>
#include <array>
#include <utility>

#include "pixmill/pipeline/transfer.h"
#include "pixmill/pipeline/undo.h"

namespace pixmill::pipeline {
namespace {

constexpr std::array<std::pair<TransferAction, std::string_view>, 4> kActions = {
    {{TransferAction::copy, "copy"},
     {TransferAction::move, "move"},
     {TransferAction::link, "link"},
     {TransferAction::symlink, "symlink"}}};

}  // namespace

std::string_view name_of(TransferAction action) {
  const auto* found =
      std::find_if(kActions.begin(), kActions.end(), [&](const auto& one) { return one.first == action; });
  return found->second;
}

std::optional<TransferAction> transfer_action_from(std::string_view name) {
  for (const auto& [action, word] : kActions) {
    if (word == name) return action;
  }
  return std::nullopt;
}

std::string_view name_of(PlanState state) {
  switch (state) {
    case PlanState::running: return "running";
    case PlanState::stopped: return "stopped";
    case PlanState::done: return "done";
    case PlanState::partly_undone: return "partly undone";
    case PlanState::undone: return "undone";
  }
  return {};
}

const std::vector<config::Flag>& transfer_flags() {
  static const std::vector<config::Flag> flags = {
      {.name = "to",
       .kind = config::Kind::choice,
       .value = "WHAT",
       .fallback = "list",
       .group = config::kOutputs,
       .help = "what happens to the pictures, below the folder -o; pixmill undo takes it back",
       .choices = {"list", "copy", "move", "link", "symlink"},
       .basic = true,
       .setting = false},
  };
  return flags;
}

}  // namespace pixmill::pipeline
