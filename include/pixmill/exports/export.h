// Files for other programs, made of records: entries in, bytes out. No clock, and no files but those that options name:
// the same entries and options give the same bytes.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "pixmill/config/flag.h"
#include "pixmill/config/values.h"
#include "pixmill/core/image.h"

namespace pixmill::exports {

// The picture of an entry, for formats that show it.
class PictureFile {
 public:
  virtual ~PictureFile() = default;
  // Upright, u8 RGB; reduced so that its long side is about `longest`, and not below, where it is more; 0: as it is.
  // Throws Error: what reading and decoding throws.
  virtual Image pixels(int longest = 0) const = 0;
  // How the file has its pixels, 1..8 as EXIF counts; no more of it is read than that takes. Throws as pixels().
  virtual int orientation() const { return 1; }
};

// The record of a picture before (offset < 0) or behind an entry in the order of the inputs, in the same folder.
struct Neighbour {
  int offset = 0;
  std::string_view kind;
  std::span<const std::byte> body;
};

// A picture and the record of it. Borrowed for the time of a call.
struct Entry {
  std::string_view picture;  // its path below the folder of the inputs, '/' between: "day 1/img2.jpg"
  std::string_view kind;     // "detections/2"
  std::span<const std::byte> body;
  const PictureFile* file = nullptr;  // of a row that shows pictures or is made in parallel; else null
  std::string_view link = {};         // the way to the picture from the folder of the file; empty: there is none
  std::string_view subset = {};       // of a data set: "train"; empty: it is not divided
  std::string_view prepared = {};     // what prepare() gave for it
  std::span<const Neighbour> neighbours = {};  // those that Exporter::reach() asked for, by their offset
};

// Takes the next bytes of a file.
using Sink = std::function<void(std::string_view)>;

// A whole file that a format wants beside the others: "classes.txt"; of Scope::several with its folders:
// "dog/day 1/img2_1.jpg".
struct SideFile {
  std::string name;
  std::string text;
};

// A part of a data set.
struct Subset {
  std::string name;
  std::vector<std::string> pictures;  // where they are in the data set: "images/train/day 1/img2.jpg"
};

// One export while it is written. begin(), then add() for every entry in the order of the inputs, then end(). In a
// format with a file for each picture only add() writes, into that picture's file. Not thread-safe; but of a row that
// shows pictures, or is made in parallel, and has Scope::picture or Scope::several each thread may have an Exporter of
// its own.
class Exporter {
 public:
  virtual ~Exporter() = default;
  virtual void begin(const Sink&) {}
  // A format with a row for every picture, so that rows and pictures never come apart. It is told how many there are
  // before begin(), and gets those without a record in their places; `why`: what is wrong with them. With Scope::job.
  virtual bool lists_all() const { return false; }
  virtual void expect(std::size_t /*pictures*/) {}
  virtual void add_missing(const Entry& /*entry*/, const std::string& /*why*/, const Sink&) {}
  // What add() takes in memory at its largest moment, beside the picture. For rows that are made in parallel.
  virtual std::size_t bytes(const Entry&) const { return 0; }
  // How many neighbours to each side its file depends on. For rows that show pictures or are made in parallel, with
  // Scope::picture.
  virtual int reach(const Entry&) const { return 0; }
  // With Scope::picture of a row that is made in parallel a picture for which `sink` is never called gets no file.
  // Throws Error: usage (options that do not fit the entry; entries that do not fit each other), and what reading the
  // record throws.
  virtual void add(const Entry& entry, const Sink& sink) = 0;
  // In place of add() with Scope::several: the files of a picture, and, without a look at it, their names.
  virtual std::vector<SideFile> files_of(const Entry&) { return {}; }
  virtual std::vector<std::string> names_of(const Entry&) { return {}; }
  // With Scope::job of a row that shows pictures: all that it needs of the picture, before add(), which gets no `file`
  // but this. Called by many threads at once.
  virtual std::string prepare(const Entry&) const { return {}; }
  virtual void end(const Sink&) {}
  // What the user should know of the files so far, a sentence each.
  virtual std::vector<std::string> notes() const { return {}; }
  // Complete after the last entry. In place of them those of a whole data set, whose subsets have a picture each.
  virtual std::vector<SideFile> side_files() const { return {}; }
  virtual std::vector<SideFile> data_set_files(const std::vector<Subset>&) const { return side_files(); }
};

enum class Scope {
  picture,  // a file for each picture
  several,  // any number of files for each picture
  job,      // one file for all
};

// Where the files of a data set lie, as programs want them that train from it or import it. In the patterns, {subset}
// is the name of one, {path} the name of a picture in its subset, {stem} that without extension.
struct DataSetLayout {
  std::string_view picture;     // "images/{subset}/{path}"
  std::string_view labels;      // of a picture or a subset; without {subset}: of all of them
  std::string_view whole = {};  // what the only subset is called where the data set is not divided
};

// How the exporters of one run are made.
struct Making {
  std::function<std::unique_ptr<Exporter>()> make;  // thread-safe
  std::string files = {};  // what stands for the content of files that options name: others make other files
};

// One row for each format.
struct ExportRow {
  std::string_view name;         // as users type it: "yolo"
  std::string_view summary;      // one line, for help
  std::string_view record_kind;  // what it is made of
  // Of the file, without the dot. In a folder that of a job is called NAME.EXTENSION, that of a picture like it.
  std::string_view extension;
  Scope scope = Scope::job;
  bool shows_pictures = false;  // entries have their picture
  bool in_parallel = false;     // as if it showed pictures, on all cores, but they are not read unless it asks for them
  // Of files that are not text, so that pictures do not lie among labels: "drawn". In a folder of results they go to
  // this folder in it; beside one picture their names end with "_" and this.
  std::string_view folder = {};
  std::string_view file = {};                             // name of the file of a job, if it is not NAME.EXTENSION
  std::vector<std::string_view> side_files = {};          // names of those that it wants beside
  const std::vector<config::Flag>& (*flags)() = nullptr;  // that make() reads, beside those of the command
  std::unique_ptr<Exporter> (*make)(const config::Values& values) = nullptr;
  // In place of make(), for exporters that share what is read once: a file that an option names. Throws what that
  // throws.
  Making (*prepare)(const config::Values& values) = nullptr;
  DataSetLayout layout = {};  // without patterns: it makes no data sets
  int version = 1;            // of a row that shows pictures: raised where equal entries and options give other files
  // Of the files of pictures, where the user names none; null: as other formats.
  std::string (*name_template)(const config::Values& values) = nullptr;
  // Patterns of its own files that may lie among the pictures: a walk leaves them out.
  std::vector<std::string> (*own_results)(const config::Values& values) = nullptr;
};

std::span<const ExportRow> exports();

// Of any row. Throws what reading the files throws that its options name.
Making making_of(const ExportRow& row, const config::Values& values);

// Null where there is none of that name.
const ExportRow* find_export(std::string_view name);

// The rows that a list names, comma between: "yolo,coco". Throws Error{usage} for a name that there is not, or one that
// makes of other records than `record_kind` (empty: of any), and for an empty list.
std::vector<const ExportRow*> exports_named(const std::vector<std::string>& lists, std::string_view record_kind = {});

}  // namespace pixmill::exports
