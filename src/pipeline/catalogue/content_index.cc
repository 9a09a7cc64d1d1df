#include "pipeline/catalogue/content_index.h"

#include <algorithm>

namespace pixmill::pipeline {
namespace {

constexpr std::int64_t kMostWaiting = 8192;
constexpr std::int64_t kWaitingShare = 16;

// Eight digits of a hash tell all but a few results apart; what is found is compared with the whole hash.
constexpr const char* kTables =
    "CREATE TABLE IF NOT EXISTS result_contents (start TEXT NOT NULL, result INTEGER NOT NULL,"
    " PRIMARY KEY (start, result)) WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS result_contents_last (result INTEGER NOT NULL);"
    "INSERT INTO result_contents_last SELECT 0 WHERE NOT EXISTS (SELECT 1 FROM result_contents_last);";

constexpr const char* kEnter =
    "INSERT OR IGNORE INTO result_contents SELECT substr(content, 1, 8), id FROM results"
    " WHERE id > (SELECT result FROM result_contents_last) ORDER BY 1, 2;"
    "UPDATE result_contents_last SET result = (SELECT ifnull(max(id), 0) FROM results);";

constexpr const char* kAreTablesThere = "SELECT 1 FROM sqlite_master WHERE name = 'result_contents_last'";
constexpr const char* kIsAllEntered =
    "SELECT (SELECT ifnull(max(id), 0) FROM results) = (SELECT result FROM result_contents_last)";

}  // namespace

void ContentIndex::set_up(Database& database) {
  if (database.number(kAreTablesThere) == 1 && database.number(kIsAllEntered) == 1) return;
  Transaction transaction(database);  // of two processes at once, one makes the tables
  database.run(kTables);
  database.run(kEnter);
  transaction.commit();
}

ContentIndex::ContentIndex(Database& database)
    : database_(database),
      select_(database,
              "SELECT r.id FROM result_contents c JOIN results r ON r.id = c.result AND r.content = ?1"
              " JOIN keys k ON k.id = r.key AND k.model = ?2 AND k.settings = ?3 AND k.job = ?4"
              " WHERE c.start = substr(?1, 1, 8) ORDER BY c.result"),
      select_last_(database, "SELECT result FROM result_contents_last"),
      insert_(database, "INSERT OR IGNORE INTO result_contents VALUES (substr(?2, 1, 8), ?1)") {}

std::optional<std::int64_t> ContentIndex::find(const ResultKey& key) {
  const Use row(select_);
  row->bind_all(key.content, key.model, key.settings, key.task);
  if (!row->step()) return std::nullopt;
  return row->number(0);
}

void ContentIndex::begin() {
  const Use row(select_last_);
  last_ = newest_ = row->step() ? row->number(0) : 0;
}

// One that was there before may have another content now.
void ContentIndex::add(std::int64_t result, const std::string& content) {
  newest_ = std::max(newest_, result);
  if (result > last_) return;
  const Use row(insert_);
  row->bind_all(result, content);
  row->step();
}

void ContentIndex::end() {
  const std::int64_t waiting = newest_ - last_;
  if (waiting > std::min(kMostWaiting, last_ / kWaitingShare)) database_.run(kEnter);
}

}  // namespace pixmill::pipeline
