// All plans, in one SQLite file. Rows are on disk before the first file of a plan is touched.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "pipeline/catalogue/database.h"
#include "pixmill/pipeline/undo.h"
#include "pixmill/platform/descriptor.h"

namespace pixmill::pipeline {

// A file of a plan. Its target is the plan's folder / `relative`.
struct PlanRow {
  // Numbers of these are on disk. `planned`: nothing is known, ask standing_of(). `failed`: it was not touched.
  enum class State { planned, done, failed, undone };
  std::int64_t number = 0;  // from 1, in the order of the plan
  std::filesystem::path source;
  std::filesystem::path relative;
  FileStamp stamp;      // of the source
  std::string content;  // hash of it, where the catalogue knows it
  State state = State::planned;
  FileStamp made{};  // of the target, once it is done
};

struct StoredPlan {
  std::int64_t number = 0;
  Plan plan;
};

// Says that a process works on a plan; given back when that process ends, however it does.
class PlanLock {
 public:
  // Empty where another process has it. Throws Error{unwritable}.
  static std::optional<PlanLock> take(const platform::Home& home, std::int64_t plan);
  static bool is_held(const platform::Home& home, std::int64_t plan);

 private:
  explicit PlanLock(platform::Descriptor file) : file_(std::move(file)) {}
  platform::Descriptor file_;
};

// Not synchronised; several processes may share the file. What fails is Error{unwritable, disk_full, corrupt, ...}: no
// file is touched without a journal.
class Journal {
 public:
  // Old plans go where there are more of them, or of files in all but the newest: 4 million files are 1 GB.
  struct Limits {
    std::int64_t plans = 1000, files = 4'000'000;
  };
  explicit Journal(const platform::Home& home);  // makes it where it is missing
  Journal(const platform::Home& home, Limits limits);

  struct Reading {};
  Journal(const platform::Home& home, Reading);  // one that is there; nothing is written. Also Error{unreadable}
  static bool is_there(const platform::Home& home);

  // The newest first, without Plan::undone. PlanState::running only where a process has the lock.
  std::vector<StoredPlan> plans();
  void count_undone(StoredPlan& plan);  // reads all its rows

  // In one transaction, on disk when it returns. `place`: the folder where Plan::asked was said.
  StoredPlan add(const Plan& plan, const std::vector<PlanRow>& rows, const std::vector<std::filesystem::path>& folders,
                 const std::string& place = {});
  std::string place_of(const StoredPlan& plan);
  // The same for a plan that is there. Rows that failed go, and those of the same source and target as a new one.
  // Returns the number of the last row before the new ones.
  std::int64_t extend(const StoredPlan& plan, const std::vector<PlanRow>& rows,
                      const std::vector<std::filesystem::path>& folders);

  // At most `count` rows whose numbers are above `after`, or, backwards, below it.
  std::vector<PlanRow> rows_after(const StoredPlan& plan, std::int64_t after, int count);
  std::vector<PlanRow> rows_before(const StoredPlan& plan, std::int64_t before, int count);
  std::vector<std::filesystem::path> folders(const StoredPlan& plan);  // that the plan made, the deepest first

  // States and `made` of rows. Not waited for: they only save work.
  void mark(const StoredPlan& plan, std::span<const PlanRow> rows);
  void set_state(const StoredPlan& plan, PlanState state);
  // As the file says it now: not `running`. Empty: the plan was trimmed away.
  std::optional<PlanState> state_of(const StoredPlan& plan);

 private:
  std::int64_t schema();
  void make_tables();
  std::int64_t last_number(std::int64_t plan);
  void insert(std::int64_t plan, const std::vector<PlanRow>& rows, const std::vector<std::filesystem::path>& folders);
  void trim();
  std::string new_id(std::int64_t moment);
  std::vector<PlanRow> rows(const char* sql, std::int64_t plan, std::int64_t bound, int count);

  const platform::Home home_;
  const Limits limits_{};
  Database database_;
};

}  // namespace pixmill::pipeline
