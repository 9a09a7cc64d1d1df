// The files of an import: which, of what format, and where the names of their classes stand.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "pixmill/imports/import.h"
#include "pixmill/pipeline/importing.h"

namespace pixmill::pipeline {

struct LabelPath {
  std::filesystem::path path;
  std::string name;  // below the folder that was named, '/' between, without extension
};

struct LabelFiles {
  const imports::ImportRow* row = nullptr;
  std::vector<LabelPath> files;  // in natural order
  std::vector<Failed> failed;    // folders that cannot be read
};

// Throws Error: not_found (no labels there), usage (files of several formats).
LabelFiles find_label_files(const ImportSpec& spec);

struct NamesFile {
  std::vector<std::string> names;  // empty: none
  std::string from;
};

// As the spec names them, else beside the labels where the format numbers its classes. Throws what reading a list
// throws, and Error{not_found} where the format needs one and there is none.
NamesFile find_names(const ImportSpec& spec, const LabelFiles& files);

// `seen`: gets all bytes as they are read. Throws Error{not_found, unreadable}.
imports::LabelFile opened(const LabelPath& label, std::function<void(std::string_view)> seen = {});

// Folders where the pictures of these labels may be, where nobody said.
std::vector<std::string> implied_pictures(const ImportSpec& spec);

}  // namespace pixmill::pipeline
