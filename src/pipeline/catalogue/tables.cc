#include "pipeline/catalogue/tables.h"

#include <algorithm>
#include <iterator>

#include "pipeline/catalogue/schema.h"
#include "pipeline/file_layer.h"

namespace pixmill::pipeline {
namespace {

constexpr std::size_t kMostPrior = 16;  // kills in a row between two steps of the same commit

}  // namespace

Tables::Tables(std::unique_ptr<Database> database)
    : database_(std::move(database)),
      select_output_(*database_,
                     "SELECT i.path, k.job, k.model, k.settings, o.content, o.size, o.mtime, o.inode, o.digest,"
                     " o.prior, o.open FROM outputs o JOIN keys k ON k.id = o.key LEFT JOIN inputs i ON i.id = o.input"
                     " WHERE o.path = ?"),
      select_content_(*database_, "SELECT content FROM inputs WHERE path = ? AND size = ? AND mtime = ? AND inode = ?"),
      select_input_(*database_, "SELECT size, mtime, inode, content FROM inputs WHERE path = ?"),
      select_result_(*database_,
                     "SELECT 1 FROM inputs i JOIN results r ON r.input = i.id JOIN keys k ON k.id = r.key"
                     " WHERE i.path = ? AND r.content = ? AND k.model = ? AND k.settings = ? AND k.job = ?"),
      select_records_(*database_, "SELECT kind, body FROM records WHERE result = ? ORDER BY number"),
      select_key_(*database_, "SELECT id FROM keys WHERE model = ? AND settings = ? AND job = ?"),
      insert_key_(*database_, "INSERT INTO keys (model, settings, job) VALUES (?, ?, ?) RETURNING id"),
      upsert_input_(*database_,
                    "INSERT INTO inputs (path, size, mtime, inode, content) VALUES (?1, ?2, ?3, ?4, ?5)"
                    " ON CONFLICT (path) DO UPDATE SET size = ?2, mtime = ?3, inode = ?4, content = ?5 RETURNING id"),
      upsert_result_(*database_,
                     "INSERT INTO results (input, key, content, made) VALUES (?1, ?2, ?3, unixepoch())"
                     " ON CONFLICT (input, key) DO UPDATE SET content = ?3, made = unixepoch() RETURNING id"),
      delete_records_(*database_, "DELETE FROM records WHERE result = ?"),
      insert_record_(*database_, "INSERT INTO records (result, kind, number, body) VALUES (?, ?, ?, ?)"),
      upsert_output_(*database_,
                     "INSERT INTO outputs (path, input, key, content, size, digest, mtime, inode, prior, open, made)"
                     " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, unixepoch())"
                     " ON CONFLICT (path) DO UPDATE SET input = ?2, key = ?3, content = ?4, size = ?5, digest = ?6,"
                     " mtime = ?7, inode = ?8, prior = ?9, open = ?10, made = unixepoch()"),
      close_output_(*database_, "UPDATE outputs SET open = 0, prior = '' WHERE path = ? AND digest = ?"),
      stamp_output_(*database_, "UPDATE outputs SET size = ?2, mtime = ?3, inode = ?4 WHERE path = ?1 AND digest = ?5"),
      adopt_output_(*database_,
                    "UPDATE outputs SET input = (SELECT id FROM inputs WHERE path = ?2) WHERE path = ?1 AND input IS "
                    "NULL"),
      move_input_(*database_, "UPDATE OR IGNORE inputs SET path = ?2 WHERE path = ?1"),
      move_outputs_(*database_,
                    "UPDATE outputs SET input = (SELECT id FROM inputs WHERE path = ?2)"
                    " WHERE input = (SELECT id FROM inputs WHERE path = ?1)"),
      replaced_results_(*database_,
                        "SELECT r.id FROM results r JOIN inputs i ON i.id = r.input AND i.path = ?2"
                        " WHERE r.key IN (SELECT s.key FROM results s JOIN inputs j ON j.id = s.input AND j.path = ?1"
                        " AND s.content = j.content)"),
      delete_result_(*database_, "DELETE FROM results WHERE id = ?"),
      move_results_(*database_,
                    "UPDATE OR IGNORE results SET input = (SELECT id FROM inputs WHERE path = ?2)"
                    " WHERE input = (SELECT id FROM inputs WHERE path = ?1)"),
      things_(*database_),
      contents_(*database_) {}

std::optional<Catalogue::Output> Tables::output(const std::string& path) {
  const Use row(select_output_);
  row->bind(1, path);
  if (!row->step()) return std::nullopt;
  Catalogue::Output found;
  found.owner = row->text(0);
  found.key = {row->text(4), row->text(2), row->text(3), row->text(1)};
  found.stamp = {row->number(5), row->number(6), static_cast<std::uint64_t>(row->number(7))};
  found.made = {row->number(5), row->text(8)};
  found.prior = unpacked(row->text(9));
  found.open = row->number(10) != 0;
  return found;
}

std::optional<std::string> Tables::content_of(const std::string& input, const FileStamp& stamp) {
  if (stamp.mtime_ns == 0) return std::nullopt;
  const Use row(select_content_);
  row->bind_all(input, stamp.size, stamp.mtime_ns, static_cast<std::int64_t>(stamp.inode));
  if (!row->step()) return std::nullopt;
  return row->text(0);
}

std::optional<Catalogue::Input> Tables::input(const std::string& path) {
  const Use row(select_input_);
  row->bind(1, path);
  if (!row->step()) return std::nullopt;
  const FileStamp stamp = {row->number(0), row->number(1), static_cast<std::uint64_t>(row->number(2))};
  return Catalogue::Input{stamp, row->text(3)};
}

bool Tables::has_result(const std::string& input, const ResultKey& key) {
  const Use row(select_result_);
  row->bind_all(input, key.content, key.model, key.settings, key.task);
  return row->step();
}

void Corrections::append(Corrections later) {
  const auto move_to = [](auto& all, auto& more) {
    all.insert(all.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
  };
  move_to(moved, later.moved);
  move_to(adopted, later.adopted);
  move_to(inputs, later.inputs);
  move_to(outputs, later.outputs);
  move_to(shared, later.shared);
}

std::size_t Tables::write(const Corrections& corrections, std::span<const Catalogue::Coming> finished,
                          std::span<Catalogue::Entry> entries) {
  Transaction transaction(*database_);
  apply(corrections);
  std::size_t lost = 0;
  for (const Corrections::Shared& shared : corrections.shared) lost += share(shared) ? 0 : 1;
  for (const Catalogue::Coming& output : finished) close(output);
  for (Catalogue::Entry& entry : entries) begin(entry);
  contents_.enter_where_many_wait();
  transaction.commit();
  adds_results_ = adds_results_ || !entries.empty() || !corrections.shared.empty();
  return lost;
}

void Tables::end() {
  if (!adds_results_) return;
  Transaction transaction(*database_);
  contents_.enter_all();
  transaction.commit();
}

std::int64_t Tables::id_of_input(const std::string& path, const FileStamp& stamp, const std::string& content) {
  const Use row(upsert_input_);
  row->bind_all(path, stamp.size, stamp.mtime_ns, static_cast<std::int64_t>(stamp.inode), content);
  row->step();
  return row->number(0);
}

std::int64_t Tables::id_of_key(const ResultKey& key) {
  for (Statement* statement : {&select_key_, &insert_key_}) {
    const Use row(*statement);
    row->bind_all(key.model, key.settings, key.task);
    if (row->step()) return row->number(0);
  }
  database_->fail();
}

std::int64_t Tables::id_of_result(std::int64_t input, std::int64_t key, const std::string& content) {
  const Use row(upsert_result_);
  row->bind_all(input, key, content);
  row->step();
  return row->number(0);
}

// False where another input's output came since it was asked; the entry tells whose.
bool Tables::may_write(Catalogue::Entry& entry, std::vector<std::optional<Catalogue::Output>>& rows) {
  for (Catalogue::Coming& coming : entry.outputs) {
    rows.push_back(output(coming.path.native()));
    const std::optional<Catalogue::Output>& row = rows.back();
    if (!row) continue;
    if (!row->owner.empty() && row->owner != entry.input && row->owner != coming.seen_owner) {
      entry.refused_for = row->owner;
      entry.refused_at = coming.path;
      return false;
    }
    const auto stands = FileLayer::of_the_system().stamp(coming.path);
    coming.made_meanwhile = !coming.replaces && !coming.stands && row->owner == entry.input && row->key == entry.key &&
                            stands && stands->same_as(row->stamp);
  }
  return true;
}

void Tables::begin(Catalogue::Entry& entry) {
  entry.refused_for.clear();
  std::vector<std::optional<Catalogue::Output>> rows;
  if (!may_write(entry, rows)) return;
  const auto known = [](const Catalogue::Coming& coming) { return coming.made_meanwhile; };
  if (!entry.outputs.empty() && std::all_of(entry.outputs.begin(), entry.outputs.end(), known)) return;
  const std::int64_t input = id_of_input(entry.input.native(), entry.stamp, entry.key.content);
  const std::int64_t key = id_of_key(entry.key);
  const std::int64_t result = id_of_result(input, key, entry.key.content);
  write_records(result, entry.records);
  for (std::size_t i = 0; i < entry.outputs.size(); ++i) {
    if (!entry.outputs[i].made_meanwhile) write_output(entry.outputs[i], input, key, entry.key.content, rows[i]);
  }
}

// The index of things goes with them.
void Tables::delete_records(std::int64_t result) {
  const Use statement(delete_records_);
  statement->bind(1, result);
  statement->step();
}

// Those of a file that was at the new path before give way to those of the file that moved there.
void Tables::make_room_for_results(const std::string& from, const std::string& to) {
  std::vector<std::int64_t> replaced;
  {
    const Use row(replaced_results_);
    row->bind_all(from, to);
    while (row->step()) replaced.push_back(row->number(0));
  }
  for (const std::int64_t result : replaced) {
    delete_records(result);
    const Use row(delete_result_);
    row->bind(1, result);
    row->step();
  }
}

std::vector<StoredRecord> Tables::records_of(std::int64_t result) {
  const Use row(select_records_);
  row->bind(1, result);
  std::vector<StoredRecord> records;
  while (row->step()) records.push_back({row->text(0), row->bytes(1)});
  return records;
}

// In the place of what was there.
void Tables::write_records(std::int64_t result, const std::vector<StoredRecord>& records) {
  delete_records(result);
  bool indexed = false;
  for (std::size_t i = 0; i < records.size(); ++i) {
    const Use statement(insert_record_);
    statement->bind_all(result, records[i].kind, static_cast<std::int64_t>(i),
                        std::span<const std::byte>(records[i].body));
    statement->step();
    const auto index = indexed ? std::nullopt : readable_index(records[i]);
    if (index) things_.add(result, *index);
    indexed = indexed || index.has_value();
  }
}

void Tables::write_output(const Catalogue::Coming& coming, std::int64_t input, std::int64_t key,
                          const std::string& content, const std::optional<Catalogue::Output>& row) {
  std::vector<Fingerprint> prior;
  if (row && !coming.stands) {
    if (row->open) prior = row->prior;
    prior.push_back(row->made);
    if (prior.size() > kMostPrior) prior.erase(prior.begin());
  }
  const Use statement(upsert_output_);
  statement->bind_all(coming.path.native(), input, key, content, coming.made.size, coming.made.digest,
                      coming.stamp.mtime_ns, static_cast<std::int64_t>(coming.stamp.inode), packed(prior),
                      std::int64_t{coming.stands ? 0 : 1});
  statement->step();
}

// False where the equal result went meanwhile.
bool Tables::share(const Corrections::Shared& shared) {
  if (has_result(shared.input, shared.key)) return true;
  const std::optional<std::int64_t> equal = contents_.find(shared.key);
  if (!equal) return false;
  const std::int64_t input = id_of_input(shared.input, shared.stamp, shared.key.content);
  const std::vector<StoredRecord> records = records_of(*equal);
  write_records(id_of_result(input, id_of_key(shared.key), shared.key.content), records);
  return true;
}

void Tables::close(const Catalogue::Coming& output) {
  const Use statement(close_output_);
  statement->bind_all(output.path.native(), output.made.digest);
  statement->step();
}

void Tables::apply(const Corrections& corrections) {
  const auto run = [](Statement& statement, const auto&... values) {
    const Use use(statement);
    use->bind_all(values...);
    use->step();
  };
  for (const auto& [from, to] : corrections.moved) {
    run(move_input_, from, to);  // nothing where that path is known already: then it takes over what the other had
    run(move_outputs_, from, to);
    make_room_for_results(from, to);
    run(move_results_, from, to);
  }
  for (const Corrections::Input& input : corrections.inputs) id_of_input(input.path, input.stamp, input.content);
  for (const auto& [output, input] : corrections.adopted) run(adopt_output_, output, input);
  for (const auto& [path, stamp, digest] : corrections.outputs)
    run(stamp_output_, path, stamp.size, stamp.mtime_ns, static_cast<std::int64_t>(stamp.inode), digest);
}

}  // namespace pixmill::pipeline
