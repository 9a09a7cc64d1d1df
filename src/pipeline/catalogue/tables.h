// Questions and changes of the catalogue, each a prepared statement.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "pipeline/catalogue/content_index.h"
#include "pipeline/catalogue/database.h"
#include "pipeline/catalogue/thing_index.h"
#include "pixmill/pipeline/catalogue.h"

namespace pixmill::pipeline {

// Corrections that wait for the next transaction.
struct Corrections {
  struct Input {
    std::string path;
    FileStamp stamp;
    std::string content;
  };
  struct Output {
    std::string path;
    FileStamp stamp;
    std::string digest;
  };
  struct Shared {
    std::string input;
    FileStamp stamp;
    ResultKey key;
  };
  struct Pair {
    std::string first, second;
  };
  std::vector<Pair> moved;    // an input: from, to
  std::vector<Pair> adopted;  // an output, its input
  std::vector<Input> inputs;
  std::vector<Output> outputs;
  std::vector<Shared> shared;

  void append(Corrections later);

  std::size_t size() const { return moved.size() + adopted.size() + inputs.size() + outputs.size() + shared.size(); }
};

// Not synchronised. What fails is thrown as by Database.
class Tables {
 public:
  explicit Tables(std::unique_ptr<Database> database);  // one whose tables are there

  std::optional<Catalogue::Output> output(const std::string& path);
  std::optional<std::string> content_of(const std::string& input, const FileStamp& stamp);
  std::optional<Catalogue::Input> input(const std::string& path);
  bool has_result(const std::string& input, const ResultKey& key);
  bool has_result(const ResultKey& key) { return contents_.find(key).has_value(); }  // of any input

  // All in one transaction, in this order. Returns how many results could not be shared: what they were equal to went.
  std::size_t write(const Corrections& corrections, std::span<const Catalogue::Coming> finished,
                    std::span<Catalogue::Entry> entries);
  void end();  // when nothing more is written: results that wait are entered, so that the next run finds them

  Database& database() { return *database_; }

 private:
  std::int64_t id_of_input(const std::string& path, const FileStamp& stamp, const std::string& content);
  std::int64_t id_of_key(const ResultKey& key);
  std::int64_t id_of_result(std::int64_t input, std::int64_t key, const std::string& content);
  void apply(const Corrections& corrections);
  void close(const Catalogue::Coming& output);
  void begin(Catalogue::Entry& entry);
  bool may_write(Catalogue::Entry& entry, std::vector<std::optional<Catalogue::Output>>& rows);
  void delete_records(std::int64_t result);
  void make_room_for_results(const std::string& from, const std::string& to);
  std::vector<StoredRecord> records_of(std::int64_t result);
  void write_records(std::int64_t result, const std::vector<StoredRecord>& records);
  bool share(const Corrections::Shared& shared);
  void write_output(const Catalogue::Coming& coming, std::int64_t input, std::int64_t key, const std::string& content,
                    const std::optional<Catalogue::Output>& row);

  std::unique_ptr<Database> database_;
  Statement select_output_, select_content_, select_input_, select_result_, select_records_, select_key_;
  Statement insert_key_, upsert_input_, upsert_result_, delete_records_, insert_record_;
  Statement upsert_output_, close_output_, stamp_output_, adopt_output_;
  Statement move_input_, move_outputs_, replaced_results_, delete_result_, move_results_;
  ThingIndex things_;
  ContentIndex contents_;
  bool adds_results_ = false;
};

}  // namespace pixmill::pipeline
