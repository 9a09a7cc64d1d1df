#include "pixmill/pipeline/undo.h"

#include <algorithm>
#include <iterator>
#include <limits>
#include <system_error>
#include <utility>

#include "pipeline/transfer/file_steps.h"
#include "pipeline/transfer/journal.h"
#include "pipeline/transfer/run.h"
#include "pipeline/transfer/standing.h"
#include "pixmill/pipeline/catalogue_figures.h"

namespace pixmill::pipeline {
namespace fs = std::filesystem;
namespace {

constexpr int kFilesAtOnce = 1024;  // that share the waits for the disk

// The newest, or the one that is named.
StoredPlan chosen(const std::vector<StoredPlan>& plans, const std::string& name) {
  constexpr const char* kHint = "pixmill undo --list shows all";
  if (plans.empty())
    throw Error(ErrorCode::not_found, "there is no plan to undo: no files were copied, moved or linked");
  if (name.empty()) return plans.front();
  std::vector<StoredPlan> fitting;
  std::copy_if(plans.begin(), plans.end(), std::back_inserter(fitting),
               [&](const StoredPlan& one) { return one.plan.id.starts_with(name); });
  if (fitting.empty()) throw Error(ErrorCode::not_found, "there is no plan '" + name + "'", kHint);
  if (fitting.size() > 1)
    throw Error(ErrorCode::usage, std::to_string(fitting.size()) + " plans begin with '" + name + "'", kHint);
  return fitting.front();
}

class Undo {
 public:
  Undo(FileLayer& files, const UndoSpec& spec, const TransferWatch& watch, const std::atomic<bool>& stop)
      : files_(files),
        spec_(spec),
        watch_(watch),
        stop_(stop),
        journal_(spec.home),
        plan_(chosen(journal_.plans(), spec.plan)),
        catalogue_(catalogue_file(spec.home), {.old_journal = old_journal_file(spec.home)}) {}

  Undone run() {
    const auto lock = PlanLock::take(spec_.home, plan_.number);
    if (!lock)
      throw Error(ErrorCode::collision, "the plan " + plan_.plan.id + " is running", "stop it first, or wait for it");
    read_again();
    if (result_.was_undone) return std::move(result_);
    if (!spec_.dry_run) set_state(PlanState::partly_undone);
    take_back_files();
    result_.interrupted = stop_;
    if (!spec_.dry_run && !stop_) {
      remove_folders();
      if (result_.left.empty()) set_state(PlanState::undone);
    }
    result_.plan.undone += spec_.dry_run ? 0 : result_.taken_back;
    for (std::string& warning : catalogue_.take_warnings()) result_.warnings.push_back(std::move(warning));
    return std::move(result_);
  }

 private:
  // Another process may have had the plan meanwhile.
  void read_again() {
    const auto state = journal_.state_of(plan_);
    if (!state) throw Error(ErrorCode::not_found, "the plan " + plan_.plan.id + " is not known any more");
    plan_.plan.state = *state;
    journal_.count_undone(plan_);
    result_.plan = plan_.plan;
    result_.was_undone = *state == PlanState::undone;
  }

  fs::path target_of(const PlanRow& row) const { return plan_.plan.target / row.relative; }
  bool moves() const { return plan_.plan.action == TransferAction::move; }

  void set_state(PlanState state) {
    journal_.set_state(plan_, state);
    result_.plan.state = state;
  }

  // The last ones first.
  void take_back_files() {
    Writer writer(spec_.home.state, files_);
    FileSteps steps(writer, stop_);
    for (std::int64_t before = std::numeric_limits<std::int64_t>::max(); !stop_ && !full_;) {
      std::vector<PlanRow> rows = journal_.rows_before(plan_, before, kFilesAtOnce);
      if (rows.empty()) break;
      before = rows.back().number;
      take_back(writer, steps, rows);
      if (watch_.progress) watch_.progress(progress());
    }
  }

  TransferProgress progress() const {
    return {plan_.plan.files, result_.taken_back, result_.nothing, static_cast<std::int64_t>(result_.left.size()), 0};
  }

  void take_back(Writer& writer, FileSteps& steps, std::vector<PlanRow>& rows) {
    std::vector<FileStep> back, away;
    for (std::size_t i = 0; i < rows.size(); ++i) {
      const fs::path target = target_of(rows[i]);
      if (!spec_.dry_run) {  // a run that was killed may have left temporary files
        writer.sweep(target.parent_path());
        writer.sweep(rows[i].source.parent_path());
      }
      try {
        const Standing standing = standing_now(rows[i], target);
        FileStep step{.from = target, .to = rows[i].source, .expected = standing.target, .row = i};
        if (standing.outcome == Outcome::done && moves()) {
          back.push_back(std::move(step));
        } else if (standing.outcome == Outcome::done || standing.outcome == Outcome::both) {
          std::swap(step.from, step.to);
          away.push_back(std::move(step));
        } else if (standing.outcome == Outcome::untouched) {
          ++result_.nothing;
        } else {
          refuse(standing.outcome, rows[i], target);
        }
      } catch (const std::system_error& error) {
        leave(target, Error(ErrorCode::unreadable, target.string() + ": " + error.code().message()));
      } catch (const Error& error) {
        leave(target, error);
      }
    }
    if (!spec_.dry_run) {
      steps.run(TransferAction::move, back);
      steps.remove(plan_.plan.action, away);
      full_ = FileSteps::full_disk(back) != nullptr;
    }
    finish(rows, back);
    finish(rows, away);
  }

  Standing standing_now(const PlanRow& row, const fs::path& target) {
    if (row.state == PlanRow::State::undone || row.state == PlanRow::State::failed) return {};
    return standing_of(files_, plan_.plan.action, row, target);
  }

  void refuse(Outcome outcome, const PlanRow& row, const fs::path& target) {
    const std::string file = target.string(), source = row.source.string();
    switch (outcome) {
      case Outcome::gone:
        return leave(target, Error(ErrorCode::not_found, file + " is gone: it cannot go back to " + source));
      case Outcome::taken:
        return leave(target, Error(ErrorCode::collision, source + " is there again: " + file + " cannot go back there",
                                   "move it away and run the undo again"));
      case Outcome::last:
        return leave(target,
                     Error(ErrorCode::collision, file + " is left: its original " + source + " is gone or changed",
                           "remove it yourself if you do not need it"));
      default:
        return leave(target, Error(ErrorCode::collision, file + " is left: it changed since the plan made it",
                                   moves() ? "move it yourself to " + source : "remove it yourself"));
    }
  }

  void leave(const fs::path& file, const Error& error) {
    result_.left.push_back({file, error.code(), error.message(), error.hint()});
  }

  void finish(const std::vector<PlanRow>& rows, const std::vector<FileStep>& steps) {
    std::vector<PlanRow> undone;
    for (const FileStep& step : steps) {
      const PlanRow& row = rows[step.row];
      if (step.failure) leave(target_of(row), *step.failure);
      if (step.failure || (!spec_.dry_run && step.state != FileStep::State::done)) continue;
      ++result_.taken_back;
      if (watch_.file) watch_.file(target_of(row), moves() ? row.source : fs::path());
      if (spec_.dry_run) continue;
      undone.push_back(row);
      undone.back().state = PlanRow::State::undone;
      if (moves()) follow(row, step);
    }
    if (spec_.dry_run || undone.empty()) return;
    catalogue_.finish({});
    journal_.mark(plan_, undone);
  }

  void follow(const PlanRow& row, const FileStep& step) {
    catalogue_.moved(target_of(row), row.source);
    const bool is_back = step.to == row.source;
    if (!row.content.empty() && is_back) catalogue_.saw_input(row.source, settled(step.made), row.content);
  }

  void remove_folders() {
    for (const fs::path& folder : journal_.folders(plan_)) {
      if (!files_.remove_folder(folder)) continue;
      try {
        files_.sync_folder(folder.parent_path());
      } catch (const std::system_error&) {
        continue;  // an empty folder more after a power cut
      }
    }
  }

  FileLayer& files_;
  const UndoSpec& spec_;
  const TransferWatch& watch_;
  const std::atomic<bool>& stop_;
  Journal journal_;
  StoredPlan plan_;
  Catalogue catalogue_;
  bool full_ = false;  // the disk that files go back to
  Undone result_;
};

}  // namespace

Undone undo_on(FileLayer& files, const UndoSpec& spec, const TransferWatch& watch, const std::atomic<bool>& stop) {
  return Undo(files, spec, watch, stop).run();
}

Undone undo(const UndoSpec& spec, const TransferWatch& watch, const std::atomic<bool>& stop) {
  return undo_on(FileLayer::of_the_system(), spec, watch, stop);
}

std::vector<Plan> list_plans(const platform::Home& home) {
  if (!Journal::is_there(home)) return {};
  Journal journal(home, Journal::Reading());
  std::vector<Plan> plans;
  for (StoredPlan& stored : journal.plans()) {
    journal.count_undone(stored);
    plans.push_back(std::move(stored.plan));
  }
  return plans;
}

}  // namespace pixmill::pipeline
