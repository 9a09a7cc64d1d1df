// Results by the content of their pictures: so an equal picture finds what was made of another one.
#pragma once

#include <cstdint>
#include <optional>

#include "pipeline/catalogue/database.h"
#include "pixmill/pipeline/catalogue.h"

namespace pixmill::pipeline {

// Tables `result_contents`, and `result_contents_last`: all results up to that one are entered. Triggers keep up with
// results that change or go, whoever changes them.
//
// Hashes come in no order, so an index that had each result at once would write a page for each: a million results took
// 1.7 times as long (measured). New results wait until they are a sixteenth of all, or 8192, and are entered sorted.
// Those that wait are not found.
//
// Not synchronised; changes are within a transaction of the caller's.
class ContentIndex {
 public:
  static void make_tables(Database& database);  // where they are missing, in a transaction of its own

  explicit ContentIndex(Database& database);  // whose tables are there

  std::optional<std::int64_t> find(const ResultKey& key);  // the first result of this key, of whatever picture

  void enter_where_many_wait();  // at the end of each transaction that added results
  void enter_all();

 private:
  Database& database_;
  Statement select_, select_waiting_;
};

}  // namespace pixmill::pipeline
