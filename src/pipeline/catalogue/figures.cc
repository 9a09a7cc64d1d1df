#include <sqlite3.h>

#include <memory>
#include <string>
#include <system_error>

#include "pixmill/core/error.h"
#include "pixmill/pipeline/catalogue_figures.h"
#include "pixmill/platform/home.h"

namespace pixmill::pipeline {
namespace {

[[noreturn]] void fail(sqlite3* database, const std::filesystem::path& file) {
  const int code = sqlite3_errcode(database);
  const bool damaged = code == SQLITE_NOTADB || code == SQLITE_CORRUPT;
  throw Error(damaged ? ErrorCode::corrupt : ErrorCode::unreadable,
              file.string() + " cannot be read: " + sqlite3_errmsg(database),
              "move it away: jobs run without it, and take over earlier results that they make again alike");
}

CatalogueFigures read(const std::filesystem::path& file, const char* table) {
  sqlite3* raw = nullptr;
  const int opened = sqlite3_open_v2(file.c_str(), &raw, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, nullptr);
  const std::unique_ptr<sqlite3, decltype(&sqlite3_close)> database(raw, sqlite3_close);
  if (opened != SQLITE_OK) fail(raw, file);
  sqlite3_stmt* prepared = nullptr;
  const std::string question =
      "SELECT COUNT(*), COALESCE(SUM(open), 0), COALESCE(SUM(size), 0), COALESCE(MAX(made), 0) FROM " +
      std::string(table);
  if (sqlite3_prepare_v2(raw, question.c_str(), -1, &prepared, nullptr) != SQLITE_OK) fail(raw, file);
  const std::unique_ptr<sqlite3_stmt, decltype(&sqlite3_finalize)> statement(prepared, sqlite3_finalize);
  if (sqlite3_step(prepared) != SQLITE_ROW) fail(raw, file);
  return {sqlite3_column_int64(prepared, 0), sqlite3_column_int64(prepared, 1), sqlite3_column_int64(prepared, 2),
          sqlite3_column_int64(prepared, 3)};
}

}  // namespace

std::filesystem::path catalogue_file(const platform::Home& home) {
  return home.state / "catalogue.db";
}

std::filesystem::path old_journal_file(const platform::Home& home) {
  return home.state / "journal.db";
}

std::optional<CatalogueFigures> read_catalogue_figures(const platform::Home& home) {
  std::error_code none;
  if (std::filesystem::exists(catalogue_file(home), none)) return read(catalogue_file(home), "outputs");
  if (std::filesystem::exists(old_journal_file(home), none)) return read(old_journal_file(home), "results");
  return std::nullopt;
}

}  // namespace pixmill::pipeline
