// One format's data set while it is written: which part a picture belongs to, and where its files go.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "pipeline/data_set_target.h"
#include "pipeline/growing_file.h"
#include "pipeline/path_table.h"
#include "pixmill/pipeline/exporting.h"

namespace pixmill::pipeline {

// "train", "val" or "test" by a hash of the path: a picture stays where it is when others come or go. Of `shares` that
// are empty: "".
std::string subset_of(std::string_view relative, const std::vector<int>& shares);

// A pattern of a layout filled: "images/train/day 1/img2.jpg".
std::string name_in_data_set(std::string_view pattern, std::string_view subset, std::string_view relative);

// Not thread-safe.
class DataSetWriter {
 public:
  // `place.result` is what it counts in. Throws Error{disk_full, unwritable}.
  DataSetWriter(const ExportFormat& format, const DataSet& set, const DataSetPlace& place);

  // What is wrong with this picture is in the result. Throws Error: usage, collision (the folder holds another split).
  void add(const ExportInput& input, const StoredRecord& record);
  void finish();

 private:
  // With Scope::picture there is one for all subsets.
  struct Part {
    std::unique_ptr<exports::Exporter> exporter;
    std::string file;  // of Scope::job
    std::unique_ptr<GrowingFile> growing;
  };

  void write(const ExportInput& input, const StoredRecord& record);
  void refuse_other_split(std::string_view subset, const ExportInput& input) const;
  void refuse_twin(const std::string& name, const ExportInput& input);
  Part& part_of(const std::string& subset);
  void add_to(Part& part, const exports::Entry& entry, const std::string& labels, const ExportInput& input);
  void end();
  void note_empty_subsets();

  const ExportFormat& format_;
  const DataSet& set_;
  const DataSetPlace place_;
  std::unique_ptr<DataSetTarget> target_;
  std::vector<std::string> subsets_;  // their names
  std::map<std::string, Part> parts_;
  std::map<std::string, exports::Subset> pictures_;
  PathTable names_;
  std::vector<std::string> owners_;  // the pictures that have them, for messages
  bool failed_ = false;              // nothing more is to be written
};

}  // namespace pixmill::pipeline
