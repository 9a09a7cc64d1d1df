// The names of a job's exports, and the checks of them before the first byte is written.
#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "pipeline/path_table.h"
#include "pixmill/exports/export.h"

namespace pixmill::pipeline {

// A picture whose record is exported.
struct ExportInput {
  std::string path;      // as the user named it, for messages
  std::string relative;  // below the folder of the inputs
  std::string identity;  // absolute, without links: its name in the catalogue
};

// In the order of the export. Items are made when they are asked for.
struct ExportInputs {
  std::size_t count = 0;
  std::function<ExportInput(std::size_t)> at;
  bool one_named = false;      // one picture that was named itself: its exports may go beside it
  std::filesystem::path root;  // the folder that they are from, or the one picture; absolute
};

// What one format wants for itself.
struct OwnPlace {
  std::string file = {};           // of a format of whole jobs: where it goes, whatever the place of the others
  std::string name_template = {};  // of files of pictures
  std::vector<std::string> own_results = {};  // patterns of its files that may lie among the pictures
};

struct ExportPlace {
  std::string output;         // a folder; a file (of one format and, with a file a picture, one picture); "-"; empty:
                              // beside the one picture
  std::string name_template;  // of files of pictures
  std::string model;          // for that
  std::string job;
  std::map<std::string_view, OwnPlace> own = {};  // by format
};

// Where everything goes. All paths are absolute, or kStandardOutput. Borrows the rows and the inputs.
class ExportNames {
 public:
  // Throws Error: usage (no place for so many files, an output that does not fit), collision (two files of one name, a
  // file that is an input, pictures below the inputs).
  ExportNames(std::vector<const exports::ExportRow*> rows, const ExportInputs& inputs, ExportPlace place);

  std::filesystem::path of_picture(const exports::ExportRow& row, const ExportInput& input, std::size_t index) const;
  // The folder of all files of Scope::several.
  std::filesystem::path of_several(const exports::ExportRow& row, const ExportInput& input) const;
  // What the template makes, below a folder of results.
  std::filesystem::path named(const exports::ExportRow& row, const ExportInput& input, std::size_t index) const;
  std::filesystem::path of_job(const exports::ExportRow& row) const;
  // Of a file beside the others; none where only one file was asked for.
  std::optional<std::filesystem::path> beside(std::string_view name) const;
  // What the user is told: the folder, the file or "-".
  const std::filesystem::path& base() const { return base_; }
  std::filesystem::path told(const exports::ExportRow& row) const;  // of one format

  // Makes the folder. Throws Error{unwritable, disk_full}.
  void make_folder() const;

 private:
  enum class Target { folder, file, beside_input, standard_output, none };

  const OwnPlace& own(const exports::ExportRow& row) const;
  bool has_own_place(const exports::ExportRow& row) const { return !own(row).file.empty(); }
  std::vector<const exports::ExportRow*> without_own_place() const;
  void choose_target();
  void check_folder() const;
  bool is_file_name() const;
  void refuse_clashes() const;
  void refuse_inputs(const PathTable& files) const;
  void refuse_feedback() const;
  bool are_left_out(const exports::ExportRow& row) const;
  std::vector<std::filesystem::path> files_of_job(const exports::ExportRow& row) const;

  const std::vector<const exports::ExportRow*> rows_;
  const ExportInputs& inputs_;
  const ExportPlace place_;
  Target target_ = Target::folder;
  std::filesystem::path base_;  // the folder, or the file
};

}  // namespace pixmill::pipeline
