#include "pipeline/catalogue/schema.h"

#include <charconv>
#include <system_error>

#include "pipeline/catalogue/content_index.h"
#include "pipeline/catalogue/thing_index.h"

namespace pixmill::pipeline {
namespace fs = std::filesystem;
namespace {

constexpr const char* kTables =
    "CREATE TABLE inputs (id INTEGER PRIMARY KEY, path TEXT NOT NULL UNIQUE,"
    " size INTEGER NOT NULL, mtime INTEGER NOT NULL, inode INTEGER NOT NULL, content TEXT NOT NULL);"
    "CREATE TABLE keys (id INTEGER PRIMARY KEY, job TEXT NOT NULL, model TEXT NOT NULL, settings TEXT NOT NULL,"
    " UNIQUE (model, settings, job));"
    // What was found in an input; stands with its records or not at all.
    "CREATE TABLE results (id INTEGER PRIMARY KEY, input INTEGER NOT NULL, key INTEGER NOT NULL, content TEXT NOT NULL,"
    " made INTEGER NOT NULL, UNIQUE (input, key));"
    "CREATE TABLE records (result INTEGER NOT NULL, kind TEXT NOT NULL, number INTEGER NOT NULL, body BLOB NOT NULL,"
    " PRIMARY KEY (result, kind, number)) WITHOUT ROWID;"
    // Of one result there may be files in several folders, made at different times: each knows its own content.
    "CREATE TABLE outputs (path TEXT PRIMARY KEY, input INTEGER, key INTEGER NOT NULL, content TEXT NOT NULL,"
    " size INTEGER NOT NULL, digest TEXT NOT NULL, mtime INTEGER NOT NULL, inode INTEGER NOT NULL,"  // made last
    " prior TEXT NOT NULL,"  // while the commit is open: the files that it may replace
    " open INTEGER NOT NULL, made INTEGER NOT NULL) WITHOUT ROWID;"
    "CREATE INDEX outputs_of_input ON outputs (input);";

constexpr const char* kTakeOver =
    "INSERT OR IGNORE INTO main.keys (job, model, settings) SELECT DISTINCT '', model, settings FROM old.results;"
    "INSERT OR IGNORE INTO main.outputs (path, input, key, content, size, digest, mtime, inode, prior, open, made)"
    " SELECT r.output, NULL, k.id, r.content, r.size, r.digest, 0, 0,"
    " CASE WHEN r.open AND r.old_digest IS NOT NULL THEN r.old_size || ':' || r.old_digest ELSE '' END, r.open, r.made"
    " FROM old.results r JOIN main.keys k ON k.job = '' AND k.model = r.model AND k.settings = r.settings;";

constexpr const char* kOtherVersion = "it is of another version";

// A database beside the one that is open, under the name `old`; none where the path is empty.
class Attached {
 public:
  Attached(Database& database, const fs::path& file) : database_(database), attached_(!file.empty()) {
    if (!attached_) return;
    Statement attach(database, "ATTACH ? AS old");
    attach.bind(1, file.native());
    attach.step();
  }
  ~Attached() {
    if (attached_) sqlite3_exec(database_.handle(), "DETACH old", nullptr, nullptr, nullptr);
  }
  Attached(const Attached&) = delete;
  Attached& operator=(const Attached&) = delete;

 private:
  Database& database_;
  const bool attached_;
};

// The tables and the rows of the journal come together or, after a kill, not at all. Returns what is wrong with the
// journal.
std::string make_tables(Database& database, const fs::path& journal) {
  const Attached old(database, journal);
  Transaction transaction(database);  // of two processes at once, one makes the tables
  if (database.number("PRAGMA user_version") == kSchema) return {};
  database.run(kTables);
  database.run(kIndexTables);
  const bool known = journal.empty() || database.number("PRAGMA old.user_version") == 1;
  if (known && !journal.empty()) database.run(kTakeOver);
  database.run(("PRAGMA user_version = " + std::to_string(kSchema)).c_str());
  transaction.commit();
  return known ? std::string() : kOtherVersion;
}

// What version 2 did not have.
void add_index(Database& database) {
  Transaction transaction(database);  // of two processes at once, one does it
  if (database.number("PRAGMA user_version") == kSchema) return;
  database.run(kIndexTables);
  index_all_records(database);
  database.run(("PRAGMA user_version = " + std::to_string(kSchema)).c_str());
  transaction.commit();
}

std::string set_up_tables(Database& database, const fs::path& old_journal) {
  constexpr int kWithoutIndex = 2;
  if (database.number("PRAGMA user_version") == kSchema) return {};
  if (database.number("PRAGMA user_version") == kWithoutIndex) {
    add_index(database);
    return {};
  }
  std::error_code none;
  if (old_journal.empty() || !fs::exists(old_journal, none)) return make_tables(database, {});
  std::string trouble;
  try {
    trouble = make_tables(database, old_journal);
    if (trouble.empty()) return {};
  } catch (const Damaged&) {
    trouble = "it is damaged";
  } catch (const CatalogueError& error) {
    trouble = error.message();
  }
  make_tables(database, {});
  return "the journal of earlier results, " + old_journal.string() + ", was not read: " + trouble +
         "; what it knew is made again beside the old files and compared with them";
}

}  // namespace

std::string set_up(Database& database, const fs::path& old_journal) {
  std::string warning = set_up_tables(database, old_journal);
  ContentIndex::make_tables(database);
  return warning;
}

std::string packed(const std::vector<Fingerprint>& fingerprints) {
  std::string text;
  for (const Fingerprint& one : fingerprints)
    text.append(text.empty() ? "" : " ").append(std::to_string(one.size)).append(":").append(one.digest);
  return text;
}

std::vector<Fingerprint> unpacked(std::string_view text) {
  std::vector<Fingerprint> fingerprints;
  while (!text.empty()) {
    const std::string_view word = text.substr(0, text.find(' '));
    text.remove_prefix(std::min(text.size(), word.size() + 1));
    const std::size_t colon = word.find(':');
    if (colon == std::string_view::npos) continue;
    Fingerprint one;
    std::from_chars(word.data(), word.data() + colon, one.size);
    one.digest = word.substr(colon + 1);
    fingerprints.push_back(std::move(one));
  }
  return fingerprints;
}

}  // namespace pixmill::pipeline
