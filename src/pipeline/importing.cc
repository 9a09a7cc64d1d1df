#include "pixmill/pipeline/importing.h"

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <utility>

#include "pipeline/fingerprint.h"
#include "pipeline/label_files.h"
#include "pipeline/label_pictures.h"
#include "pixmill/core/error.h"
#include "pixmill/core/text.h"
#include "pixmill/pipeline/catalogue_figures.h"

namespace pixmill::pipeline {
namespace fs = std::filesystem;
namespace {

using imports::LabelSet;

constexpr std::size_t kPicturesAtOnce = 1024;  // that share one wait for the disk
constexpr std::string_view kAnyVersion = "detections/*";

void require_running(const std::atomic<bool>& stop) {
  if (stop)
    throw Error(ErrorCode::interrupted, "stopped; what was imported so far stays", "run the same command again");
}

// Hashes of all that is read, one after the other.
class Running {
 public:
  void add(std::string_view bytes) {
    hash_ += bytes;
    hash_ = hash_of(std::as_bytes(std::span(hash_)));
  }
  const std::string& text() const { return hash_; }

 private:
  std::string hash_;
};

class Importing {
 public:
  Importing(const ImportSpec& spec, const ImportProgress& progress, const std::atomic<bool>& stop)
      : spec_(spec),
        progress_(progress),
        stop_(stop),
        catalogue_(catalogue_file(spec.home), {.old_journal = old_journal_file(spec.home)}) {}

  Imported run() {
    read_labels();
    const Sources pictures = pictures_for(spec_, *set_, stop_);
    result_.failed.insert(result_.failed.end(), pictures.failed.begin(), pictures.failed.end());
    const std::vector<Pair> pairs = paired(pictures, *set_, result_);
    if (pairs.empty() && set_->pictures() > 0 && result_.failed.empty())
      throw Error(ErrorCode::not_found, "no picture fits the labels in " + joined(spec_.labels, ", "),
                  "name the folder of the pictures: --pictures photos/");
    classes_ = set_->classes();
    counts_.resize(classes_.names->size());
    for (std::size_t from = 0; from < pairs.size(); from += kPicturesAtOnce) {
      require_running(stop_);
      write(pictures, std::span(pairs).subspan(from, std::min(kPicturesAtOnce, pairs.size() - from)));
      progress_(static_cast<std::int64_t>(std::min(from + kPicturesAtOnce, pairs.size())),
                static_cast<std::int64_t>(pairs.size()));
    }
    finish();
    return std::move(result_);
  }

 private:
  void read_labels() {
    LabelFiles files = find_label_files(spec_);
    NamesFile names = find_names(spec_, files);
    result_.format = files.row->name;
    result_.names_from = names.from;
    result_.failed = std::move(files.failed);
    for (const std::string& name : names.names) hash_.add(name);
    set_ = std::make_unique<LabelSet>(std::move(names.names));
    for (const LabelPath& path : files.files) {
      require_running(stop_);
      try {
        read_file(*files.row, path);
        ++result_.files;
      } catch (const Error& error) {
        require_running(stop_);
        fail(path.path, error);
      }
    }
    for (const Error& error : set_->failures()) fail({}, error);
  }

  void read_file(const imports::ImportRow& row, const LabelPath& path) {
    imports::LabelFile file = opened(path, [&](std::string_view piece) {
      require_running(stop_);
      hash_.add(piece);
    });
    imports::read_file(row, file, *set_);
  }

  void write(const Sources& pictures, std::span<const Pair> pairs) {
    std::vector<fs::path> identities;
    for (const Pair& pair : pairs) identities.emplace_back(pictures.items.identity(pair.picture));
    std::map<fs::path, StoredRecord> known;
    catalogue_.records_of(identities, kAnyVersion,
                          [&](const fs::path& input, const StoredRecord& record) { known[input] = record; });
    std::vector<Catalogue::Entry> entries;
    for (std::size_t i = 0; i < pairs.size(); ++i) {
      const auto record = known.find(identities[i]);
      try {
        add(pictures.items.path_text(pairs[i].picture), pairs[i].labels, identities[i],
            record == known.end() ? nullptr : &record->second, entries);
      } catch (const Error& error) {
        fail(pictures.items.path_text(pairs[i].picture), error);
      }
    }
    if (entries.empty() || spec_.dry_run) return;
    catalogue_.begin(entries);
    catalogue_.finish({});
  }

  void add(const std::string& picture, int labels, const fs::path& identity, const StoredRecord* known,
           std::vector<Catalogue::Entry>& entries) {
    if (const Error* failure = set_->failure_of(labels)) throw Error(*failure);
    const std::optional<tasks::Detections> before = read(known, picture);
    Seen now = seen(catalogue_, identity, before.has_value());
    if (now.size == Size{}) now.size = before.value().picture;
    tasks::Detections found = imports::resolved(set_->picture(labels), *set_, classes_, now.size, picture, left_out_);
    const bool same_content = known != nullptr && now.content == catalogue_.input(identity)->content;
    if (same_content && before) found.quality = before->quality;  // of the picture, whoever measured it
    count(found);
    StoredRecord record{std::string(tasks::kDetections), tasks::pack(found)};
    if (known != nullptr && *known == record && same_content) {
      ++result_.unchanged;
      return;
    }
    ++result_.written;
    entries.push_back({identity, now.stamp, {now.content, "", hash_.text(), "import"}, {}, {}});
    entries.back().records.push_back(std::move(record));
  }

  // Empty where there is none, or one that cannot be read: it is replaced.
  static std::optional<tasks::Detections> read(const StoredRecord* record, const std::string& picture) {
    if (record == nullptr || record->kind != tasks::kDetections) return std::nullopt;
    try {
      return tasks::unpack_detections(record->kind, record->body, picture);
    } catch (const Error&) {
      return std::nullopt;
    }
  }

  void count(const tasks::Detections& found) {
    ++result_.pictures;
    result_.labels += static_cast<std::int64_t>(found.found.size());
    if (found.found.empty()) ++result_.empty;
    for (const tasks::Detection& one : found.found) ++counts_[static_cast<std::size_t>(one.box.label)];
  }

  void fail(const fs::path& input, const Error& error) {
    result_.failed.push_back({input, error.code(), error.message(), error.hint()});
  }

  void finish() {
    for (std::size_t i = 0; i < counts_.size(); ++i) {
      if (counts_[i] > 0) result_.classes.emplace_back((*classes_.names)[i], counts_[i]);
    }
    if (left_out_.without_area > 0) set_->warn("things without area were left out", left_out_.without_area);
    if (left_out_.twice > 0) set_->warn("things that stand there twice were taken once", left_out_.twice);
    result_.warnings = set_->warnings();
    for (std::string& warning : catalogue_.take_warnings()) result_.warnings.push_back(std::move(warning));
  }

  const ImportSpec& spec_;
  const ImportProgress& progress_;
  const std::atomic<bool>& stop_;
  Catalogue catalogue_;
  Running hash_;
  std::unique_ptr<LabelSet> set_;
  imports::Classes classes_;
  std::vector<std::int64_t> counts_;
  imports::LeftOut left_out_;
  Imported result_;
};

}  // namespace

Imported import_labels(const ImportSpec& spec, const ImportProgress& progress, const std::atomic<bool>& stop) {
  return Importing(spec, progress, stop).run();
}

}  // namespace pixmill::pipeline
