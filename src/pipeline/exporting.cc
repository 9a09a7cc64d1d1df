#include "pipeline/exporting.h"

#include <algorithm>
#include <optional>
#include <set>
#include <span>
#include <system_error>
#include <utility>

#include "pipeline/data_sets.h"
#include "pipeline/export_commits.h"
#include "pipeline/growing_file.h"
#include "pipeline/known_inputs.h"
#include "pipeline/naming.h"
#include "pipeline/record_pass.h"
#include "pipeline/standard_output.h"
#include "pixmill/core/error.h"
#include "pixmill/core/text.h"
#include "pixmill/pipeline/catalogue_figures.h"

namespace pixmill::pipeline {
namespace fs = std::filesystem;
namespace {

using exports::Scope;

bool is_of_pictures(const exports::ExportRow& row) {
  return row.shows_pictures || row.in_parallel;
}

class Exporting {
 public:
  Exporting(const ExportParts& parts, const std::atomic<bool>& stop)
      : parts_(parts), stop_(stop), files_(parts.catalogue, parts.state, parts.overwrite, parts.keep) {
    for (const ExportFormat& format : parts.formats) {
      One one;
      one.format = &format;
      one.exporter = format.make();
      one.result.format = format.row->name;
      one.result.path = parts.names.told(*format.row);
      all_.push_back(std::move(one));
    }
    for (One& one : all_) {
      if (!is_of_pictures(*one.format->row)) continue;
      one.shown = {one.format, &one.result, one.exporter.get(), sink_of(one)};
      if (!pictures_) pictures_.emplace(files_, parts.names, work_of(parts, one.format->row->record_kind));
    }
  }

  std::vector<Exported> run() {
    parts_.names.make_folder();
    for (One& one : all_) begin(one);
    std::set<std::string_view> kinds;
    for (const One& one : all_) kinds.insert(one.format->row->record_kind);
    for (const std::string_view kind : kinds) pass(kind);
    if (pictures_) pictures_->drain();
    for (One& one : all_) finish(one);
    files_.drain();
    std::vector<Exported> results;
    for (One& one : all_) results.push_back(std::move(one.result));
    return results;
  }

 private:
  struct One {
    const ExportFormat* format = nullptr;
    std::unique_ptr<exports::Exporter> exporter;
    std::unique_ptr<GrowingFile> file;  // of a whole job, unless it goes to standard output
    std::optional<Error> trouble;       // that file could not be written: what follows is left out
    Exported result;
    ShownFormat shown;      // of a row that shows pictures
    std::size_t given = 0;  // pictures, of a format that lists all
  };

  static PictureWork work_of(const ExportParts& parts, std::string_view kind) {
    PictureWork work = parts.pictures;
    work.near = [&parts, kind](std::size_t index, int reach) {
      return records_near({parts.catalogue, kind, parts.key}, parts.inputs, index, reach);
    };
    return work;
  }

  // Of the file of a whole job. What goes wrong there is not the fault of the picture that is written.
  static exports::Sink sink_of(One& one) {
    return [&one](std::string_view text) {
      if (one.trouble) return;
      try {
        one.file ? one.file->write(text) : write_to_standard_output(std::as_bytes(std::span(text)));
      } catch (const Error& error) {
        one.trouble = error;
      }
    };
  }

  void begin(One& one) {
    if (one.format->row->scope != Scope::job) return;
    try {
      if (one.result.path != kStandardOutput)
        one.file = std::make_unique<GrowingFile>(files_.name_beside(one.result.path), one.result.path);
    } catch (const Error& error) {
      one.trouble = error;
    }
    one.exporter->expect(parts_.inputs.count);
    one.exporter->begin(sink_of(one));
  }

  // The pictures before `index` that had no record.
  void add_missing(One& one, std::size_t index) {
    for (; one.given < index; ++one.given) {
      const ExportInput input = parts_.inputs.at(one.given);
      add_missing(one, input, parts_.why ? parts_.why(input) : "");
    }
  }

  void add_missing(One& one, const ExportInput& input, const std::string& why) {
    const std::string link = way_from(one.result.path, input.identity);
    const exports::Entry entry{.picture = input.relative, .link = link};
    one.exporter->add_missing(entry, why.empty() ? "nothing is known of it" : why, sink_of(one));
  }

  // All records of a kind, in the order of the inputs.
  void pass(std::string_view kind) {
    each_record(
        {parts_.catalogue, kind, parts_.key}, parts_.inputs, [this] { check(); },
        [&](const ExportInput& input, std::size_t index, const StoredRecord& record) {
          parts_.edit ? add_edited(kind, input, index, record) : add(kind, input, index, record);
        });
  }

  void check() const {
    check_stop(stop_);
    if (files_.disk_full())
      throw Error(ErrorCode::disk_full, "the disk is full, so not all exports were written",
                  "free some space and run the same command again");
  }

  void add_edited(std::string_view kind, const ExportInput& input, std::size_t index, const StoredRecord& record) {
    StoredRecord edited;
    try {
      edited = parts_.edit(index, record);
    } catch (const Error&) {
      edited = record;  // the formats say what is wrong with it
    }
    add(kind, input, index, edited);
  }

  // To all formats of such records.
  void add(std::string_view kind, const ExportInput& input, std::size_t index, const StoredRecord& record) {
    std::vector<ShownFormat*> shown;
    for (One& one : all_) {
      if (one.format->row->record_kind != kind) continue;
      if (is_of_pictures(*one.format->row)) {
        shown.push_back(&one.shown);
      } else {
        add(one, input, index, record);
      }
    }
    if (shown.empty()) return;
    check();
    pictures_->add(shown, input, index, record);
  }

  void add(One& one, const ExportInput& input, std::size_t index, const StoredRecord& record) {
    const bool of_job = one.format->row->scope == Scope::job;
    const fs::path file = of_job ? one.result.path : parts_.names.of_picture(*one.format->row, input, index);
    const std::string link = way_from(file, input.identity);
    const exports::Entry entry{.picture = input.relative, .kind = record.kind, .body = record.body, .link = link};
    const bool lists_all = of_job && one.exporter->lists_all();
    if (lists_all) add_missing(one, index);
    one.given = index + 1;
    try {
      if (of_job) {
        one.exporter->add(entry, sink_of(one));
      } else {
        std::string text;
        one.exporter->add(entry, [&](std::string_view part) { text += part; });
        files_.settle(one.result, files_.owner_of(input), input.path, file, {.bytes = bytes_of_text(text)});
      }
      files_.count_picture(one.result);
    } catch (const Error& error) {
      if (error.code() == ErrorCode::usage) throw;  // an option that fits no picture
      if (lists_all) add_missing(one, input, error.message());
      files_.fail(one.result, {input.path, error.code(), error.message(), error.hint()});
    }
  }

  void finish(One& one) {
    if (one.format->row->scope == Scope::job && one.exporter->lists_all()) add_missing(one, parts_.inputs.count);
    one.exporter->end(one.format->row->scope == Scope::job ? sink_of(one) : [](std::string_view) {});
    const fs::path root = parts_.inputs.root;
    const ExportOwner owner = ExportCommits::owner_of_all(root);
    const auto try_file = [&](const fs::path& file, const auto& made) {
      try {
        files_.settle(one.result, owner, root, file, made());
      } catch (const Error& error) {
        files_.fail(one.result, {file, error.code(), error.message(), error.hint()});
      }
    };
    if (one.trouble)
      return files_.fail(one.result,
                         {one.result.path, one.trouble->code(), one.trouble->message(), one.trouble->hint()});
    if (one.file) try_file(one.result.path, [&] { return MadeFile{.file = one.file->finish()}; });
    files_.add_notes(one.result, one.exporter->notes());
    if (one.result.pictures == 0) return;
    for (const exports::SideFile& side : one.exporter->side_files()) {
      if (const auto file = parts_.names.beside(side.name))
        try_file(*file, [&] { return MadeFile{.bytes = bytes_of_text(side.text)}; });
    }
  }

  const ExportParts& parts_;
  const std::atomic<bool>& stop_;
  std::vector<One> all_;
  ExportCommits files_;
  std::optional<PictureExports> pictures_;  // ends first: it hands files over
};

// A line for each flag that the format reads.
std::string options_of(const exports::ExportRow& row, const config::Values& values) {
  std::string text;
  if (row.flags == nullptr) return text;
  for (const config::Flag& flag : row.flags()) {
    const auto value = values.all().find(flag.name);
    if (value != values.all().end()) text += std::string(flag.name) + "=" + joined(value->second.texts, "\n ") + "\n";
  }
  return text;
}

}  // namespace

std::vector<ExportFormat> export_formats(const std::vector<std::string>& lists, const config::Values& values,
                                         std::string_view record_kind) {
  std::vector<ExportFormat> formats;
  for (const exports::ExportRow* row : exports::exports_named(lists, record_kind)) {
    exports::Making making = exports::making_of(*row, values);
    ExportFormat format{row, std::move(making.make), options_of(*row, values) + making.files};
    if (row->name_template != nullptr && !values.has("name")) format.name_template = row->name_template(values);
    if (row->own_results != nullptr) format.own_results = row->own_results(values);
    formats.push_back(std::move(format));
  }
  return formats;
}

std::vector<const exports::ExportRow*> rows_of(const std::vector<ExportFormat>& formats) {
  std::vector<const exports::ExportRow*> rows;
  for (const ExportFormat& format : formats) rows.push_back(format.row);
  return rows;
}

std::map<std::string_view, OwnPlace> own_places(const std::vector<ExportFormat>& formats) {
  std::map<std::string_view, OwnPlace> places;
  for (const ExportFormat& format : formats)
    places.emplace(format.row->name, OwnPlace{format.file, format.name_template, format.own_results});
  return places;
}

std::vector<Exported> write_exports(const ExportParts& parts, const std::atomic<bool>& stop) {
  if (parts.formats.empty()) return {};
  return Exporting(parts, stop).run();
}

void write_job_file(Catalogue& catalogue, const platform::Home& home, const JobFile& wanted,
                    const std::function<void(const exports::Sink&)>& make) {
  std::error_code error;
  const fs::path file = fs::weakly_canonical(fs::absolute(wanted.file), error);
  if (fs::is_directory(file, error) || wanted.file.native().ends_with('/'))
    throw Error(ErrorCode::usage, wanted.file.string() + " is a folder, and one file is wanted", "name a file in it");
  make_writable(file.parent_path());
  Exported result;
  ExportCommits commits(catalogue, home.state, wanted.overwrite);
  GrowingFile growing(commits.name_beside(file), file);
  make([&](std::string_view text) { growing.write(text); });
  commits.settle(result, ExportCommits::owner_of_all(wanted.root), wanted.root, file, {.file = growing.finish()});
  commits.drain();
  if (result.failed.empty()) return;
  const Failed& failed = result.failed.front();
  throw Error(failed.code, failed.message, failed.hint);
}

std::vector<Exported> export_records(const ExportSpec& spec, const std::atomic<bool>& stop) {
  Catalogue catalogue(catalogue_file(spec.home));
  const std::vector<ExportInput> known = known_inputs(catalogue, spec);
  if (known.empty())
    throw Error(ErrorCode::not_found, "nothing is known of pictures in " + joined(spec.from, ", "),
                "run the job first, for example: pixmill detect photos/ -o labels/");
  const fs::path root = root_of(spec.from.front());
  std::error_code none;
  const ExportInputs inputs{known.size(), [&](std::size_t i) { return known[i]; },
                            known.size() == 1 && !fs::is_directory(root, none), root};
  const std::vector<ExportFormat> alone = formats_alone(spec.formats, spec.data_set);
  const ExportNames names(rows_of(alone), inputs, {spec.output, spec.name_template, "", "export", own_places(alone)});
  const DataSetParts sets{formats_of_data_set(spec.formats, spec.data_set), spec.data_set, spec.output, inputs};
  check_data_sets(sets);
  std::vector<Exported> results =
      write_exports({alone, inputs, names, catalogue, spec.home.state, spec.overwrite, nullptr}, stop);
  for (Exported& one : write_data_sets(sets, {catalogue, spec.home.state, spec.overwrite, nullptr}, stop))
    results.push_back(std::move(one));
  return results;
}

}  // namespace pixmill::pipeline
