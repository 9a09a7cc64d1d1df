// The rows by which the catalogue answers questions about found things: kept beside the records, in the same
// transactions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "pipeline/catalogue/database.h"
#include "pixmill/tasks/record_index.h"

namespace pixmill::pipeline {

// Tables `classes`, `looks` (a row for each result with a record that has an index) and `things`, which is ordered by
// class, so that a question reads the classes that it is about. Confidences and boxes are there as the bits of their
// floats, which are exact, short, and in the same order for numbers from 0.
inline constexpr const char* kIndexTables =
    "CREATE TABLE classes (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);"
    "CREATE TABLE looks (result INTEGER PRIMARY KEY, width INTEGER NOT NULL, height INTEGER NOT NULL,"
    " confidence INTEGER NOT NULL, sharpness REAL NOT NULL, brightness REAL NOT NULL,"
    " classes TEXT NOT NULL);"  // those of its things, as a JSON array: where their rows are
    "CREATE TABLE things (class INTEGER NOT NULL, result INTEGER NOT NULL, number INTEGER NOT NULL,"
    " confidence INTEGER NOT NULL, left INTEGER NOT NULL, top INTEGER NOT NULL, right INTEGER NOT NULL,"
    " bottom INTEGER NOT NULL, area REAL NOT NULL, PRIMARY KEY (class, result, number)) WITHOUT ROWID;"
    // Whoever deletes records, a process of an earlier version among them, deletes what is asked of them.
    "CREATE TRIGGER things_of_deleted_records AFTER DELETE ON records BEGIN"
    " DELETE FROM things WHERE result = old.result AND class IN"
    " (SELECT value FROM json_each((SELECT classes FROM looks WHERE result = old.result)));"
    " DELETE FROM looks WHERE result = old.result; END;";

// Not synchronised; all within a transaction of the caller's.
class ThingIndex {
 public:
  explicit ThingIndex(Database& database);  // whose tables are there

  void add(std::int64_t result, const tasks::RecordIndex& index);  // of which nothing is there

 private:
  std::int64_t id_of_class(const std::string& name);

  Database& database_;
  Statement select_class_, insert_class_, insert_look_, insert_thing_;
};

// None of a record that has no index or cannot be read: whoever exports it says what is wrong.
std::optional<tasks::RecordIndex> readable_index(const tasks::Record& record);

// Indexes all records that are there: of a catalogue that an earlier version made.
void index_all_records(Database& database);

}  // namespace pixmill::pipeline
