// SQLite, with its failures as errors.
#pragma once

#include <sqlite3.h>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "pixmill/core/error.h"

namespace pixmill::pipeline {

// The file is no database, or one with damaged pages.
class Damaged : public std::exception {
 public:
  const char* what() const noexcept override { return "the catalogue is damaged"; }
};

// The catalogue itself fails, and with it the job.
class CatalogueError : public Error {
 public:
  using Error::Error;
};

// The file can be read at most, or cannot be made.
class NotWritable : public CatalogueError {
 public:
  using CatalogueError::CatalogueError;
};

// One connection. Not synchronised. What fails is thrown: Damaged, NotWritable, or another
// CatalogueError{disk_full, unwritable, unreadable}.
class Database {
 public:
  // `what` it is and what to do where it cannot be had, for messages.
  explicit Database(const char* what = "the catalogue of results",
                    const char* otherwise = "PIXMILL_HOME names another place")
      : what_(what), otherwise_(otherwise) {}
  ~Database() { sqlite3_close(handle_); }
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  // `flags` as sqlite3_open_v2() has them. A name "" is a database in memory.
  void open(const std::string& name, int flags, int busy_ms);
  void close();  // statements of it must be gone

  void run(const char* sql);
  void run_when_free(const char* sql);   // again and again while it is busy, where SQLite itself does not wait
  std::int64_t number(const char* sql);  // first column of the first row; 0 without one
  std::string text(const char* sql);

  void copy_from(Database& other);  // all of it

  sqlite3* handle() const { return handle_; }
  [[noreturn]] void fail() const;  // what the last call met

 private:
  CatalogueError error_for(int code, const char* reason) const;

  const char *what_, *otherwise_;
  sqlite3* handle_ = nullptr;
  std::string name_;
  int busy_ms_ = 0;
};

// The file for a name that SQLite opens without any lock, as if nobody wrote to it.
std::string immutable_uri(const std::filesystem::path& file);

// To read, also where nothing may be written beside it, which a log in shared memory needs; then without locks. Throws
// NotWritable where the file cannot be read at all.
void open_to_read(Database& database, const std::filesystem::path& file, int busy_ms);

// A prepared statement. bind(), then step() until it returns false; Use makes it ready for the next time.
class Statement {
 public:
  Statement(Database& database, const char* sql);
  ~Statement() { sqlite3_finalize(handle_); }
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;

  void bind(int at, std::string_view text);
  void bind(int at, std::int64_t number) { sqlite3_bind_int64(handle_, at, number); }
  void bind(int at, double number) { sqlite3_bind_double(handle_, at, number); }
  void bind(int at, std::span<const std::byte> bytes);
  template <typename... Values>
  void bind_all(const Values&... values) {
    int at = 0;
    (bind(++at, values), ...);
  }

  bool step();  // whether there is a row
  void reset();

  std::string text(int column) const;
  std::vector<std::byte> bytes(int column) const;
  std::int64_t number(int column) const { return sqlite3_column_int64(handle_, column); }
  double real(int column) const { return sqlite3_column_double(handle_, column); }
  bool is_null(int column) const { return sqlite3_column_type(handle_, column) == SQLITE_NULL; }

 private:
  Database& database_;
  sqlite3_stmt* handle_ = nullptr;
};

// Resets on leaving, so that no read lock outlives the question.
class Use {
 public:
  explicit Use(Statement& statement) : statement_(statement) {}
  ~Use() { statement_.reset(); }
  Use(const Use&) = delete;
  Use& operator=(const Use&) = delete;
  Statement* operator->() const { return &statement_; }

 private:
  Statement& statement_;
};

// Rolled back unless committed.
class Transaction {
 public:
  explicit Transaction(Database& database) : database_(database) { database_.run("BEGIN IMMEDIATE"); }
  ~Transaction() {
    if (open_) sqlite3_exec(database_.handle(), "ROLLBACK", nullptr, nullptr, nullptr);
  }
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;
  void commit() {
    database_.run("COMMIT");
    open_ = false;
  }

 private:
  Database& database_;
  bool open_ = true;
};

// Whether the folder lies on a file system of the network, where SQLite's shared memory does not work.
bool on_network(const std::filesystem::path& folder);

}  // namespace pixmill::pipeline
