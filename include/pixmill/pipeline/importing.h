// Labels of other programs into the catalogue, as if a job had found them.
#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "pixmill/pipeline/event.h"
#include "pixmill/platform/home.h"

namespace pixmill::pipeline {

struct ImportSpec {
  std::vector<std::string> labels;    // files, and folders of them
  std::vector<std::string> pictures;  // folders, files, globs; empty: where the labels say or imply
  std::string format = "auto";        // a name of imports::imports(), or "auto": by content
  std::string names;                  // a file of class names, or "coco-80"; empty: those beside the labels
  bool dry_run = false;               // write nothing
  platform::Home home;
};

struct Imported {
  std::string format;
  std::string names_from;                   // the file of the class names; empty: the labels say them
  std::int64_t files = 0;                   // that were read
  std::int64_t pictures = 0, labels = 0;    // pictures with labels or an empty label file, and things in them
  std::int64_t empty = 0;                   // of these pictures: nothing is in them
  std::int64_t written = 0, unchanged = 0;  // pictures
  std::vector<std::pair<std::string, std::int64_t>> classes = {};  // with labels, in the order of their numbers
  std::vector<std::string> without_picture = {};                   // labels: "a/img2 (labels/a/img2.txt)"
  std::vector<std::filesystem::path> without_labels = {};          // pictures
  std::vector<Failed> failed = {};  // labels that could not be read, pictures that could not
  std::vector<std::string> warnings = {};
};

// How far it is, now and then: pictures of so many.
using ImportProgress = std::function<void(std::int64_t done, std::int64_t total)>;

// A picture's labels take the place of what is known of it: exports show the newest. What fails of one picture is in
// `failed` and does not stop the others. Throws Error: not_found (no labels, no picture that fits one), usage (files of
// several formats), corrupt (the list of names), unreadable, interrupted (when `stop` turns true; what was written
// stays).
Imported import_labels(const ImportSpec& spec, const ImportProgress& progress, const std::atomic<bool>& stop);

}  // namespace pixmill::pipeline
