#include "pipeline/journal.h"

#include <sqlite3.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <fstream>
#include <mutex>
#include <string_view>
#include <system_error>

#include "pixmill/core/error.h"

namespace pixmill::pipeline {
namespace fs = std::filesystem;
namespace {

constexpr int kBusyMs = 20'000;  // another process may be committing
constexpr int kSchema = 1;

constexpr const char* kSetUp =
    "PRAGMA journal_mode = WAL;"
    "PRAGMA synchronous = NORMAL;"  // a power cut may forget the newest rows, which costs a repeat; kill -9 forgets
                                    // none
    "CREATE TABLE IF NOT EXISTS results ("
    " output TEXT PRIMARY KEY, content TEXT NOT NULL, model TEXT NOT NULL, settings TEXT NOT NULL,"
    " size INTEGER NOT NULL, digest TEXT NOT NULL,"  // of the file made last
    " old_size INTEGER, old_digest TEXT,"            // of the file that it replaces, while the commit is open
    " open INTEGER NOT NULL, made INTEGER NOT NULL) WITHOUT ROWID;";

struct Statement {
  sqlite3_stmt* handle = nullptr;

  Statement() = default;
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;
  ~Statement() { sqlite3_finalize(handle); }

  void bind(int at, std::string_view text) {
    sqlite3_bind_text(handle, at, text.data(), static_cast<int>(text.size()), SQLITE_TRANSIENT);
  }
  void bind(int at, std::int64_t number) { sqlite3_bind_int64(handle, at, number); }
  std::string text(int column) const {
    const auto* value = reinterpret_cast<const char*>(sqlite3_column_text(handle, column));
    return value == nullptr ? std::string()
                            : std::string(value, static_cast<std::size_t>(sqlite3_column_bytes(handle, column)));
  }
  std::int64_t number(int column) const { return sqlite3_column_int64(handle, column); }
};

// Resets on leaving, so that no read lock outlives the question.
class Use {
 public:
  explicit Use(Statement& statement) : statement_(statement) {}
  Use(const Use&) = delete;
  Use& operator=(const Use&) = delete;
  ~Use() {
    sqlite3_reset(statement_.handle);
    sqlite3_clear_bindings(statement_.handle);
  }

 private:
  Statement& statement_;
};

struct Row {
  ResultKey key;
  Fingerprint made;
  Fingerprint old;  // digest empty: there was no older file of ours
  bool open = false;
};

std::string hex(XXH128_hash_t hash) {
  char text[33];
  std::snprintf(text, sizeof text, "%016llx%016llx", static_cast<unsigned long long>(hash.high64),
                static_cast<unsigned long long>(hash.low64));
  return text;
}

}  // namespace

std::string hash_of(std::span<const std::byte> bytes) {
  return hex(XXH3_128bits(bytes.data(), bytes.size()));
}

Fingerprint fingerprint_of(std::span<const std::byte> bytes) {
  return {static_cast<std::int64_t>(bytes.size()), hash_of(bytes)};
}

std::optional<Fingerprint> fingerprint_of(const fs::path& file) {
  std::error_code error;
  if (!fs::exists(fs::symlink_status(file, error))) return std::nullopt;
  std::ifstream stream(file, std::ios::binary);
  if (!stream) throw Error(ErrorCode::unreadable, file.string() + ": " + std::strerror(errno), "move it away");
  XXH3_state_t state;
  XXH3_128bits_reset(&state);
  Fingerprint fingerprint;
  std::array<char, 1 << 16> block{};
  while (stream.read(block.data(), block.size()), stream.gcount() > 0) {
    XXH3_128bits_update(&state, block.data(), static_cast<std::size_t>(stream.gcount()));
    fingerprint.size += stream.gcount();
  }
  fingerprint.digest = hex(XXH3_128bits_digest(&state));
  return fingerprint;
}

struct Journal::Database {
  mutable std::mutex mutex;  // guards everything below
  sqlite3* handle = nullptr;
  Statement select, insert, close_commit;
  std::vector<std::string> warnings;
  bool newer = false;  // made by a later pixmill

  ~Database() {
    for (Statement* statement : {&select, &insert, &close_commit}) {
      sqlite3_finalize(statement->handle);
      statement->handle = nullptr;
    }
    sqlite3_close(handle);
  }

  bool try_open(const char* name) {
    sqlite3_close(handle);
    handle = nullptr;
    if (sqlite3_open_v2(name, &handle, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, nullptr) !=
        SQLITE_OK)
      return false;
    sqlite3_busy_timeout(handle, kBusyMs);
    const int version = user_version();
    newer = version > kSchema;
    if (version < 0 || newer) return false;
    if (sqlite3_exec(handle, kSetUp, nullptr, nullptr, nullptr) != SQLITE_OK) return false;
    const std::string stamp = "PRAGMA user_version = " + std::to_string(kSchema);
    return version == kSchema || sqlite3_exec(handle, stamp.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK;
  }

  // -1 where the file is no database.
  int user_version() {
    Statement statement;
    if (sqlite3_prepare_v2(handle, "PRAGMA user_version", -1, &statement.handle, nullptr) != SQLITE_OK) return -1;
    return sqlite3_step(statement.handle) == SQLITE_ROW ? static_cast<int>(statement.number(0)) : -1;
  }

  void prepare(Statement& statement, const char* sql) {
    if (sqlite3_prepare_v3(handle, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement.handle, nullptr) != SQLITE_OK) {
      throw Error(ErrorCode::internal, std::string("journal: ") + sqlite3_errmsg(handle));
    }
  }

  std::optional<Row> row_of(const std::string& output) {
    const Use use(select);
    select.bind(1, output);
    if (sqlite3_step(select.handle) != SQLITE_ROW) return std::nullopt;
    return Row{{select.text(0), select.text(1), select.text(2)},
               {select.number(3), select.text(4)},
               {select.number(5), select.text(6)},
               select.number(7) != 0};
  }

  void step(Statement& statement) {
    if (sqlite3_step(statement.handle) != SQLITE_DONE) {
      const bool full = sqlite3_errcode(handle) == SQLITE_FULL;
      throw Error(full ? ErrorCode::disk_full : ErrorCode::unwritable,
                  std::string("the journal cannot be written: ") + sqlite3_errmsg(handle),
                  "free space where PIXMILL_HOME lies; finished files are kept, and the job resumes from there");
    }
  }
};

Journal::Journal(const fs::path& file) : database_(std::make_unique<Database>()) {
  Database& db = *database_;
  bool open = false;
  if (!file.empty()) {
    std::error_code error;
    fs::create_directories(file.parent_path(), error);
    open = db.try_open(file.c_str());
    if (!open && db.handle != nullptr && sqlite3_errcode(db.handle) == SQLITE_NOTADB) {
      fs::path aside = file;
      aside += ".damaged-" + std::to_string(std::time(nullptr));
      fs::rename(file, aside, error);
      for (const char* suffix : {"-wal", "-shm"}) fs::remove(fs::path(file) += suffix, error);
      open = db.try_open(file.c_str());
      db.warnings.push_back("the journal was damaged and is set aside as " + aside.string() +
                            "; what was finished before counts as not made by pixmill (--overwrite redoes it)");
    }
    if (!open) {
      db.warnings.push_back("no journal at " + file.string() + " (" +
                            (db.newer               ? "it was made by a newer pixmill"
                             : db.handle == nullptr ? "no memory"
                                                    : sqlite3_errmsg(db.handle)) +
                            "): this job cannot be resumed; PIXMILL_HOME moves it");
    }
  }
  if (!open && !db.try_open(":memory:")) throw Error(ErrorCode::internal, "SQLite cannot open a database in memory");
  db.prepare(db.select,
             "SELECT content, model, settings, size, digest, old_size, old_digest, open FROM results WHERE output = ?");
  db.prepare(db.insert,
             "INSERT INTO results (output, content, model, settings, size, digest, open, made)"
             " VALUES (?1, ?2, ?3, ?4, ?5, ?6, 1, unixepoch())"
             " ON CONFLICT (output) DO UPDATE SET content = ?2, model = ?3, settings = ?4, old_size = size, old_digest "
             "= digest,"
             " size = ?5, digest = ?6, open = 1, made = unixepoch()");
  db.prepare(db.close_commit, "UPDATE results SET open = 0, old_size = NULL, old_digest = NULL WHERE output = ?");
}

Journal::~Journal() = default;

Journal::State Journal::state_of(const fs::path& output, const ResultKey& key) {
  std::error_code error;
  const fs::file_status status = fs::symlink_status(output, error);
  if (!fs::exists(status)) return State::absent;
  if (!fs::is_regular_file(status)) return State::foreign;
  const std::scoped_lock lock(database_->mutex);
  const std::optional<Row> row = database_->row_of(output.native());
  if (!row) return State::foreign;
  const auto size = static_cast<std::int64_t>(fs::file_size(output, error));
  if (size != row->made.size && (!row->open || size != row->old.size)) return State::foreign;
  const std::optional<Fingerprint> found = fingerprint_of(output);
  if (found == row->made) {
    if (row->open) {
      const Use use(database_->close_commit);
      database_->close_commit.bind(1, output.native());
      database_->step(database_->close_commit);
    }
    return row->key == key ? State::done : State::stale;
  }
  return row->open && found == row->old ? State::stale : State::foreign;
}

void Journal::begin(const fs::path& output, const ResultKey& key, const Fingerprint& made) {
  const std::scoped_lock lock(database_->mutex);
  Statement& statement = database_->insert;
  const Use use(statement);
  statement.bind(1, output.native());
  statement.bind(2, key.content);
  statement.bind(3, key.model);
  statement.bind(4, key.settings);
  statement.bind(5, made.size);
  statement.bind(6, made.digest);
  database_->step(statement);
}

void Journal::finish(const fs::path& output) {
  const std::scoped_lock lock(database_->mutex);
  const Use use(database_->close_commit);
  database_->close_commit.bind(1, output.native());
  database_->step(database_->close_commit);
}

const std::vector<std::string>& Journal::warnings() const {
  return database_->warnings;
}

}  // namespace pixmill::pipeline
