// Where a data set is put together: a folder, or a zip file.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "pipeline/export_commits.h"
#include "pixmill/pipeline/data_set.h"

namespace pixmill::pipeline {

// Names of files are paths in the data set. Not thread-safe.
class DataSetTarget {
 public:
  virtual ~DataSetTarget() = default;

  // Whether such a file is there, of an earlier run.
  virtual bool has(const std::string& name) const = 0;
  // Throws Error: collision, disk_full, unwritable, what reading a file throws.
  virtual void add(const std::string& name, const ExportOwner& owner, std::string_view bytes) = 0;
  virtual void add_picture(const std::string& name, const std::filesystem::path& picture) = 0;
  // A file for one that grows until it is taken by add_grown().
  virtual std::filesystem::path scratch(const std::string& name) = 0;
  virtual void add_grown(const std::string& name, const std::filesystem::path& file) = 0;
  virtual void finish() = 0;
};

struct DataSetPlace {
  ExportCommits& files;
  Exported& result;            // its path is that of the folder or the zip file
  std::filesystem::path root;  // of the inputs: what is of all pictures belongs to it
  DataSet::Pictures pictures = DataSet::Pictures::none;
  bool overwrite = false;
};

std::unique_ptr<DataSetTarget> folder_target(const DataSetPlace& place);
std::unique_ptr<DataSetTarget> zip_target(const DataSetPlace& place);

}  // namespace pixmill::pipeline
