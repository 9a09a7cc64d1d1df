// The pictures that an export without a job is about.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "pipeline/export_names.h"
#include "pixmill/pipeline/catalogue.h"
#include "pixmill/pipeline/exporting.h"

namespace pixmill::pipeline {

// A record of another version is an error of its reader's, and not a picture without one: "detections/*".
std::string of_any_version(std::string_view kind);

// Without links. Throws Error{not_found}.
std::filesystem::path root_of(const std::string& from);

// Whatever the catalogue knows of the folders and pictures of `spec`, each once, with records that a format is made of.
// Throws as root_of() does.
std::vector<ExportInput> known_inputs(const Catalogue& catalogue, const ExportSpec& spec);

}  // namespace pixmill::pipeline
