#include "pipeline/index/index_tables.h"

#include <cstring>
#include <system_error>
#include <utility>

namespace pixmill::pipeline {
namespace fs = std::filesystem;
namespace {

constexpr int kSchema = 1;
constexpr int kBusyMs = 60'000;

constexpr const char* kTables =
    "CREATE TABLE IF NOT EXISTS state (one INTEGER PRIMARY KEY CHECK (one = 1), task TEXT NOT NULL,"
    " models TEXT NOT NULL, settings TEXT NOT NULL, model TEXT NOT NULL, options TEXT NOT NULL,"
    " columns INTEGER NOT NULL, generation INTEGER NOT NULL, rows INTEGER NOT NULL, sorted INTEGER NOT NULL,"
    " wanted INTEGER NOT NULL, recall_wanted REAL NOT NULL, probes INTEGER NOT NULL, recall REAL NOT NULL,"
    " begins BLOB NOT NULL);"
    "CREATE TABLE IF NOT EXISTS pictures (row INTEGER PRIMARY KEY, path TEXT NOT NULL UNIQUE, content TEXT NOT NULL);"
    "CREATE TABLE IF NOT EXISTS forgotten (row INTEGER PRIMARY KEY, erased INTEGER NOT NULL);";

constexpr const char* kWhat = "the index";
constexpr const char* kOtherwise = "name another folder";
constexpr const char* kAgain =
    "make it again: pixmill embed PICTURES --index FOLDER; vectors that are known are not computed again";

std::int64_t whole(std::size_t number) {
  return static_cast<std::int64_t>(number);
}

void check_version(Database& database, const fs::path& file) {
  if (database.number("PRAGMA user_version") > kSchema)
    throw Error(ErrorCode::unsupported, file.string() + " was made by a newer pixmill", "use that one");
}

std::size_t size_at(const Statement& row, int column) {
  return static_cast<std::size_t>(row.number(column));
}

}  // namespace

fs::path index_file(const fs::path& folder) {
  return folder / "index.db";
}

void about_index(const fs::path& folder, const std::function<void()>& work) {
  const Error damaged(ErrorCode::corrupt, index_file(folder).string() + " is damaged, or no index of pixmill", kAgain);
  try {
    work();
  } catch (const Damaged&) {
    throw damaged;
  } catch (const NotWritable& error) {
    throw Error(ErrorCode::unwritable, error.message(), "give this user the right to write there");
  } catch (const CatalogueError& error) {  // tables that are not as this program makes them
    if (error.code() == ErrorCode::internal) throw damaged;
    throw;
  } catch (const Error& error) {  // of the files of vectors
    if (error.code() != ErrorCode::not_found && (error.code() != ErrorCode::corrupt || !error.hint().empty())) throw;
    throw Error(ErrorCode::corrupt, error.message(), kAgain);
  }
}

IndexTables::IndexTables(const fs::path& folder, Reading) : database_(kWhat, kOtherwise) {
  open_to_read(database_, index_file(folder), kBusyMs);
  check_version(database_, index_file(folder));
}

IndexTables::IndexTables(const fs::path& folder, Writing) : database_(kWhat, kOtherwise) {
  database_.open(index_file(folder).native(), SQLITE_OPEN_READWRITE, kBusyMs);
  check_version(database_, index_file(folder));
}

void IndexTables::make(const fs::path& folder) {
  Database database(kWhat, kOtherwise);
  database.open(index_file(folder).native(), SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, kBusyMs);
  database.run_when_free(on_network(folder) ? "PRAGMA journal_mode = DELETE" : "PRAGMA journal_mode = WAL");
  check_version(database, index_file(folder));
  Transaction transaction(database);
  database.run(kTables);
  database.run(("PRAGMA user_version = " + std::to_string(kSchema)).c_str());
  transaction.commit();
}

std::optional<IndexState> IndexTables::state() {
  Statement row(database_,
                "SELECT task, models, settings, model, options, columns, generation, rows, sorted, wanted,"
                " recall_wanted, probes, recall, begins FROM state");
  if (!row.step()) return std::nullopt;
  IndexState state;
  state.origin = {{{}, row.text(1), row.text(2), row.text(0)}, row.text(3), row.text(4)};
  state.columns = size_at(row, 5);
  state.generation = row.number(6);
  state.rows = size_at(row, 7);
  state.sorted = size_at(row, 8);
  state.wanted = static_cast<IndexKind>(row.number(9));
  state.recall_wanted = row.real(10);
  state.probes = {size_at(row, 11), row.real(12)};
  const std::vector<std::byte> begins = row.bytes(13);
  state.begins.resize(begins.size() / sizeof(std::uint64_t));
  if (!state.begins.empty())
    std::memcpy(state.begins.data(), begins.data(), state.begins.size() * sizeof(std::uint64_t));
  const bool flat = state.begins.empty() && state.sorted == 0;
  const bool in_lists = state.sorted > 0 && state.begins.size() > 1 && state.begins.back() == state.sorted;
  if (state.columns == 0 || state.sorted > state.rows || (!flat && !in_lists)) throw Damaged();
  return state;
}

void IndexTables::put_state(const IndexState& state) {
  Statement put(database_, "INSERT OR REPLACE INTO state VALUES (1,?,?,?,?,?,?,?,?,?,?,?,?,?,?)");
  const ResultKey& key = state.origin.key;
  put.bind_all(std::string_view(key.task), std::string_view(key.model), std::string_view(key.settings),
               std::string_view(state.origin.model), std::string_view(state.origin.options), whole(state.columns),
               state.generation, whole(state.rows), whole(state.sorted), static_cast<std::int64_t>(state.wanted),
               state.recall_wanted, whole(state.probes.lists), state.probes.recall,
               std::as_bytes(std::span(state.begins)));
  put.step();
}

Statement& IndexTables::prepared(std::optional<Statement>& statement, const char* sql) {
  if (!statement) statement.emplace(database_, sql);
  return *statement;
}

std::optional<IndexTables::Place> IndexTables::find(const fs::path& picture) {
  const Use row(prepared(find_, "SELECT row, content FROM pictures WHERE path = ?"));
  row->bind_all(std::string_view(picture.native()));
  if (!row->step()) return std::nullopt;
  return Place{static_cast<std::size_t>(row->number(0)), row->text(1)};
}

std::string IndexTables::path_of(std::size_t row) {
  const Use found(prepared(path_of_, "SELECT path FROM pictures WHERE row = ?"));
  found->bind_all(whole(row));
  return found->step() ? found->text(0) : std::string();
}

void IndexTables::insert(std::size_t row, const VectorIndex::Picture& picture) {
  const Use put(prepared(insert_, "INSERT INTO pictures VALUES (?,?,?)"));
  put->bind_all(whole(row), std::string_view(picture.path.native()), std::string_view(picture.content));
  put->step();
}

void IndexTables::remove(const fs::path& picture, std::size_t row) {
  Statement gone(database_, "DELETE FROM pictures WHERE path = ?");
  gone.bind_all(std::string_view(picture.native()));
  gone.step();
  forget(row);
}

void IndexTables::forget(std::uint64_t row) {
  Statement put(database_, "INSERT OR REPLACE INTO forgotten VALUES (?,0)");
  put.bind_all(static_cast<std::int64_t>(row));
  put.step();
}

std::size_t IndexTables::pictures() {
  return static_cast<std::size_t>(database_.number("SELECT count(*) FROM pictures"));
}

void IndexTables::each_picture(const std::function<void(const fs::path&)>& visit) {
  Statement row(database_, "SELECT path FROM pictures ORDER BY path");
  while (row.step()) visit(row.text(0));
}

std::vector<std::uint64_t> IndexTables::rows_in_use(std::size_t below) {
  std::vector<std::uint64_t> rows;
  Statement row(database_, "SELECT row FROM pictures WHERE row < ? ORDER BY row");
  row.bind_all(whole(below));
  while (row.step()) rows.push_back(static_cast<std::uint64_t>(row.number(0)));
  return rows;
}

std::size_t IndexTables::forgotten() {
  return static_cast<std::size_t>(database_.number("SELECT count(*) FROM forgotten"));
}

std::vector<std::uint64_t> IndexTables::to_erase() {
  std::vector<std::uint64_t> rows;
  Statement row(database_, "SELECT row FROM forgotten WHERE erased = 0");
  while (row.step()) rows.push_back(static_cast<std::uint64_t>(row.number(0)));
  return rows;
}

void IndexTables::erased() {
  database_.run("UPDATE forgotten SET erased = 1 WHERE erased = 0");
}

void IndexTables::renumber(const std::vector<std::uint64_t>& new_rows) {
  database_.run("ALTER TABLE pictures RENAME TO earlier");
  database_.run("CREATE TABLE pictures (row INTEGER PRIMARY KEY, path TEXT NOT NULL UNIQUE, content TEXT NOT NULL)");
  {
    Statement row(database_, "SELECT row, path, content FROM earlier ORDER BY path");
    Statement put(database_, "INSERT INTO pictures VALUES (?,?,?)");
    while (row.step()) {
      const std::size_t old_row = size_at(row, 0);
      if (old_row >= new_rows.size()) throw Damaged();
      const std::string path = row.text(1), content = row.text(2);
      const Use use(put);
      use->bind_all(whole(new_rows[old_row]), std::string_view(path), std::string_view(content));
      use->step();
    }
  }
  database_.run("DROP TABLE earlier");
  database_.run("DELETE FROM forgotten");
}

}  // namespace pixmill::pipeline
