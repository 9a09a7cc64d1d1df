// Results by the content of their pictures: so an equal picture finds what was made of another one.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "pipeline/catalogue/database.h"
#include "pixmill/pipeline/catalogue.h"

namespace pixmill::pipeline {

// Hashes come in no order, so an index that had each result at once would write a page for each: a million results took
// 1.7 times as long (measured). New results wait until they are a sixteenth of all, or 8192, and are entered sorted.
// Those that wait are not found.
//
// Not synchronised; changes are within a transaction of the caller's.
class ContentIndex {
 public:
  // Makes its tables where they are missing and enters all results that wait, in a transaction of its own.
  static void set_up(Database& database);

  explicit ContentIndex(Database& database);  // whose tables are there

  std::optional<std::int64_t> find(const ResultKey& key);  // the first result of this key, of whatever picture

  // Once at the beginning of a transaction that adds results, for each of them, and once at its end.
  void begin();
  void add(std::int64_t result, const std::string& content);
  void end();

 private:
  Database& database_;
  Statement select_, select_last_, insert_;
  std::int64_t last_ = 0;    // all results up to this one are entered
  std::int64_t newest_ = 0;  // that was added
};

}  // namespace pixmill::pipeline
