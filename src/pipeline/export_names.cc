#include "pipeline/export_names.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <system_error>
#include <utility>

#include "pipeline/naming.h"
#include "pipeline/path_table.h"
#include "pixmill/codecs/codec.h"
#include "pixmill/core/error.h"
#include "pixmill/platform/clock.h"

namespace pixmill::pipeline {
namespace fs = std::filesystem;
namespace {

using exports::ExportRow;
using exports::Scope;

fs::path resolved(const fs::path& path) {
  std::error_code error;
  const fs::path found = fs::weakly_canonical(fs::absolute(path), error);
  return error ? fs::absolute(path).lexically_normal() : found;
}

bool names_an_export(const fs::path& file) {
  const auto rows = exports::exports();
  return std::any_of(rows.begin(), rows.end(),
                     [&](const ExportRow& row) { return file.extension() == "." + std::string(row.extension); });
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
  if (inputs_.count == 0) return;
  choose_target();
  if (target_ == Target::standard_output) return;
  refuse_clashes();
  refuse_feedback();
}

// Whether -o is the name of a file: it ends like one of the only format's, and is no folder.
bool ExportNames::is_file_name() const {
  std::error_code ignored;
  const fs::path output(place_.output);
  const bool one_file = rows_.size() == 1 && (rows_.front()->scope == Scope::job || inputs_.one_named);
  return one_file && !place_.output.ends_with('/') && !fs::is_directory(output, ignored) &&
         output.extension() == "." + std::string(rows_.front()->extension);
}

void ExportNames::choose_target() {
  const std::string& output = place_.output;
  const bool pictures =
      std::any_of(rows_.begin(), rows_.end(), [](const ExportRow* row) { return row->scope == Scope::picture; });
  const bool from_standard_input = inputs_.one_named && inputs_.at(0).path == kStandardInput;
  if (output == kStandardOutput || (output.empty() && from_standard_input)) {
    if (rows_.size() > 1 || (pictures && !inputs_.one_named))
      throw Error(ErrorCode::usage, "-o - writes one file, and there are several", "-o FOLDER/ takes many");
    target_ = Target::standard_output;
    base_ = kStandardOutput;
  } else if (output.empty()) {
    if (!inputs_.one_named)
      throw Error(ErrorCode::usage, "many inputs need a place for their results",
                  "pixmill " + place_.job + " ... -o FOLDER");
    target_ = Target::beside_input;
    base_ = resolved(fs::absolute(inputs_.at(0).path).parent_path());
  } else if (is_file_name()) {
    target_ = Target::file;
    base_ = resolved(output);
  } else {
    base_ = resolved(output);
    std::error_code ignored;
    if (fs::exists(base_, ignored) && !fs::is_directory(base_, ignored))
      throw Error(ErrorCode::usage, output + " is a file, and these results need a folder", "choose another -o");
    if (names_an_export(base_) && !output.ends_with('/') && !fs::is_directory(base_, ignored)) {
      throw Error(ErrorCode::usage, output + " is the name of one file, and there are several results",
                  "name a folder: -o " + base_.stem().string() + "/");
    }
  }
}

fs::path ExportNames::of_picture(const ExportRow& row, const ExportInput& input, std::size_t index) const {
  if (target_ == Target::standard_output || target_ == Target::file) return base_;
  const fs::path relative(input.relative);
  NameFields fields;
  fields.dir = target_ == Target::folder ? relative.parent_path().string() : "";
  fields.stem = relative.stem().string();
  fields.ext = row.extension;
  fields.model = fs::path(place_.model).stem().string();
  fields.job = place_.job;
  fields.index = std::to_string(index + 1);
  fields.date = platform::today();
  const fs::path name = expand_name(place_.name_template, fields);
  if (target_ == Target::folder || row.folder.empty()) return (base_ / row.folder / name).lexically_normal();
  return (base_ / (name.stem().string() + "_" + std::string(row.folder) + name.extension().string()))
      .lexically_normal();
}

fs::path ExportNames::of_job(const ExportRow& row) const {
  if (target_ == Target::standard_output || target_ == Target::file) return base_;
  return base_ / (row.file.empty() ? std::string(row.name) + "." + std::string(row.extension) : std::string(row.file));
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
    if (rows_[k]->scope != Scope::picture) continue;
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

// Pictures below the inputs would be inputs of the next run.
void ExportNames::refuse_feedback() const {
  std::error_code ignored;
  if (target_ != Target::folder || !fs::is_directory(inputs_.root, ignored)) return;
  const fs::path way = base_.lexically_relative(inputs_.root);
  if (way.empty() || *way.begin() == "..") return;
  for (const ExportRow* row : rows_) {
    if (codecs::format_from(row->extension))
      throw Error(ErrorCode::collision,
                  base_.string() + " lies in the input folder " + inputs_.root.string() + ", and the pictures of " +
                      std::string(row->name) + " would be inputs of the next run",
                  "write to another folder with -o");
  }
}

void ExportNames::make_folder() const {
  if (target_ == Target::standard_output) return;
  make_writable(target_ == Target::file ? base_.parent_path() : base_);
}

}  // namespace pixmill::pipeline
