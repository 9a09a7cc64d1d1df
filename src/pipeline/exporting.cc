#include "pipeline/exporting.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <mutex>
#include <optional>
#include <set>
#include <span>
#include <system_error>
#include <utility>

#include "pipeline/catalogue/claims.h"
#include "pipeline/commit.h"
#include "pipeline/fingerprint.h"
#include "pipeline/naming.h"
#include "pipeline/standard_output.h"
#include "pixmill/core/error.h"
#include "pixmill/core/text.h"
#include "pixmill/pipeline/catalogue_figures.h"
#include "pixmill/platform/descriptor.h"
#include "pixmill/platform/files.h"

namespace pixmill::pipeline {
namespace fs = std::filesystem;
namespace {

using exports::Scope;

constexpr std::size_t kPicturesAtOnce = 1024;
constexpr std::size_t kBuffer = 1 << 16;  // bytes

// A file that grows while it is written. It belongs to somebody else after finish(); until then it goes with this.
class GrowingFile {
 public:
  // `meant`: its later name, for messages.
  GrowingFile(fs::path file, fs::path meant)
      : file_(std::move(file)),
        meant_(std::move(meant)),
        handle_(::open(file_.c_str(), O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0666)) {
    if (handle_.get() < 0) throw platform::write_error(errno, meant_);
  }
  ~GrowingFile() {
    if (!finished_) ::unlink(file_.c_str());
  }
  GrowingFile(const GrowingFile&) = delete;
  GrowingFile& operator=(const GrowingFile&) = delete;

  void write(std::string_view text) {
    buffer_ += text;
    if (buffer_.size() >= kBuffer) flush();
  }

  fs::path finish() {
    flush();
    if (!handle_.close()) throw platform::write_error(errno, meant_);
    finished_ = true;
    return file_;
  }

 private:
  void flush() {
    platform::write_all(handle_, std::as_bytes(std::span(buffer_)), meant_);
    buffer_.clear();
  }

  const fs::path file_, meant_;
  platform::Descriptor handle_;
  std::string buffer_;
  bool finished_ = false;
};

// Whose a file is: a picture, or the folder of all of them.
struct Owner {
  fs::path identity;
  FileStamp stamp;
  std::string content;
};

// A record of another version is an error of its reader's, and not a picture without one: "detections/*".
std::string of_any_version(std::string_view kind) {
  return std::string(kind.substr(0, kind.find('/') + 1)) + "*";
}

std::vector<std::byte> bytes_of_text(std::string_view text) {
  const auto bytes = std::as_bytes(std::span(text));
  return {bytes.begin(), bytes.end()};
}

class Exporting {
 public:
  Exporting(const ExportParts& parts, const std::atomic<bool>& stop)
      : parts_(parts),
        stop_(stop),
        writer_(parts.state),
        committer_({writer_, parts.catalogue, disk_full_, [this](Item& item) { ended(item); }}) {
    for (const ExportFormat& format : parts.formats) {
      One one;
      one.format = &format;
      one.exporter = format.make();
      one.result.format = format.row->name;
      one.result.path = format.row->scope == Scope::job ? parts.names.of_job(*format.row) : parts.names.base();
      all_.push_back(std::move(one));
    }
  }

  std::vector<Exported> run() {
    parts_.names.make_folder();
    for (One& one : all_) begin(one);
    std::set<std::string_view> kinds;
    for (const One& one : all_) kinds.insert(one.format->row->record_kind);
    for (const std::string_view kind : kinds) pass(std::string(kind));
    for (One& one : all_) finish(one);
    committer_.drain();
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
  };

  bool to_standard_output() const { return parts_.names.base() == kStandardOutput; }

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
      if (!to_standard_output())
        one.file = std::make_unique<GrowingFile>(writer_.name_beside(one.result.path), one.result.path);
    } catch (const Error& error) {
      one.trouble = error;
    }
    one.exporter->begin(sink_of(one));
  }

  // All records of a kind, in the order of the inputs.
  void pass(const std::string& kind) {
    std::vector<ExportInput> inputs;
    std::vector<fs::path> identities;
    for (std::size_t from = 0; from < parts_.inputs.count; from += kPicturesAtOnce) {
      if (stop_) throw Error(ErrorCode::interrupted, "stopped; the files of whole jobs are as they were");
      if (disk_full_)
        throw Error(ErrorCode::disk_full, "the disk is full, so not all exports were written",
                    "free some space and run the same command again");
      inputs.clear();
      identities.clear();
      const std::size_t to = std::min(from + kPicturesAtOnce, parts_.inputs.count);
      for (std::size_t i = from; i < to; ++i) {
        inputs.push_back(parts_.inputs.at(i));
        identities.emplace_back(inputs.back().identity);
      }
      std::size_t at = 0;  // the records come in the order of the question
      parts_.catalogue.records_of(
          identities, of_any_version(kind),
          [&](const fs::path& input, const StoredRecord& record) {
            while (identities[at] != input) ++at;
            for (One& one : all_) {
              if (one.format->row->record_kind == kind) add(one, inputs[at], from + at, record);
            }
          },
          parts_.key);
    }
  }

  void add(One& one, const ExportInput& input, std::size_t index, const StoredRecord& record) {
    const exports::Entry entry{input.relative, record.kind, record.body};
    try {
      if (one.format->row->scope == Scope::job) {
        one.exporter->add(entry, sink_of(one));
      } else {
        std::string text;
        one.exporter->add(entry, [&](std::string_view part) { text += part; });
        const fs::path file = parts_.names.of_picture(*one.format->row, input, index);
        settle(one, owner_of(input), input.path, file, {.bytes = bytes_of_text(text)});
      }
      const std::scoped_lock lock(mutex_);
      ++one.result.pictures;
    } catch (const Error& error) {
      if (error.code() == ErrorCode::usage) throw;  // an option that fits no picture
      fail(one, {input.path, error.code(), error.message(), error.hint()});
    }
  }

  void finish(One& one) {
    one.exporter->end(one.format->row->scope == Scope::job ? sink_of(one) : [](std::string_view) {});
    const fs::path root = parts_.inputs.root;
    const Owner owner{root, {}, hash_of(std::as_bytes(std::span(root.native())))};
    const auto try_file = [&](const fs::path& file, const auto& made) {
      try {
        settle(one, owner, root, file, made());
      } catch (const Error& error) {
        fail(one, {file, error.code(), error.message(), error.hint()});
      }
    };
    if (one.trouble)
      return fail(one, {one.result.path, one.trouble->code(), one.trouble->message(), one.trouble->hint()});
    if (one.file) try_file(one.result.path, [&] { return MadeFile{.file = one.file->finish()}; });
    if (one.result.pictures == 0) return;
    for (const exports::SideFile& side : one.exporter->side_files()) {
      if (const auto file = parts_.names.beside(side.name))
        try_file(*file, [&] { return MadeFile{.bytes = bytes_of_text(side.text)}; });
    }
  }

  Owner owner_of(const ExportInput& input) const {
    const std::optional<Catalogue::Input> known = parts_.catalogue.input(input.identity);
    return known ? Owner{input.identity, known->stamp, known->content} : Owner{input.identity, {}, {}};
  }

  // Hands a file over to the committer, unless it stands there already. Throws Error{collision}.
  void settle(One& one, const Owner& owner, const fs::path& shown, const fs::path& output, MadeFile made) {
    if (output == kStandardOutput) return write_to_standard_output(made.bytes);
    const Fingerprint fingerprint = made.file.empty() ? fingerprint_of(std::span<const std::byte>(made.bytes))
                                                      : fingerprint_of(made.file).value_or(Fingerprint());
    auto item = std::make_shared<Item>();
    item->input = shown;
    item->identity = owner.identity;
    item->stamp = owner.stamp;
    item->key = {owner.content, "", "", "export " + one.result.format};
    item->outputs = {output};
    const Claim claim = claim_of(parts_.catalogue, output, {owner.identity, owner.stamp, item->key});
    if (claim.standing == Standing::done && stands_as(output, fingerprint)) {
      writer_.discard(made.file);
      const std::scoped_lock lock(mutex_);
      ++one.result.unchanged;
      return;
    }
    try {
      if (!parts_.overwrite) refuse_foreign(claim, output);
    } catch (...) {
      if (!made.file.empty()) writer_.discard(made.file);
      throw;
    }
    const bool unknown = claim.standing == Standing::unknown && !parts_.overwrite;
    item->replace = {claim.standing != Standing::absent && !unknown};
    item->compare = {unknown};
    item->owners = {claim.owner};
    Made files;
    files.files.push_back(std::move(made));
    committer_.commit(item, std::move(files));
  }

  bool stands_as(const fs::path& output, const Fingerprint& fingerprint) const {
    const std::optional<Catalogue::Output> row = parts_.catalogue.output(output);
    return row && row->made == fingerprint;
  }

  // A file of a folder that is gone belongs to nobody.
  static void refuse_foreign(const Claim& claim, const fs::path& output) {
    std::error_code error;
    const bool of_another = claim.standing == Standing::of_another;
    if (of_another && !claim.owner.empty() && !fs::exists(claim.owner, error)) return;
    if (const auto refusal = refusal_of(claim, output, true)) {
      throw Error(ErrorCode::collision, *refusal,
                  of_another ? "choose another -o; --overwrite replaces it" : "--overwrite replaces it");
    }
  }

  // On a thread of the committer.
  void ended(Item& item) {
    for (One& one : all_) {
      if (item.key.job != "export " + one.result.format) continue;
      if (item.failure) {
        fail(one, *item.failure);
      } else {
        const std::scoped_lock lock(mutex_);
        ++one.result.written;
      }
    }
  }

  void fail(One& one, Failed failure) {
    const std::scoped_lock lock(mutex_);
    one.result.failed.push_back(std::move(failure));
  }

  const ExportParts& parts_;
  const std::atomic<bool>& stop_;
  std::mutex mutex_;  // guards the results in all_
  std::vector<One> all_;
  std::atomic<bool> disk_full_ = false;
  Writer writer_;
  Committer committer_;  // ends first: it calls back
};

fs::path root_of(const std::string& from) {
  std::error_code error;
  fs::path root = fs::canonical(from, error);
  if (error) throw Error(ErrorCode::not_found, from + ": " + error.message(), "name folders that pictures are in");
  return root;
}

// Leaves those that have records of one of the kinds.
void keep_recorded(const Catalogue& catalogue, const std::vector<ExportFormat>& formats,
                   std::vector<fs::path>& inputs) {
  std::set<fs::path> recorded;
  std::set<std::string_view> kinds;
  for (const ExportFormat& format : formats) kinds.insert(format.row->record_kind);
  for (const std::string_view kind : kinds)
    catalogue.records_of(inputs, of_any_version(kind),
                         [&](const fs::path& input, const StoredRecord&) { recorded.insert(input); });
  std::erase_if(inputs, [&](const fs::path& input) { return !recorded.contains(input); });
}

// Whatever the catalogue knows of folders and pictures, each once.
std::vector<ExportInput> known_inputs(const Catalogue& catalogue, const ExportSpec& spec) {
  std::vector<ExportInput> inputs;
  std::set<std::string> seen;
  for (const std::string& text : spec.from) {
    const fs::path root = root_of(text);
    std::error_code none;
    const bool is_folder = fs::is_directory(root, none);
    std::vector<fs::path> found = is_folder ? catalogue.inputs_under(root) : std::vector<fs::path>{root};
    keep_recorded(catalogue, spec.formats, found);
    for (const fs::path& input : found) {
      if (!seen.insert(input.native()).second) continue;
      const fs::path relative = is_folder ? input.lexically_relative(root) : input.filename();
      inputs.push_back({input.string(), relative.generic_string(), input.string()});
    }
  }
  return inputs;
}

}  // namespace

std::vector<ExportFormat> export_formats(const std::vector<std::string>& lists, const config::Values& values,
                                         std::string_view record_kind) {
  std::vector<ExportFormat> formats;
  for (const exports::ExportRow* row : exports::exports_named(lists, record_kind))
    formats.push_back({row, [row, values] { return row->make(values); }});
  return formats;
}

std::vector<const exports::ExportRow*> rows_of(const std::vector<ExportFormat>& formats) {
  std::vector<const exports::ExportRow*> rows;
  for (const ExportFormat& format : formats) rows.push_back(format.row);
  return rows;
}

std::vector<Exported> write_exports(const ExportParts& parts, const std::atomic<bool>& stop) {
  return Exporting(parts, stop).run();
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
  const ExportNames names(rows_of(spec.formats), inputs, {spec.output, spec.name_template, "", "export"});
  return write_exports({spec.formats, inputs, names, catalogue, spec.home.state, spec.overwrite, nullptr}, stop);
}

}  // namespace pixmill::pipeline
