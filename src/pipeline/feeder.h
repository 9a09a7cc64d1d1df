// Skips what is done, reads the rest from disk ahead of the decoders, and passes it to the pipeline as memory allows.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "pipeline/catalogue/claims.h"
#include "pipeline/file_layer.h"
#include "pipeline/item.h"
#include "pipeline/naming.h"
#include "pipeline/reporter.h"

namespace pixmill::pipeline {

// Everything before the first stage. Several threads look and read, so that a disk that answers late is asked for many
// files at once; they start in the order of the plan, and the pictures are passed on in that order.
class Feeder {
 public:
  struct Parts {
    const JobSpec& spec;
    const Sources& sources;
    const Plan& plan;
    const ResultKey& key;  // all but the content, which is filled in
    Catalogue& catalogue;
    Reporter& reporter;
    Budget& budget;          // for pictures that are passed on
    std::size_t read_ahead;  // bytes of files that are read and not passed on yet, besides
    std::function<std::size_t(const codecs::Header&)> bytes_of;  // of a picture in work, beside its file
    bool stores_records = false;                                 // the task does: no result without them is done
    bool by_content = true;  // a result depends on the key alone, not on the picture's name: equal pictures share it
    FileLayer& files = FileLayer::of_the_system();
    const std::vector<std::uint32_t>* only = nullptr;  // the pictures to feed, by their indices; null: all
  };
  explicit Feeder(Parts parts);
  ~Feeder();

  // Calls `push` on this thread for every picture that is to be made, until `stop` returns true. Throws what keeps the
  // catalogue from being read.
  void feed(const std::function<void(const ItemPtr&)>& push, const std::function<bool()>& stop);

  double seconds_waited() const { return seconds_waited_; }  // for room in the budget: the pipeline was the slower part

  // What the picture on standard input is called in the catalogue; empty where none was read. After feed().
  const std::string& standard_input() const { return standard_input_; }

  // The part of a budget for all that should be left for reading ahead.
  static std::size_t read_ahead_of(std::size_t memory) { return memory / 8; }

 private:
  struct Ahead;

  struct Answer {
    ItemPtr item;
    const char* skipped = nullptr;  // why
    std::size_t bytes = 0;          // counted for its file
  };

  std::size_t count() const { return parts_.only ? parts_.only->size() : parts_.sources.items.size(); }
  void read_until_stopped(Ahead& ahead);
  Answer answer(std::size_t place, Ahead& ahead);  // of the pictures to feed
  const char* why_done_unread(Item& item, const std::optional<FileStamp>& stamp) const;
  void read(Item& item);
  const char* why_done(Item& item) const;
  bool files_stand(Item& item) const;
  const char* why_recorded(const Item& item) const;
  static bool has_result(const Item& item);
  void report(const Item& item, const char* skipped) const;
  void pass_on(const Answer& answer, const std::function<void(const ItemPtr&)>& push,
               const std::function<bool()>& stop);

  Parts parts_;
  std::int64_t machine_bytes_;
  double seconds_waited_ = 0.0;
  std::string standard_input_;  // by the one reader that met it
};

}  // namespace pixmill::pipeline
