#include "pipeline/data_sets.h"

#include <algorithm>
#include <deque>
#include <set>
#include <string_view>
#include <system_error>
#include <utility>

#include "pipeline/data_set_writer.h"
#include "pipeline/naming.h"
#include "pipeline/record_pass.h"
#include "pixmill/core/error.h"
#include "pixmill/platform/files.h"

namespace pixmill::pipeline {
namespace fs = std::filesystem;
namespace {

bool makes_data_sets(const ExportFormat& format) {
  return !format.row->layout.picture.empty();
}

std::vector<ExportFormat> those(const std::vector<ExportFormat>& formats, bool of_data_sets) {
  std::vector<ExportFormat> chosen;
  std::copy_if(formats.begin(), formats.end(), std::back_inserter(chosen),
               [&](const ExportFormat& one) { return makes_data_sets(one) == of_data_sets; });
  return chosen;
}

// The folder or the zip file of one of the formats.
fs::path place_of(const exports::ExportRow& row, const DataSetParts& parts) {
  const fs::path output = platform::resolved(parts.output);
  std::error_code error;
  const bool alone = parts.formats.size() == 1;
  if (!parts.set.zip) return alone ? output : output / row.name;
  const bool named = alone && output.extension() == ".zip" && !fs::is_directory(output, error);
  return named ? output : output / (std::string(row.name) + ".zip");
}

struct One {
  const ExportFormat* format;
  Exported result;
  std::unique_ptr<DataSetWriter> writer;
};

class DataSets {
 public:
  DataSets(const DataSetParts& parts, const DataSetSources& sources)
      : parts_(parts), sources_(sources), files_(sources.catalogue, sources.state, sources.overwrite) {
    for (const ExportFormat& format : parts.formats) {
      One& one = all_.emplace_back(One{&format, {}, nullptr});
      one.result.format = format.row->name;
      one.result.path = place_of(*format.row, parts);
      begin(one);
    }
  }

  std::vector<Exported> run(const std::atomic<bool>& stop) {
    std::set<std::string_view> kinds;
    for (const One& one : all_) kinds.insert(one.format->row->record_kind);
    for (const std::string_view kind : kinds) {
      each_record(
          {sources_.catalogue, kind, sources_.key}, parts_.inputs, [&] { check_stop(stop); },
          [&](const ExportInput& input, std::size_t, const StoredRecord& record) {
            check_stop(stop);
            add(kind, input, record);
          });
    }
    for (One& one : all_) {
      if (one.writer) one.writer->finish();
    }
    files_.drain();
    std::vector<Exported> results;
    for (One& one : all_) results.push_back(std::move(one.result));
    return results;
  }

 private:
  void begin(One& one) {
    try {
      one.writer = std::make_unique<DataSetWriter>(
          *one.format, parts_.set,
          DataSetPlace{files_, one.result, parts_.inputs.root, parts_.set.pictures, sources_.overwrite});
    } catch (const Error& error) {
      files_.fail(one.result, {one.result.path, error.code(), error.message(), error.hint()});
    }
  }

  void add(std::string_view kind, const ExportInput& input, const StoredRecord& record) {
    for (One& one : all_) {
      if (one.writer && one.format->row->record_kind == kind) one.writer->add(input, record);
    }
  }

  const DataSetParts& parts_;
  const DataSetSources& sources_;
  std::deque<One> all_;  // their writers keep pointers to the results
  ExportCommits files_;  // ends first: it calls back
};

}  // namespace

std::vector<ExportFormat> formats_of_data_set(const std::vector<ExportFormat>& formats, const DataSet& set) {
  return set.wanted() ? those(formats, true) : std::vector<ExportFormat>();
}

std::vector<ExportFormat> formats_alone(const std::vector<ExportFormat>& formats, const DataSet& set) {
  return set.wanted() ? those(formats, false) : formats;
}

void check_data_sets(const DataSetParts& parts) {
  if (parts.formats.empty()) return;
  if (parts.output.empty() || parts.output == kStandardOutput)
    throw Error(ErrorCode::usage, "a data set needs a place", parts.set.zip ? "-o FILE.zip" : "-o FOLDER/");
  std::error_code ignored;
  if (parts.set.zip || !fs::is_directory(parts.inputs.root, ignored)) return;
  for (const ExportFormat& format : parts.formats) {
    const fs::path place = place_of(*format.row, parts);
    const bool has_pictures = parts.set.pictures != DataSet::Pictures::none || format.row->extension == "png";
    if (!has_pictures || !platform::lies_in(place, parts.inputs.root)) continue;
    throw Error(ErrorCode::collision,
                place.string() + " lies in the input folder " + parts.inputs.root.string() +
                    ", and the pictures of the data set would be inputs of the next run",
                "write to another folder with -o");
  }
}

void make_data_set_folders(const DataSetParts& parts) {
  for (const ExportFormat& format : parts.formats) {
    const fs::path place = place_of(*format.row, parts);
    make_writable(parts.set.zip ? place.parent_path() : place);
  }
}

std::vector<Exported> write_data_sets(const DataSetParts& parts, const DataSetSources& sources,
                                      const std::atomic<bool>& stop) {
  if (parts.formats.empty()) return {};
  make_data_set_folders(parts);
  return DataSets(parts, sources).run(stop);
}

}  // namespace pixmill::pipeline
