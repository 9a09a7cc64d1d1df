#include "pipeline/catalogue/state.h"

#include <ctime>
#include <system_error>

#include "pipeline/catalogue/schema.h"
#include "pipeline/file_layer.h"

namespace pixmill::pipeline {
namespace fs = std::filesystem;
namespace {

constexpr int kReadWrite = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;

// Thrown where a later pixmill made the file.
struct Newer {};

std::uint64_t inode_of(const fs::path& file) {
  const auto stamp = FileLayer::of_the_system().stamp(file);
  return stamp ? stamp->inode : 0;
}

constexpr const char* kWhatThen =
    "; results that it knew are made again beside the old files, and those that are equal are taken over";

}  // namespace

Catalogue::State::State(fs::path file, Options options) : file_(std::move(file)), options_(std::move(options)) {
  if (file_.empty()) {
    open_in_memory();
    return;
  }
  try {
    open_or_do_without();
  } catch (const Damaged&) {
    set_aside();
    open();
  }
}

Corrections Catalogue::State::take_corrections() {
  const std::scoped_lock lock(notes_);
  return std::exchange(corrections_, {});
}

void Catalogue::State::give_back(Corrections corrections) {
  const std::scoped_lock lock(notes_);
  corrections.append(std::move(corrections_));
  corrections_ = std::move(corrections);
}

void Catalogue::State::write_all(const char* durability, std::span<const Coming> finished, std::span<Entry> entries) {
  Corrections corrections = take_corrections();
  std::size_t lost = 0;
  try {
    lost = write([&](Tables& tables) {
      tables.database().run(durability);
      return tables.write(corrections, finished, entries);
    });
  } catch (...) {
    give_back(std::move(corrections));
    throw;
  }
  if (lost > 0)
    warn("what was known of " + std::to_string(lost) +
         " pictures by equal ones went meanwhile, as these changed; run the same command again to look at them");
}

void Catalogue::State::warn(std::string message) {
  const std::scoped_lock lock(notes_);
  warnings_.push_back(std::move(message));
}

std::unique_ptr<Tables> Catalogue::State::connect(bool first) {
  auto database = std::make_unique<Database>();
  database->open(file_.native(), kReadWrite, options_.busy_ms);
  if (database->number("PRAGMA user_version") > kSchema) throw Newer{};
  const bool network = options_.on_network.value_or(on_network(file_.parent_path()));
  if (first) {
    // Of a new file: a vector of a thousand numbers then lies in one page with others, where pages of 4 KB would give
    // each a page of its own. The second keeps as many of the larger pages in memory.
    database->run("PRAGMA page_size = 16384; PRAGMA cache_size = -8000");
    // Two that make it at once both read and want to write: SQLite lets one of them fail at once and not wait.
    database->run_when_free(network ? "PRAGMA journal_mode = DELETE" : "PRAGMA journal_mode = WAL");
    if (std::string warning = set_up(*database, options_.old_journal); !warning.empty()) warn(std::move(warning));
  }
  return std::make_unique<Tables>(std::move(database));
}

void Catalogue::State::open() {
  std::error_code ignored;  // SQLite says what is wrong with the folder
  fs::create_directories(file_.parent_path(), ignored);
  writer_.tables = connect(true);
  reader_.tables = connect(false);
  inode_ = inode_of(file_);
}

void Catalogue::State::open_or_do_without() {
  std::error_code none;
  try {
    open();
  } catch (const Newer&) {
    warn("no catalogue at " + file_.string() +
         " (it was made by a newer pixmill): this job is not remembered; PIXMILL_HOME moves it");
    open_in_memory();
  } catch (const NotWritable& error) {
    if (fs::is_regular_file(file_, none)) {
      copy_into_memory();
      warn(error.message() + ": what this job makes is not remembered; PIXMILL_HOME moves it");
    } else {
      warn("no catalogue at " + file_.string() + " (" + error.message() +
           "): this job cannot be resumed; PIXMILL_HOME moves it");
      open_in_memory();
    }
  }
}

void Catalogue::State::open_in_memory() {
  reader_.tables.reset();
  auto database = std::make_unique<Database>();
  database->open({}, kReadWrite, options_.busy_ms);
  set_up(*database, {});
  writer_.tables = std::make_unique<Tables>(std::move(database));
  alone_ = true;
}

void Catalogue::State::copy_into_memory() {
  Database source;
  source.open(immutable_uri(file_), SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, options_.busy_ms);
  reader_.tables.reset();
  auto database = std::make_unique<Database>();
  database->open({}, kReadWrite, options_.busy_ms);
  database->copy_from(source);
  set_up(*database, {});
  writer_.tables = std::make_unique<Tables>(std::move(database));
  alone_ = true;
}

void Catalogue::State::set_aside() {
  const std::string aside = file_.native() + ".damaged-" + std::to_string(std::time(nullptr));
  std::error_code error;
  for (const char* suffix : {"-wal", "-shm", ""}) {
    std::error_code missing;
    fs::rename(file_.native() + suffix, aside + suffix, *suffix == '\0' ? error : missing);
  }
  if (error) {
    throw CatalogueError(ErrorCode::corrupt,
                         file_.string() + " is damaged, and cannot be set aside: " + error.message(), "move it away");
  }
  warn("the catalogue was damaged and is set aside as " + aside + kWhatThen);
}

// Another thread, or another process, may have done it already.
void Catalogue::State::replace_damaged(std::uint64_t seen) {
  const std::scoped_lock lock(writer_.mutex, reader_.mutex);
  if (generation_ != seen) return;
  reader_.tables.reset();
  writer_.tables.reset();
  ++generation_;
  if (alone_) {
    warn("the catalogue in memory was damaged" + std::string(kWhatThen));
    return open_in_memory();
  }
  if (inode_of(file_) == inode_) set_aside();
  try {
    open();
  } catch (const Newer&) {
    open_in_memory();
  } catch (...) {
    open_in_memory();  // so that other threads find tables; the error ends this job
    throw;
  }
}

}  // namespace pixmill::pipeline
