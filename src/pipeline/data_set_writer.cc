#include "pipeline/data_set_writer.h"

#include <cstdint>
#include <numeric>
#include <span>
#include <utility>

#include "pipeline/fingerprint.h"
#include "pixmill/core/error.h"

namespace pixmill::pipeline {
namespace fs = std::filesystem;
namespace {

using exports::Scope;

constexpr std::string_view kSubsets[] = {"train", "val", "test"};

std::string with(std::string text, std::string_view field, std::string_view value) {
  for (std::size_t at = 0; (at = text.find(field, at)) != std::string::npos; at += value.size())
    text.replace(at, field.size(), value);
  return text;
}

std::string without_extension(std::string_view relative) {
  const fs::path path(relative);
  return (path.parent_path() / path.stem()).generic_string();
}

// Where the disk says no, all that follows would fail too.
bool is_of_the_disk(ErrorCode code) {
  return code == ErrorCode::disk_full || code == ErrorCode::unwritable;
}

}  // namespace

std::string subset_of(std::string_view relative, const std::vector<int>& shares) {
  if (shares.empty()) return {};
  constexpr std::size_t kDigits = 12;  // 48 bits
  const std::string hash = hash_of(std::as_bytes(std::span(relative))).substr(0, kDigits);
  const double place = static_cast<double>(std::stoull(hash, nullptr, 16)) /
                       static_cast<double>(1ULL << (4 * kDigits)) * std::accumulate(shares.begin(), shares.end(), 0.0);
  double end = 0;
  for (std::size_t i = 0; i < shares.size(); ++i) {
    end += shares[i];
    if (place < end) return std::string(kSubsets[i]);
  }
  return std::string(kSubsets[0]);
}

std::string name_in_data_set(std::string_view pattern, std::string_view subset, std::string_view relative) {
  std::string name(pattern);
  if (subset.empty()) name = with(std::move(name), "{subset}/", "");
  name = with(std::move(name), "{subset}", subset);
  // The names of pictures last: they may hold anything.
  if (pattern.find("{path}") != std::string_view::npos) return with(name, "{path}", relative);
  return with(name, "{stem}", without_extension(relative));
}

DataSetWriter::DataSetWriter(const ExportFormat& format, const DataSet& set, const DataSetPlace& place)
    : format_(format), set_(set), place_(place), target_(set.zip ? zip_target(place) : folder_target(place)) {
  if (set.shares.empty()) {
    subsets_.emplace_back(format.row->layout.whole);
  } else {
    for (std::size_t i = 0; i < set.shares.size(); ++i) subsets_.emplace_back(kSubsets[i]);
  }
}

void DataSetWriter::add(const ExportInput& input, const StoredRecord& record) {
  if (failed_) return;
  try {
    write(input, record);
    place_.files.count_picture(place_.result);
  } catch (const Error& error) {
    if (error.code() == ErrorCode::usage) throw;
    failed_ = is_of_the_disk(error.code());
    const fs::path shown = failed_ ? place_.result.path : fs::path(input.path);
    place_.files.fail(place_.result, {shown, error.code(), error.message(), error.hint()});
  }
}

void DataSetWriter::write(const ExportInput& input, const StoredRecord& record) {
  const fs::path relative(input.relative);
  if (relative.is_absolute() || (!relative.empty() && *relative.lexically_normal().begin() == "..")) {
    throw Error(ErrorCode::unsupported,
                input.path + " lies outside of the inputs' folder, so it has no place in a data set",
                "name the folder that holds all pictures with --from");
  }
  const exports::DataSetLayout& layout = format_.row->layout;
  const std::string subset = set_.shares.empty() ? subsets_.front() : subset_of(input.relative, set_.shares);
  const std::string picture = name_in_data_set(layout.picture, subset, input.relative);
  const std::string labels = name_in_data_set(layout.labels, subset, input.relative);
  refuse_other_split(subset, input);
  refuse_twin(picture, input);
  if (format_.row->scope == Scope::picture) refuse_twin(labels, input);
  if (set_.pictures != DataSet::Pictures::none) target_->add_picture(picture, input.identity);
  const std::string link =
      fs::path("/" + picture).lexically_relative(fs::path("/" + labels).parent_path()).generic_string();
  const exports::Entry entry{.picture = input.relative,
                             .kind = record.kind,
                             .body = record.body,
                             .link = link,
                             .subset = set_.shares.empty() ? std::string_view() : std::string_view(subset)};
  add_to(part_of(subset), entry, labels, input);
  exports::Subset& known = pictures_[subset];
  known.name = subset;
  known.pictures.push_back(picture);
}

// What an earlier run put into another part would be learnt and judged by: the same picture in train and val.
void DataSetWriter::refuse_other_split(std::string_view subset, const ExportInput& input) const {
  const exports::DataSetLayout& layout = format_.row->layout;
  for (const std::string_view pattern : {layout.picture, layout.labels}) {
    const bool of_picture =
        pattern.find("{path}") != std::string_view::npos || pattern.find("{stem}") != std::string_view::npos;
    if (!of_picture || pattern.find("{subset}") == std::string_view::npos) continue;
    for (const std::string_view other : kSubsets) {
      if (other == subset) continue;
      const std::string name = name_in_data_set(pattern, other, input.relative);
      if (!target_->has(name)) continue;
      throw Error(ErrorCode::usage,
                  (place_.result.path / name).string() + " is there, and this split puts the picture into " +
                      std::string(subset.empty() ? "no part" : subset),
                  "the folder holds another split: remove it, or choose another -o");
    }
  }
}

void DataSetWriter::refuse_twin(const std::string& name, const ExportInput& input) {
  if (const auto known = names_.add(name, static_cast<std::uint32_t>(owners_.size()))) {
    throw Error(ErrorCode::collision,
                input.path + " and " + owners_[*known] + " would both be " + name + " in the data set",
                "rename one of them, or export their folders one by one with --from");
  }
  owners_.push_back(input.path);
}

DataSetWriter::Part& DataSetWriter::part_of(const std::string& subset) {
  const bool of_job = format_.row->scope == Scope::job;
  const std::string file = of_job ? name_in_data_set(format_.row->layout.labels, subset, {}) : std::string();
  Part& part = parts_[file];
  if (part.exporter != nullptr) return part;
  part.file = file;
  part.exporter = format_.make();
  if (of_job) {
    part.growing = std::make_unique<GrowingFile>(target_->scratch(file), place_.result.path / file);
    part.exporter->begin([&part](std::string_view text) { part.growing->write(text); });
  }
  return part;
}

void DataSetWriter::add_to(Part& part, const exports::Entry& entry, const std::string& labels,
                           const ExportInput& input) {
  if (part.growing) return part.exporter->add(entry, [&part](std::string_view text) { part.growing->write(text); });
  std::string text;
  part.exporter->add(entry, [&text](std::string_view more) { text += more; });
  target_->add(labels, place_.files.owner_of(input), text);
}

void DataSetWriter::finish() {
  if (failed_) return;
  try {
    end();
  } catch (const Error& error) {
    place_.files.fail(place_.result, {place_.result.path, error.code(), error.message(), error.hint()});
  }
}

void DataSetWriter::end() {
  std::vector<exports::Subset> subsets;
  for (const std::string& name : subsets_) {
    if (const auto found = pictures_.find(name); found != pictures_.end()) subsets.push_back(std::move(found->second));
  }
  bool first = true;
  for (auto& [file, part] : parts_) {
    for (std::string& note : part.exporter->notes()) place_.result.notes.push_back(std::move(note));
    if (part.growing) {
      part.exporter->end([&part = part](std::string_view text) { part.growing->write(text); });
      target_->add_grown(file, part.growing->finish());
    }
    if (!std::exchange(first, false)) continue;
    for (const exports::SideFile& side : part.exporter->data_set_files(subsets))
      target_->add(side.name, ExportCommits::owner_of_all(place_.root), side.text);
  }
  if (place_.result.pictures > 0) target_->finish();
  note_empty_subsets();
}

void DataSetWriter::note_empty_subsets() {
  for (std::size_t i = 0; i < set_.shares.size(); ++i) {
    if (set_.shares[i] > 0 && !pictures_.contains(subsets_[i]))
      place_.result.notes.push_back(place_.result.format + ": of " + std::to_string(place_.result.pictures) +
                                    " pictures none came into " + subsets_[i]);
  }
}

}  // namespace pixmill::pipeline
