#include "pipeline/transfer/journal.h"

#include <ctime>
#include <random>
#include <set>
#include <system_error>
#include <utility>

namespace pixmill::pipeline {
namespace fs = std::filesystem;
namespace {

constexpr int kSchema = 2;  // since 2 with plans.place
constexpr int kBusyMs = 60'000;

constexpr const char* kTables =
    "CREATE TABLE plans (number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, created INTEGER NOT NULL,"
    " action TEXT NOT NULL, asked TEXT NOT NULL, target TEXT NOT NULL, state INTEGER NOT NULL,"
    " files INTEGER NOT NULL DEFAULT 0, place TEXT NOT NULL DEFAULT '');"
    "CREATE TABLE files (plan INTEGER NOT NULL, number INTEGER NOT NULL, source TEXT NOT NULL, relative TEXT NOT NULL,"
    " size INTEGER NOT NULL, mtime INTEGER NOT NULL, inode INTEGER NOT NULL, content TEXT NOT NULL,"
    " state INTEGER NOT NULL, made_size INTEGER NOT NULL, made_mtime INTEGER NOT NULL, made_inode INTEGER NOT NULL,"
    " PRIMARY KEY (plan, number)) WITHOUT ROWID;"
    "CREATE TABLE folders (plan INTEGER NOT NULL, path TEXT NOT NULL, PRIMARY KEY (plan, path)) WITHOUT ROWID;";

constexpr const char* kSelectRows =
    "SELECT number, source, relative, size, mtime, inode, content, state, made_size, made_mtime, made_inode FROM files";

fs::path journal_file(const platform::Home& home) {
  return home.state / "plans.db";
}

// "20261122-143012-a1b2"
std::string id_at(std::int64_t moment) {
  const auto time = static_cast<std::time_t>(moment);
  std::tm parts{};
  ::gmtime_r(&time, &parts);
  char text[32];
  const std::size_t length = std::strftime(text, sizeof text, "%Y%m%d-%H%M%S-", &parts);
  std::random_device random;
  char ending[8];
  std::snprintf(ending, sizeof ending, "%04x", random() & 0xffffU);
  return std::string(text, length) + ending;
}

// `work()` on the file, with what SQLite finds wrong as an error that says what the journal is for.
template <typename Work>
auto journaled(const platform::Home& home, Work work) {
  const std::string file = journal_file(home).string();
  try {
    return work();
  } catch (const Damaged&) {
    throw Error(ErrorCode::corrupt, file + ", the journal of plans, is damaged; no file is moved without it",
                "move it away: earlier plans can then not be undone by pixmill");
  } catch (const NotWritable& error) {
    throw Error(ErrorCode::unwritable, file + ", the journal of plans, cannot be written; no file is moved without it",
                error.hint());
  }
}

FileStamp stamp_in(const Statement& row, int column) {
  return {row.number(column), row.number(column + 1), static_cast<std::uint64_t>(row.number(column + 2))};
}

}  // namespace

Journal::Journal(const platform::Home& home) : Journal(home, Limits()) {}

Journal::Journal(const platform::Home& home, Limits limits) : home_(home), limits_(limits) {
  journaled(home_, [&] {
    std::error_code ignored;  // SQLite says what is wrong with the folder
    fs::create_directories(home_.state, ignored);
    database_.open(journal_file(home_).native(), SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, kBusyMs);
    database_.run_when_free(on_network(home_.state) ? "PRAGMA journal_mode = DELETE" : "PRAGMA journal_mode = WAL");
    make_tables();
  });
}

Journal::Journal(const platform::Home& home, Reading) : home_(home) {
  const std::string file = journal_file(home_).native();
  journaled(home_, [&] {
    try {
      open_to_read(database_, file, kBusyMs);
      (void)schema();
    } catch (const NotWritable&) {
      throw Error(ErrorCode::unreadable, file + ", the journal of plans, cannot be read",
                  "give this user the right to read it; PIXMILL_HOME names another place");
    }
  });
}

bool Journal::is_there(const platform::Home& home) {
  std::error_code none;
  return fs::status(journal_file(home), none).type() != fs::file_type::not_found;
}

std::int64_t Journal::schema() {
  const std::int64_t found = database_.number("PRAGMA user_version");
  if (found > kSchema)
    throw Error(ErrorCode::unsupported, journal_file(home_).string() + " was made by a newer pixmill",
                "use that one, or another PIXMILL_HOME");
  return found;
}

void Journal::make_tables() {
  if (schema() == kSchema) return;
  Transaction transaction(database_);
  const std::int64_t found = database_.number("PRAGMA user_version");
  if (found == kSchema) return;  // another process was quicker
  database_.run(found == 0 ? kTables : "ALTER TABLE plans ADD COLUMN place TEXT NOT NULL DEFAULT ''");
  database_.run(("PRAGMA user_version = " + std::to_string(kSchema)).c_str());
  transaction.commit();
}

std::vector<StoredPlan> Journal::plans() {
  return journaled(home_, [&] {
    std::vector<StoredPlan> all;
    if (schema() == 0) return all;  // the process that made it was killed before the first plan
    Statement select(database_,
                     "SELECT number, id, created, action, asked, target, state, files FROM plans ORDER BY number DESC");
    while (select.step()) {
      StoredPlan one;
      one.number = select.number(0);
      one.plan = {select.text(1),
                  select.number(2),
                  transfer_action_from(select.text(3)).value_or(TransferAction::copy),
                  select.text(4),
                  select.text(5),
                  select.number(7),
                  0,
                  static_cast<PlanState>(select.number(6))};
      all.push_back(std::move(one));
    }
    for (StoredPlan& one : all) {
      if (one.plan.state == PlanState::stopped && PlanLock::is_held(home_, one.number))
        one.plan.state = PlanState::running;
    }
    return all;
  });
}

void Journal::count_undone(StoredPlan& plan) {
  const bool any = plan.plan.state == PlanState::undone || plan.plan.state == PlanState::partly_undone;
  if (!any) return;
  journaled(home_, [&] {
    Statement count(database_, "SELECT COUNT(*) FROM files WHERE plan = ? AND state = 3");
    count.bind_all(plan.number);
    if (count.step()) plan.plan.undone = count.number(0);
  });
}

StoredPlan Journal::add(const Plan& plan, const std::vector<PlanRow>& rows, const std::vector<fs::path>& folders,
                        const std::string& place) {
  return journaled(home_, [&] {
    StoredPlan stored{0, plan};
    stored.plan.created = std::time(nullptr);
    stored.plan.state = PlanState::stopped;  // unless a process has its lock
    stored.plan.files = static_cast<std::int64_t>(rows.size());
    database_.run("PRAGMA synchronous = EXTRA");
    Transaction transaction(database_);
    stored.plan.id = new_id(stored.plan.created);
    Statement put(database_,
                  "INSERT INTO plans (id, created, action, asked, target, state, place) VALUES (?, ?, ?, ?, ?, ?, ?)");
    put.bind_all(stored.plan.id, stored.plan.created, name_of(plan.action), plan.asked, plan.target.native(),
                 static_cast<std::int64_t>(stored.plan.state), place);
    put.step();
    stored.number = sqlite3_last_insert_rowid(database_.handle());
    insert(stored.number, rows, folders);
    trim();
    transaction.commit();
    return stored;
  });
}

std::int64_t Journal::extend(const StoredPlan& plan, const std::vector<PlanRow>& rows,
                             const std::vector<fs::path>& folders) {
  return journaled(home_, [&] {
    std::set<std::pair<fs::path, fs::path>> again;
    for (const PlanRow& row : rows) again.emplace(row.source, row.relative);
    database_.run("PRAGMA synchronous = EXTRA");
    Transaction transaction(database_);
    std::vector<std::int64_t> gone;
    {
      Statement open(database_, "SELECT number, state, source, relative FROM files WHERE plan = ? AND state IN (0, 2)");
      open.bind_all(plan.number);
      while (open.step()) {
        if (open.number(1) == 2 || again.contains({open.text(2), open.text(3)})) gone.push_back(open.number(0));
      }
    }
    Statement drop(database_, "DELETE FROM files WHERE plan = ? AND number = ?");
    for (const std::int64_t number : gone) {
      const Use use(drop);
      use->bind_all(plan.number, number);
      use->step();
    }
    const std::int64_t last = last_number(plan.number);
    insert(plan.number, rows, folders);
    transaction.commit();
    return last;
  });
}

std::int64_t Journal::last_number(std::int64_t plan) {
  Statement last(database_, "SELECT COALESCE(MAX(number), 0) FROM files WHERE plan = ?");
  last.bind_all(plan);
  return last.step() ? last.number(0) : 0;
}

std::string Journal::new_id(std::int64_t moment) {
  Statement known(database_, "SELECT 1 FROM plans WHERE id = ?");
  while (true) {
    std::string id = id_at(moment);
    const Use use(known);
    use->bind_all(id);
    if (!use->step()) return id;
  }
}

void Journal::insert(std::int64_t plan, const std::vector<PlanRow>& rows, const std::vector<fs::path>& folders) {
  std::int64_t number = last_number(plan);
  Statement put(database_, "INSERT INTO files VALUES (?, ?, ?, ?, ?, ?, ?, ?, 0, 0, 0, 0)");
  for (const PlanRow& row : rows) {
    const Use use(put);
    use->bind_all(plan, ++number, row.source.native(), row.relative.native(), row.stamp.size, row.stamp.mtime_ns,
                  static_cast<std::int64_t>(row.stamp.inode), row.content);
    use->step();
  }
  Statement count(database_, "UPDATE plans SET files = (SELECT COUNT(*) FROM files WHERE plan = ?1) WHERE number = ?1");
  count.bind_all(plan);
  count.step();
  Statement put_folder(database_, "INSERT OR IGNORE INTO folders VALUES (?, ?)");
  for (const fs::path& folder : folders) {
    const Use use(put_folder);
    use->bind_all(plan, folder.native());
    use->step();
  }
}

// The oldest plans go that no process works on; their files stay where they are.
void Journal::trim() {
  std::vector<std::int64_t> gone;
  {
    Statement select(database_, "SELECT number, files FROM plans ORDER BY number DESC");
    std::int64_t plans = 0, files = 0;
    while (select.step()) {
      files += plans++ == 0 ? 0 : select.number(1);
      if (plans <= limits_.plans && files <= limits_.files) continue;
      if (!PlanLock::is_held(home_, select.number(0))) gone.push_back(select.number(0));
    }
  }
  for (const char* sql : {"DELETE FROM files WHERE plan = ?", "DELETE FROM folders WHERE plan = ?",
                          "DELETE FROM plans WHERE number = ?"}) {
    Statement drop(database_, sql);
    for (const std::int64_t number : gone) {
      const Use use(drop);
      use->bind_all(number);
      use->step();
    }
  }
}

std::vector<PlanRow> Journal::rows(const char* sql, std::int64_t plan, std::int64_t bound, int count) {
  return journaled(home_, [&] {
    std::vector<PlanRow> found;
    Statement select(database_, sql);
    select.bind_all(plan, bound, static_cast<std::int64_t>(count));
    while (select.step()) {
      found.push_back({select.number(0), select.text(1), select.text(2), stamp_in(select, 3), select.text(6),
                       static_cast<PlanRow::State>(select.number(7)), stamp_in(select, 8)});
    }
    return found;
  });
}

std::vector<PlanRow> Journal::rows_after(const StoredPlan& plan, std::int64_t after, int count) {
  static const std::string sql = std::string(kSelectRows) + " WHERE plan = ? AND number > ? ORDER BY number LIMIT ?";
  return rows(sql.c_str(), plan.number, after, count);
}

std::vector<PlanRow> Journal::rows_before(const StoredPlan& plan, std::int64_t before, int count) {
  static const std::string sql =
      std::string(kSelectRows) + " WHERE plan = ? AND number < ? ORDER BY number DESC LIMIT ?";
  return rows(sql.c_str(), plan.number, before, count);
}

std::vector<fs::path> Journal::folders(const StoredPlan& plan) {
  return journaled(home_, [&] {
    std::vector<fs::path> found;
    Statement select(database_, "SELECT path FROM folders WHERE plan = ? ORDER BY path DESC");  // children first
    select.bind_all(plan.number);
    while (select.step()) found.emplace_back(select.text(0));
    return found;
  });
}

std::string Journal::place_of(const StoredPlan& plan) {
  return journaled(home_, [&] {
    Statement select(database_, "SELECT place FROM plans WHERE number = ?");
    select.bind_all(plan.number);
    return select.step() ? select.text(0) : std::string();
  });
}

void Journal::mark(const StoredPlan& plan, std::span<const PlanRow> rows) {
  journaled(home_, [&] {
    database_.run("PRAGMA synchronous = NORMAL");
    Transaction transaction(database_);
    Statement update(database_,
                     "UPDATE files SET state = ?3, made_size = ?4, made_mtime = ?5, made_inode = ?6"
                     " WHERE plan = ?1 AND number = ?2");
    for (const PlanRow& row : rows) {
      const Use use(update);
      use->bind_all(plan.number, row.number, static_cast<std::int64_t>(row.state), row.made.size, row.made.mtime_ns,
                    static_cast<std::int64_t>(row.made.inode));
      use->step();
    }
    transaction.commit();
  });
}

void Journal::set_state(const StoredPlan& plan, PlanState state) {
  journaled(home_, [&] {
    database_.run("PRAGMA synchronous = EXTRA");
    Statement update(database_, "UPDATE plans SET state = ? WHERE number = ?");
    update.bind_all(static_cast<std::int64_t>(state), plan.number);
    update.step();
  });
}

std::optional<PlanState> Journal::state_of(const StoredPlan& plan) {
  return journaled(home_, [&]() -> std::optional<PlanState> {
    Statement select(database_, "SELECT state FROM plans WHERE number = ?");
    select.bind_all(plan.number);
    if (!select.step()) return std::nullopt;
    return static_cast<PlanState>(select.number(0));
  });
}

}  // namespace pixmill::pipeline
