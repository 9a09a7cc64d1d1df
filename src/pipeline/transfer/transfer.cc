#include "pixmill/pipeline/transfer.h"

#include <algorithm>
#include <set>
#include <system_error>
#include <utility>

#include "pipeline/transfer/checks.h"
#include "pipeline/transfer/file_steps.h"
#include "pipeline/transfer/journal.h"
#include "pipeline/transfer/run.h"
#include "pipeline/transfer/standing.h"

namespace pixmill::pipeline {
namespace fs = std::filesystem;
namespace {

constexpr int kFilesAtOnce = 1024;                            // that share the waits for the disk
constexpr std::int64_t kBytesAtOnce = std::int64_t{1} << 28;  // of those that are copied

// What the same words mean: relative paths begin here. Empty: this folder is gone.
std::string current_place() {
  std::error_code none;
  return fs::current_path(none).native();
}

class Transfer {
 public:
  Transfer(FileLayer& files, const TransferSpec& spec, Catalogue& catalogue, const TransferWatch& watch,
           const std::atomic<bool>& stop)
      : files_(files),
        spec_(spec),
        catalogue_(catalogue),
        watch_(watch),
        stop_(stop),
        target_(target_folder(spec)),
        place_(current_place()) {}

  Transferred run() {
    result_.target = target_;
    if (!spec_.dry_run) {
      journal_.emplace(spec_.home);
      resume();
    }
    result_.count.total = static_cast<std::int64_t>(spec_.files.size());
    if (plan_ && stop_) {
      result_.interrupted = true;
      return std::move(result_);
    }
    CheckedTransfer checked = check_transfer(spec_, target_, moved_, files_);
    result_.failed = std::move(checked.failed);
    result_.count.there = checked.there;
    result_.count.failed = static_cast<std::int64_t>(result_.failed.size());
    if (spec_.dry_run) {
      for (const PlanRow& row : checked.rows) tell(row);
    } else if (plan_ || !checked.rows.empty()) {
      write_plan(std::move(checked));
      work();
    }
    for (std::string& warning : catalogue_.take_warnings()) result_.warnings.push_back(std::move(warning));
    return std::move(result_);
  }

 private:
  fs::path target_of(const PlanRow& row) const { return target_ / row.relative; }

  void tell(const PlanRow& row) {
    ++result_.count.done;
    if (watch_.file) watch_.file(row.source, target_of(row));
  }

  // A plan that was stopped in the middle goes on, if it is this one.
  void resume() {
    for (const StoredPlan& stored : journal_->plans()) {
      const Plan& plan = stored.plan;
      if (plan.state != PlanState::stopped || plan.action != spec_.action || plan.target != target_ ||
          plan.asked != spec_.asked || journal_->place_of(stored) != place_)
        continue;
      auto lock = PlanLock::take(spec_.home, stored.number);
      if (!lock || journal_->state_of(stored) != PlanState::stopped) continue;  // another process was quicker
      lock_ = std::move(lock);
      plan_ = stored;
      result_.resumed = true;
      result_.plan = plan.id;
      return settle();
    }
  }

  // Rows of a run that was killed before they were marked. A row stays planned where something stands at its target
  // that may be its file: an undo asks again.
  void settle() {
    Writer writer(spec_.home.state, files_);
    FileSteps steps(writer, stop_);
    for (std::int64_t last = 0; !stop_;) {
      std::vector<PlanRow> rows = journal_->rows_after(*plan_, last, kFilesAtOnce);
      if (rows.empty()) break;
      last = rows.back().number;
      std::erase_if(rows, [](const PlanRow& row) { return row.state != PlanRow::State::planned; });
      settle(steps, rows);
      journal_->mark(*plan_, rows);
      for (const PlanRow& row : rows) {
        if (row.state != PlanRow::State::done) continue;
        follow(row);
        if (spec_.action == TransferAction::move) moved_.insert(row.source);
      }
      catalogue_.finish({});
    }
  }

  void settle(FileSteps& steps, std::vector<PlanRow>& rows) {
    std::vector<FileStep> twice;
    for (std::size_t i = 0; i < rows.size(); ++i) {
      PlanRow& row = rows[i];
      const Standing standing = standing_now(row);
      const bool nothing_there = standing.target.inode == 0;
      if (standing.outcome == Outcome::done) {
        row.made = standing.target;
        row.state = PlanRow::State::done;
      }
      if (standing.outcome == Outcome::untouched && nothing_there) row.state = PlanRow::State::failed;
      if (standing.outcome == Outcome::both) {
        row.made = standing.target;
        twice.push_back({.from = target_of(row), .to = row.source, .expected = standing.source, .row = i});
      }
    }
    steps.remove(spec_.action, twice);
    for (const FileStep& step : twice) {
      if (step.state == FileStep::State::done) rows[step.row].state = PlanRow::State::done;
    }
  }

  // What cannot be said counts as changed: it is met again by the checks.
  Standing standing_now(const PlanRow& row) {
    try {
      return standing_of(files_, spec_.action, row, target_of(row));
    } catch (const std::system_error&) {
      return {Outcome::changed};
    } catch (const Error&) {
      return {Outcome::changed};
    }
  }

  void write_plan(CheckedTransfer checked) {
    for (PlanRow& row : checked.rows) row.content = catalogue_.content_of(row.source, row.stamp).value_or("");
    if (plan_) {
      settled_ = journal_->extend(*plan_, checked.rows, checked.folders);
      return;
    }
    Plan plan;
    plan.action = spec_.action;
    plan.asked = spec_.asked;
    plan.target = target_;
    plan_ = journal_->add(plan, checked.rows, checked.folders, place_);
    result_.plan = plan_->plan.id;
    lock_ = PlanLock::take(spec_.home, plan_->number);
    if (!lock_)
      throw Error(ErrorCode::collision, "another process works on the plan " + result_.plan, "wait for it to end");
  }

  void work() {
    Writer writer(spec_.home.state, files_);
    FileSteps steps(writer, stop_);
    for (std::int64_t last = settled_; !stop_ && result_.stopped_because.empty();) {
      std::vector<PlanRow> rows = journal_->rows_after(*plan_, last, kFilesAtOnce);
      if (rows.empty()) return journal_->set_state(*plan_, PlanState::done);
      cut(rows);
      last = rows.back().number;
      work_on(steps, rows);
    }
    result_.interrupted = stop_;
  }

  // To as many as are copied before the next wait.
  static void cut(std::vector<PlanRow>& rows) {
    std::int64_t bytes = 0;
    const auto end = std::find_if(rows.begin() + 1, rows.end(),
                                  [&](const PlanRow& row) { return (bytes += row.stamp.size) > kBytesAtOnce; });
    rows.erase(end, rows.end());
  }

  void work_on(FileSteps& steps, std::vector<PlanRow>& rows) {
    std::vector<FileStep> group(rows.size());
    for (std::size_t i = 0; i < rows.size(); ++i)
      group[i] = {.from = rows[i].source, .to = target_of(rows[i]), .expected = rows[i].stamp, .row = i};
    steps.run(spec_.action, group);
    std::vector<PlanRow> tried;
    for (const FileStep& step : group) {
      PlanRow& row = rows[step.row];
      if (step.state == FileStep::State::waiting) continue;
      row.state = !step.failure ? PlanRow::State::done : step.named ? PlanRow::State::planned : PlanRow::State::failed;
      row.made = step.made;
      tried.push_back(row);
      if (step.failure) {
        fail(row, *step.failure);
      } else {
        if (!step.staged.empty()) result_.count.bytes += step.made.size;
        follow(row);
        tell(row);
      }
    }
    catalogue_.finish({});
    journal_->mark(*plan_, tried);
    if (const Error* full = FileSteps::full_disk(group)) result_.stopped_because = full->message();
    if (watch_.progress) watch_.progress(result_.count);
  }

  void fail(const PlanRow& row, const Error& error) {
    ++result_.count.failed;
    result_.failed.push_back({row.source, error.code(), error.message(), error.hint()});
  }

  // What is known of a moved file.
  void follow(const PlanRow& row) {
    if (spec_.action != TransferAction::move) return;
    catalogue_.moved(row.source, target_of(row));
    if (!row.content.empty()) catalogue_.saw_input(target_of(row), settled(row.made), row.content);
  }

  FileLayer& files_;
  const TransferSpec& spec_;
  Catalogue& catalogue_;
  const TransferWatch& watch_;
  const std::atomic<bool>& stop_;
  const fs::path target_;
  const std::string place_;  // see Journal::add()
  std::optional<Journal> journal_;
  std::optional<StoredPlan> plan_;
  std::optional<PlanLock> lock_;
  std::int64_t settled_ = 0;  // rows up to this number are of the run that was stopped, and are not tried again
  std::set<fs::path> moved_;  // by the run that was stopped
  Transferred result_;
};

}  // namespace

Transferred transfer_on(FileLayer& files, const TransferSpec& spec, Catalogue& catalogue, const TransferWatch& watch,
                        const std::atomic<bool>& stop) {
  return Transfer(files, spec, catalogue, watch, stop).run();
}

Transferred transfer(const TransferSpec& spec, Catalogue& catalogue, const TransferWatch& watch,
                     const std::atomic<bool>& stop) {
  return transfer_on(FileLayer::of_the_system(), spec, catalogue, watch, stop);
}

}  // namespace pixmill::pipeline
