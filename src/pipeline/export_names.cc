#include "pipeline/export_names.h"

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <map>
#include <system_error>
#include <utility>

#include "pipeline/glob.h"
#include "pipeline/naming.h"
#include "pipeline/path_table.h"
#include "pixmill/codecs/codec.h"
#include "pixmill/core/error.h"
#include "pixmill/platform/clock.h"
#include "pixmill/platform/files.h"

namespace pixmill::pipeline {
namespace fs = std::filesystem;
namespace {

using exports::ExportRow;
using exports::Scope;

// Whether a file ends like those of a format; pictures also with another word for the same: "jpeg".
bool ends_like(const ExportRow& row, const fs::path& file) {
  const std::string extension = file.extension().string();
  if (extension == "." + std::string(row.extension)) return true;
  const auto format = extension.empty() ? std::nullopt : codecs::format_from(extension.substr(1));
  return format && format == codecs::format_from(row.extension);
}

bool names_an_export(const fs::path& file) {
  const auto rows = exports::exports();
  return std::any_of(rows.begin(), rows.end(), [&](const ExportRow& row) { return ends_like(row, file); });
}

bool names_a_picture(const fs::path& file) {
  const std::string extension = file.extension().string();
  return !extension.empty() && codecs::format_from(extension.substr(1)).has_value();
}

[[noreturn]] void refuse_twins(const std::string& first, const std::string& second, const fs::path& file) {
  throw Error(ErrorCode::collision, first + " and " + second + " would both be written to " + file.string(),
              "give them different names with --name, for example '{dir}/{stem}_{index}.{ext}'");
}

[[noreturn]] void refuse_formats(const ExportRow& one, const ExportRow& other, const fs::path& file) {
  throw Error(ErrorCode::collision,
              std::string(one.name) + " and " + std::string(other.name) + " would both be written to " + file.string(),
              "write them to two folders: pixmill export " + std::string(other.name) + " --from PHOTOS -o FOLDER");
}

}  // namespace

ExportNames::ExportNames(std::vector<const ExportRow*> rows, const ExportInputs& inputs, ExportPlace place)
    : rows_(std::move(rows)), inputs_(inputs), place_(std::move(place)) {
  if (inputs_.count == 0 || rows_.empty()) return;
  choose_target();
  if (target_ == Target::standard_output) return;
  refuse_clashes();
  refuse_feedback();
}

const OwnPlace& ExportNames::own(const ExportRow& row) const {
  static const OwnPlace none;
  const auto found = place_.own.find(row.name);
  return found == place_.own.end() ? none : found->second;
}

std::vector<const ExportRow*> ExportNames::without_own_place() const {
  std::vector<const ExportRow*> rows;
  std::copy_if(rows_.begin(), rows_.end(), std::back_inserter(rows),
               [&](const ExportRow* row) { return !has_own_place(*row); });
  return rows;
}

// Whether -o is the name of a file: it ends like one of the only format's, and is no folder.
bool ExportNames::is_file_name() const {
  std::error_code ignored;
  const fs::path output(place_.output);
  const std::vector<const ExportRow*> rows = without_own_place();
  const auto is_one = [&](const ExportRow& row) {
    return row.scope == Scope::job || (row.scope == Scope::picture && inputs_.one_named);
  };
  return rows.size() == 1 && is_one(*rows.front()) && !place_.output.ends_with('/') &&
         !fs::is_directory(output, ignored) && ends_like(*rows.front(), output);
}

void ExportNames::choose_target() {
  const std::string& output = place_.output;
  const std::vector<const ExportRow*> rows = without_own_place();
  const bool of_pictures =
      std::any_of(rows.begin(), rows.end(), [](const ExportRow* row) { return row->scope != Scope::job; });
  const bool from_standard_input = inputs_.one_named && inputs_.at(0).path == kStandardInput;
  if (rows.empty()) {
    target_ = Target::none;
    base_ = of_job(*rows_.front());
  } else if (output == kStandardOutput || (output.empty() && from_standard_input)) {
    if (rows.size() > 1 || (of_pictures && !inputs_.one_named) || rows.front()->scope == Scope::several)
      throw Error(ErrorCode::usage, "-o - writes one file, and there are several", "-o FOLDER/ takes many");
    target_ = Target::standard_output;
    base_ = kStandardOutput;
  } else if (output.empty()) {
    if (!inputs_.one_named)
      throw Error(ErrorCode::usage, "many inputs need a place for their results",
                  "pixmill " + place_.job + " ... -o FOLDER");
    target_ = Target::beside_input;
    base_ = platform::resolved(fs::absolute(inputs_.at(0).path).parent_path());
  } else if (is_file_name()) {
    target_ = Target::file;
    base_ = platform::resolved(output);
  } else {
    base_ = platform::resolved(output);
    check_folder();
  }
}

// That -o can be a folder.
void ExportNames::check_folder() const {
  const std::string& output = place_.output;
  std::error_code ignored;
  if (fs::is_directory(base_, ignored) || output.ends_with('/')) return;
  if (fs::exists(base_, ignored))
    throw Error(ErrorCode::usage, output + " is a file, and these results need a folder", "choose another -o");
  const std::vector<const ExportRow*> rows = without_own_place();
  if (rows.size() == 1 && rows.front()->scope != Scope::several && !ends_like(*rows.front(), base_) &&
      names_a_picture(base_)) {
    throw Error(ErrorCode::usage,
                output + " does not end like a file of the format " + std::string(rows.front()->name) + ", which is ." +
                    std::string(rows.front()->extension),
                "name a folder: -o " + base_.stem().string() + "/");
  }
  if (names_an_export(base_) || names_a_picture(base_)) {
    throw Error(ErrorCode::usage, output + " is the name of one file, and there are several results",
                "name a folder: -o " + base_.stem().string() + "/");
  }
}

fs::path ExportNames::named(const ExportRow& row, const ExportInput& input, std::size_t index) const {
  const fs::path relative(input.relative);
  NameFields fields;
  fields.dir = target_ == Target::folder ? relative.parent_path().string() : "";
  fields.stem = relative.stem().string();
  fields.file = relative.filename().string();
  fields.ext = row.extension;
  fields.model = fs::path(place_.model).stem().string();
  fields.job = place_.job;
  fields.index = std::to_string(index + 1);
  fields.date = platform::today();
  const std::string& own_template = own(row).name_template;
  return expand_name(own_template.empty() ? place_.name_template : own_template, fields);
}

fs::path ExportNames::of_picture(const ExportRow& row, const ExportInput& input, std::size_t index) const {
  if (target_ == Target::standard_output || target_ == Target::file) return base_;
  fs::path name = named(row, input, index);
  if (target_ == Target::beside_input && !row.folder.empty())
    name.replace_filename(name.stem().string() + "_" + std::string(row.folder) + name.extension().string());
  else
    name = row.folder / name;
  return (base_ / name).lexically_normal();
}

fs::path ExportNames::of_several(const ExportRow& row, const ExportInput& input) const {
  if (target_ != Target::beside_input) return base_ / row.folder;
  return base_ / (fs::path(input.relative).stem().string() + "_" + std::string(row.folder));
}

fs::path ExportNames::of_job(const ExportRow& row) const {
  if (const std::string& file = own(row).file; !file.empty())
    return file == kStandardOutput ? fs::path(kStandardOutput) : platform::resolved(file);
  if (target_ == Target::standard_output || target_ == Target::file) return base_;
  return base_ / (row.file.empty() ? std::string(row.name) + "." + std::string(row.extension) : std::string(row.file));
}

fs::path ExportNames::told(const ExportRow& row) const {
  if (row.scope == Scope::job) return of_job(row);
  return target_ == Target::folder && !row.folder.empty() ? base_ / row.folder : base_;
}

std::optional<fs::path> ExportNames::beside(std::string_view name) const {
  if (target_ != Target::folder) return std::nullopt;
  return base_ / name;
}

std::vector<fs::path> ExportNames::files_of_job(const ExportRow& row) const {
  std::vector<fs::path> files;
  if (row.scope == Scope::job) files.push_back(of_job(row));
  for (const std::string_view name : row.side_files) {
    if (const auto file = beside(name)) files.push_back(*file);
  }
  return files;
}

// Whatever two formats would both write: their files of all pictures, those of pictures, one of each.
void ExportNames::refuse_clashes() const {
  std::map<fs::path, const ExportRow*> of_job;
  for (const ExportRow* row : rows_) {
    for (const fs::path& file : files_of_job(*row)) {
      if (const auto [known, is_new] = of_job.emplace(file, row); !is_new) refuse_formats(*known->second, *row, file);
    }
  }
  PathTable files;
  for (std::size_t k = 0; k < rows_.size(); ++k) {
    if (rows_[k]->scope == Scope::job) continue;
    for (std::size_t i = 0; i < inputs_.count; ++i) {
      const ExportInput input = inputs_.at(i);
      const fs::path file = of_picture(*rows_[k], input, i);
      if (of_job.contains(file))
        throw Error(ErrorCode::collision,
                    input.path + " would be written to " + file.string() + ", which is a file of all pictures together",
                    "give the pictures' files other names with --name, for example '{dir}/{stem}_.{ext}'");
      const auto number = static_cast<std::uint32_t>(k * inputs_.count + i);
      if (const auto known = files.add(file.native(), number)) {
        const ExportRow& other = *rows_[*known / inputs_.count];
        if (&other != rows_[k]) refuse_formats(other, *rows_[k], file);
        refuse_twins(inputs_.at(*known % inputs_.count).path, input.path, file);
      }
    }
  }
  refuse_inputs(files);
}

void ExportNames::refuse_inputs(const PathTable& files) const {
  for (std::size_t i = 0; files.size() > 0 && i < inputs_.count; ++i) {
    const ExportInput input = inputs_.at(i);
    if (files.contains(input.identity))
      throw Error(ErrorCode::collision, input.path + " is an input; writing it would destroy it",
                  "choose another -o or --name");
  }
}

// Whether a walk through the inputs takes none of its files: they are hidden, or the format's patterns say so.
bool ExportNames::are_left_out(const ExportRow& row) const {
  const std::vector<std::string>& patterns = own(row).own_results;
  for (std::size_t i = 0; i < inputs_.count; ++i) {
    const fs::path below = of_picture(row, inputs_.at(i), i).lexically_relative(inputs_.root);
    const auto hidden = [](const fs::path& part) { return part.native().starts_with('.'); };
    if (std::any_of(below.begin(), below.end(), hidden)) continue;
    const std::string name = below.generic_string();
    const auto matches = [&](const std::string& pattern) { return glob_match(pattern, name); };
    if (std::none_of(patterns.begin(), patterns.end(), matches)) return false;
  }
  return true;
}

// Pictures below the inputs would be inputs of the next run.
void ExportNames::refuse_feedback() const {
  std::error_code ignored;
  if (target_ != Target::folder || !fs::is_directory(inputs_.root, ignored)) return;
  if (!platform::lies_in(base_, inputs_.root)) return;
  for (const ExportRow* row : rows_) {
    if (codecs::format_from(row->extension) && row->scope != Scope::job && !are_left_out(*row))
      throw Error(ErrorCode::collision,
                  base_.string() + " lies in the input folder " + inputs_.root.string() + ", and the pictures of " +
                      std::string(row->name) + " would be inputs of the next run",
                  "write to another folder with -o");
  }
}

void ExportNames::make_folder() const {
  for (const ExportRow* row : rows_) {
    if (!has_own_place(*row) || of_job(*row) == kStandardOutput) continue;
    std::error_code ignored;
    if (fs::is_directory(of_job(*row), ignored))
      throw Error(
          ErrorCode::usage, own(*row).file + " is a folder, and " + std::string(row->name) + " is one file",
          "name a file in it: " + own(*row).file + "/" + std::string(row->name) + "." + std::string(row->extension));
    make_writable(of_job(*row).parent_path());
  }
  if (target_ == Target::standard_output || target_ == Target::none || rows_.empty()) return;
  make_writable(target_ == Target::file ? base_.parent_path() : base_);
}

}  // namespace pixmill::pipeline
