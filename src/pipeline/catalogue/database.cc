#include "pipeline/catalogue/database.h"

#include <sys/vfs.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <thread>

namespace pixmill::pipeline {

CatalogueError Database::error_for(int code, const char* reason) const {
  const std::string message = (name_.empty() ? what_ + std::string(" in memory") : name_) + ": " + reason;
  switch (code & 0xff) {
    case SQLITE_FULL:
      return {ErrorCode::disk_full, message,
              "free space on the disk where it lies; finished files are kept, and the job resumes from there"};
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return {ErrorCode::unwritable, message + ": another program holds " + what_,
              std::string("wait for it to end; ") + otherwise_};
    case SQLITE_NOMEM: return {ErrorCode::out_of_memory, message, "close other programs"};
    case SQLITE_IOERR:
      return {ErrorCode::unreadable, message + ": the disk of " + what_ + " fails",
              std::string("check the disk; ") + otherwise_};
    default: return {ErrorCode::internal, message + " (SQLite " + std::to_string(code) + ")", "please report this"};
  }
}

void Database::open(const std::string& name, int flags, int busy_ms) {
  close();
  name_ = name;
  const char* place = name.empty() ? ":memory:" : name.c_str();
  if (sqlite3_open_v2(place, &handle_, flags | SQLITE_OPEN_NOMUTEX, nullptr) != SQLITE_OK) fail();
  sqlite3_extended_result_codes(handle_, 1);
  sqlite3_busy_timeout(handle_, busy_ms);
  busy_ms_ = busy_ms;
}

void Database::close() {
  sqlite3_close(handle_);
  handle_ = nullptr;
}

void Database::fail() const {
  if (handle_ == nullptr) throw CatalogueError(ErrorCode::out_of_memory, "SQLite: no memory");
  const int code = sqlite3_extended_errcode(handle_);
  const int kind = code & 0xff;
  if (kind == SQLITE_CORRUPT || kind == SQLITE_NOTADB || code == SQLITE_IOERR_SHORT_READ) throw Damaged();
  if (kind == SQLITE_READONLY || kind == SQLITE_PERM || kind == SQLITE_CANTOPEN) {
    throw NotWritable(ErrorCode::unwritable,
                      name_ + ": " + sqlite3_errmsg(handle_) + ": " + what_ + " cannot be written",
                      std::string("give this user the right to write there; ") + otherwise_);
  }
  throw error_for(code, sqlite3_errmsg(handle_));
}

void Database::run(const char* sql) {
  if (sqlite3_exec(handle_, sql, nullptr, nullptr, nullptr) != SQLITE_OK) fail();
}

void Database::run_when_free(const char* sql) {
  constexpr auto kPause = std::chrono::milliseconds(5);
  const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(busy_ms_);
  while (true) {
    const int code = sqlite3_exec(handle_, sql, nullptr, nullptr, nullptr);
    if (code == SQLITE_OK) return;
    if ((code & 0xff) != SQLITE_BUSY || std::chrono::steady_clock::now() >= end) fail();
    std::this_thread::sleep_for(kPause);
  }
}

std::int64_t Database::number(const char* sql) {
  Statement statement(*this, sql);
  return statement.step() ? statement.number(0) : 0;
}

std::string Database::text(const char* sql) {
  Statement statement(*this, sql);
  return statement.step() ? statement.text(0) : std::string();
}

void Database::copy_from(Database& other) {
  sqlite3_backup* copy = sqlite3_backup_init(handle_, "main", other.handle_, "main");
  if (copy == nullptr) fail();
  const int code = sqlite3_backup_step(copy, -1);
  sqlite3_backup_finish(copy);
  if (code == SQLITE_DONE) return;
  const int kind = code & 0xff;
  if (kind == SQLITE_CORRUPT || kind == SQLITE_NOTADB) throw Damaged();
  throw other.error_for(code, sqlite3_errstr(code));
}

std::string immutable_uri(const std::filesystem::path& file) {
  std::string uri = "file:";
  for (const char c : file.native()) {
    char code[4];
    std::snprintf(code, sizeof code, "%%%02x", static_cast<unsigned>(static_cast<unsigned char>(c)));
    uri += c == '/' ? "/" : code;
  }
  return uri + "?immutable=1";
}

void open_to_read(Database& database, const std::filesystem::path& file, int busy_ms) {
  try {
    database.open(file.native(), SQLITE_OPEN_READONLY, busy_ms);
    (void)database.number("PRAGMA user_version");
  } catch (const NotWritable&) {
    database.open(immutable_uri(file), SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, busy_ms);
    (void)database.number("PRAGMA user_version");
  }
}

Statement::Statement(Database& database, const char* sql) : database_(database) {
  if (sqlite3_prepare_v3(database.handle(), sql, -1, SQLITE_PREPARE_PERSISTENT, &handle_, nullptr) != SQLITE_OK)
    database.fail();
}

void Statement::bind(int at, std::string_view text) {
  sqlite3_bind_text(handle_, at, text.data() == nullptr ? "" : text.data(), static_cast<int>(text.size()),
                    SQLITE_TRANSIENT);
}

void Statement::bind(int at, std::span<const std::byte> bytes) {
  if (bytes.empty()) {
    sqlite3_bind_zeroblob(handle_, at, 0);
  } else {
    sqlite3_bind_blob64(handle_, at, bytes.data(), bytes.size(), SQLITE_TRANSIENT);
  }
}

bool Statement::step() {
  const int code = sqlite3_step(handle_);
  if (code == SQLITE_ROW) return true;
  if (code != SQLITE_DONE) database_.fail();
  return false;
}

void Statement::reset() {
  sqlite3_reset(handle_);
  sqlite3_clear_bindings(handle_);
}

std::string Statement::text(int column) const {
  const auto* value = reinterpret_cast<const char*>(sqlite3_column_text(handle_, column));
  return value == nullptr ? std::string()
                          : std::string(value, static_cast<std::size_t>(sqlite3_column_bytes(handle_, column)));
}

std::vector<std::byte> Statement::bytes(int column) const {
  const auto* value = static_cast<const std::byte*>(sqlite3_column_blob(handle_, column));
  return value == nullptr ? std::vector<std::byte>()
                          : std::vector<std::byte>(value, value + sqlite3_column_bytes(handle_, column));
}

bool on_network(const std::filesystem::path& folder) {
  // Of linux/magic.h and the kernel's sources: NFS, SMB, SMB2, CIFS, Ceph, AFS, 9P, Coda, Lustre, GPFS, FUSE.
  constexpr std::array<std::uint32_t, 11> kNetwork = {0x6969,     0x517b,     0xfe534d42, 0xff534d42,
                                                      0x00c36400, 0x5346414f, 0x01021997, 0x73757245,
                                                      0x0bd00bd0, 0x47504653, 0x65735546};
  struct statfs facts {};
  if (::statfs(folder.c_str(), &facts) != 0) return false;
  return std::find(kNetwork.begin(), kNetwork.end(), static_cast<std::uint32_t>(facts.f_type)) != kNetwork.end();
}

}  // namespace pixmill::pipeline
