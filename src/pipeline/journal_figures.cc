#include "pixmill/pipeline/journal_figures.h"

#include <sqlite3.h>

#include <memory>
#include <string>
#include <system_error>

#include "pixmill/core/error.h"
#include "pixmill/platform/home.h"

namespace pixmill::pipeline {
namespace {

[[noreturn]] void fail(sqlite3* database, const std::filesystem::path& file) {
  const bool damaged = sqlite3_errcode(database) == SQLITE_NOTADB || sqlite3_errcode(database) == SQLITE_CORRUPT;
  throw Error(damaged ? ErrorCode::corrupt : ErrorCode::unreadable,
              file.string() + " cannot be read: " + sqlite3_errmsg(database),
              "move it away: jobs run without it, and treat earlier results as files not made by pixmill");
}

}  // namespace

std::filesystem::path journal_file(const platform::Home& home) {
  return home.state / "journal.db";
}

std::optional<JournalFigures> read_journal_figures(const std::filesystem::path& file) {
  std::error_code none;
  if (!std::filesystem::exists(file, none)) return std::nullopt;
  sqlite3* raw = nullptr;
  const int opened = sqlite3_open_v2(file.c_str(), &raw, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, nullptr);
  const std::unique_ptr<sqlite3, decltype(&sqlite3_close)> database(raw, sqlite3_close);
  if (opened != SQLITE_OK) fail(raw, file);
  sqlite3_stmt* prepared = nullptr;
  constexpr const char* kFigures =
      "SELECT COUNT(*), COALESCE(SUM(open), 0), COALESCE(SUM(size), 0), COALESCE(MAX(made), 0) FROM results";
  if (sqlite3_prepare_v2(raw, kFigures, -1, &prepared, nullptr) != SQLITE_OK) fail(raw, file);
  const std::unique_ptr<sqlite3_stmt, decltype(&sqlite3_finalize)> statement(prepared, sqlite3_finalize);
  if (sqlite3_step(prepared) != SQLITE_ROW) fail(raw, file);
  return JournalFigures{sqlite3_column_int64(prepared, 0), sqlite3_column_int64(prepared, 1),
                        sqlite3_column_int64(prepared, 2), sqlite3_column_int64(prepared, 3)};
}

}  // namespace pixmill::pipeline
