#include "pixmill/measure/rebatch.h"

#include <system_error>
#include <utility>

#include "measure/rebatch/trial.h"
#include "pixmill/core/error.h"
#include "pixmill/models/model_card.h"
#include "pixmill/platform/digest.h"
#include "pixmill/platform/files.h"

namespace pixmill::measure {
namespace {
namespace fs = std::filesystem;

fs::path card_path(fs::path model) {
  return model.replace_extension(".yaml");
}

void refuse_existing(const fs::path& path) {
  std::error_code unknown;
  if (fs::exists(fs::symlink_status(path, unknown)))
    throw Error(ErrorCode::usage, path.string() + " exists", "name another file; --yes replaces it");
}

void check_target(const fs::path& out, const BatchTrial& trial, bool overwrite) {
  std::error_code unknown;
  if (fs::is_directory(out, unknown))
    throw Error(ErrorCode::usage, out.string() + " is a folder", "name the .onnx file to write");
  if (out.extension() != ".onnx")
    throw Error(ErrorCode::usage, out.string() + " does not end in .onnx", "jobs know models by that ending");
  if (!trial.path().empty() && fs::equivalent(out, trial.path(), unknown))
    throw Error(ErrorCode::usage, out.string() + " is the model itself", "name another file");
  if (overwrite) return;
  refuse_existing(out);
  refuse_existing(card_path(out));
}

// The card of the new file: what the model's says, and its own name and hash.
models::ModelCard card_for(const models::ModelCard& card, const fs::path& file) {
  models::ModelCard own = card;
  constexpr std::size_t kLongestId = 57;
  own.id = card.id.substr(0, kLongestId) + "-batch";
  own.title += ", any batch";
  own.how_to_get = "Made from " + card.id + " by `pixmill models rebatch`.";
  models::ModelFile weights;
  weights.name = file.filename().string();
  weights.sha256 = platform::hash_file(file).sha256;
  weights.bytes = static_cast<std::int64_t>(fs::file_size(file));
  own.files = {std::move(weights)};
  own.runtime.batch = 0;
  own.variant.reset();
  return own;
}

struct NotProved {};

Batchable facts_of(const BatchTrial& trial) {
  Batchable found;
  found.name = trial.name();
  found.signature = trial.signature();
  found.dynamic = trial.dynamic();
  return found;
}

}  // namespace

Batchable find_batchable(const std::string& model, const platform::Home& home) {
  const BatchTrial trial(model, home);
  Batchable found = facts_of(trial);
  try {
    const runtime::RebatchPlan plan = trial.plan();
    found.changes = plan.changes;
    if (plan.already) {
      found.proof = trial.prove(nullptr);
      found.works = found.proof->why_not.empty();
      return found;
    }
    const platform::TemporaryFolder folder("pixmill-rebatch");
    const fs::path file = folder / "model.onnx";
    plan.write(file);
    found.proof = trial.prove(&file);
    found.can_be = found.proof->why_not.empty();
  } catch (const runtime::BatchObstacle& obstacle) {
    found.obstacle = obstacle;
  }
  return found;
}

Rebatched rebatch(const std::string& model, const fs::path& out, bool overwrite, const platform::Home& home) {
  const BatchTrial trial(model, home);
  check_target(out, trial, overwrite);
  Rebatched result;
  result.findings = facts_of(trial);
  Batchable& findings = result.findings;
  try {
    const runtime::RebatchPlan plan = trial.plan();
    findings.changes = plan.changes;
    if (plan.already) {
      findings.proof = trial.prove(nullptr);
      findings.works = findings.proof->why_not.empty();
      return result;
    }
    platform::write_by_name(out, [&](const fs::path& unfinished) {
      plan.write(unfinished);
      findings.proof = trial.prove(&unfinished);
      if (!findings.proof->why_not.empty()) throw NotProved{};  // so that nothing is written
    });
  } catch (const runtime::BatchObstacle& obstacle) {
    findings.obstacle = obstacle;
    return result;
  } catch (const NotProved&) {
    return result;
  }
  findings.can_be = result.written = true;
  if (trial.card() != nullptr) {
    result.card = card_path(out);
    platform::write_whole(result.card, models::to_yaml(card_for(*trial.card(), out)));
  }
  return result;
}

}  // namespace pixmill::measure
