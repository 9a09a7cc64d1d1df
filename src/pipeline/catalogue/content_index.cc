#include "pipeline/catalogue/content_index.h"

#include <algorithm>

namespace pixmill::pipeline {
namespace {

constexpr std::int64_t kMostWaiting = 8192;
constexpr std::int64_t kWaitingShare = 16;

// Eight digits of a hash tell all but a few results apart; what is found is compared with the whole hash. A row id may
// be used again when the last result went.
constexpr const char* kTables =
    "CREATE TABLE result_contents (start TEXT NOT NULL, key INTEGER NOT NULL, result INTEGER NOT NULL,"
    " PRIMARY KEY (start, key, result)) WITHOUT ROWID;"
    "CREATE TABLE result_contents_last (result INTEGER NOT NULL);"
    "INSERT INTO result_contents_last VALUES (0);"
    "CREATE TRIGGER result_contents_changed AFTER UPDATE OF content ON results WHEN old.content <> new.content BEGIN"
    " DELETE FROM result_contents WHERE start = substr(old.content, 1, 8) AND key = old.key AND result = old.id;"
    " INSERT OR IGNORE INTO result_contents VALUES (substr(new.content, 1, 8), new.key, new.id); END;"
    "CREATE TRIGGER result_contents_deleted AFTER DELETE ON results BEGIN"
    " DELETE FROM result_contents WHERE start = substr(old.content, 1, 8) AND key = old.key AND result = old.id;"
    " UPDATE result_contents_last SET result = min(result, (SELECT ifnull(max(id), 0) FROM results)); END;";

constexpr const char* kEnter =
    "INSERT OR IGNORE INTO result_contents SELECT substr(content, 1, 8), key, id FROM results"
    " WHERE id > (SELECT result FROM result_contents_last) ORDER BY 1, 2, 3;"
    "UPDATE result_contents_last SET result = (SELECT ifnull(max(id), 0) FROM results);";

constexpr const char* kAreTablesThere = "SELECT 1 FROM sqlite_master WHERE name = 'result_contents_last'";

}  // namespace

void ContentIndex::make_tables(Database& database) {
  if (database.number(kAreTablesThere) == 1) return;
  Transaction transaction(database);  // of two processes at once, one makes them
  if (database.number(kAreTablesThere) == 1) return;
  database.run(kTables);
  transaction.commit();
}

ContentIndex::ContentIndex(Database& database)
    : database_(database),
      select_(database,
              "SELECT r.id FROM keys k"
              " JOIN result_contents c ON c.start = substr(?1, 1, 8) AND c.key = k.id"
              " JOIN results r ON r.id = c.result AND r.key = k.id AND r.content = ?1"
              " WHERE k.model = ?2 AND k.settings = ?3 AND k.job = ?4 LIMIT 1"),
      select_waiting_(database,
                      "SELECT ifnull((SELECT max(id) FROM results), 0) - result, result FROM result_contents_last") {}

std::optional<std::int64_t> ContentIndex::find(const ResultKey& key) {
  const Use row(select_);
  row->bind_all(key.content, key.model, key.settings, key.task);
  if (!row->step()) return std::nullopt;
  return row->number(0);
}

void ContentIndex::enter_where_many_wait() {
  bool many = false;
  {
    const Use row(select_waiting_);
    many = row->step() && row->number(0) > std::min(kMostWaiting, row->number(1) / kWaitingShare);
  }
  if (many) enter_all();
}

void ContentIndex::enter_all() {
  database_.run(kEnter);
}

}  // namespace pixmill::pipeline
