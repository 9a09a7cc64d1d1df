#include "pipeline/label_files.h"

#include <algorithm>
#include <array>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <system_error>
#include <utility>

#include "pixmill/core/error.h"
#include "pixmill/core/text.h"
#include "pixmill/models/class_names.h"
#include "pixmill/pipeline/sources.h"
#include "pixmill/platform/files.h"

namespace pixmill::pipeline {
namespace fs = std::filesystem;
namespace {

using imports::ImportRow;

constexpr std::size_t kMostNames = 1 << 20;  // bytes of a list of names
constexpr std::size_t kFewToLookAt = 20;     // files of a folder whose content says the format
constexpr std::string_view kLabels = "labels", kImages = "images";

// What lies beside YOLO's labels and is none.
constexpr std::array<std::string_view, 8> kNotLabels = {"classes.txt", "labels.txt", "train.txt",  "val.txt",
                                                        "valid.txt",   "test.txt",   "readme.txt", "notes.txt"};
constexpr std::array<std::string_view, 6> kNameFiles = {"data.yaml",   "data.yml",  "dataset.yaml",
                                                        "classes.txt", "obj.names", "_darknet.labels"};
// Folders within a data set: its names stand above.
constexpr std::array<std::string_view, 6> kParts = {"labels", "train", "val", "valid", "test", "obj_train_data"};

template <typename List>
bool has(const List& list, std::string_view text) {
  return std::find(list.begin(), list.end(), text) != list.end();
}

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](char letter) { return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter + 32) : letter; });
  return text;
}

std::string extension_of(const fs::path& path) {
  const std::string extension = lower(path.extension().string());
  return extension.empty() ? extension : extension.substr(1);
}

fs::path without_slash(const std::string& text) {
  const fs::path path = fs::path(text).lexically_normal();
  return path.has_filename() ? path : path.parent_path();
}

struct Found {
  LabelPath label;
  bool named = false;  // itself, not its folder
};

class Search {
 public:
  explicit Search(const ImportSpec& spec) : row_(spec.format == "auto" ? nullptr : &imports::find_import(spec.format)) {
    for (const std::string& text : spec.labels) add(text);
  }

  LabelFiles take() {
    if (row_ == nullptr) row_ = row_by_content();
    LabelFiles files{row_, {}, std::move(failed_)};
    const bool in_labels =
        row_ != nullptr && row_->file_a_picture && std::any_of(found_.begin(), found_.end(), is_below_labels);
    for (Found& one : found_) {
      const bool fits = row_ != nullptr && (one.named || has(row_->extensions, extension_of(one.label.path)));
      if (fits && (one.named || !in_labels || is_below_labels(one))) files.files.push_back(std::move(one.label));
    }
    std::sort(files.files.begin(), files.files.end(),
              [](const LabelPath& a, const LabelPath& b) { return natural_less(a.path.native(), b.path.native()); });
    return files;
  }

 private:
  // "train/labels/a" of a whole data set; pictures lie there too, and lists of them.
  static bool is_below_labels(const Found& one) {
    const fs::path folder = fs::path(one.label.name).parent_path();
    return std::find(folder.begin(), folder.end(), kLabels) != folder.end();
  }

  void add(const std::string& text) {
    std::error_code error;
    const fs::path path = without_slash(text);
    const fs::file_status status = fs::status(path, error);
    if (!fs::exists(status))
      throw Error(ErrorCode::not_found, text + ": " + (error ? error.message() : "no such file"),
                  "name a file of labels, or a folder of them");
    if (!fs::is_directory(status) && !fs::is_regular_file(status))
      throw Error(ErrorCode::usage, text + " is neither a file nor a folder", "save the labels to a file first");
    if (!fs::is_directory(status)) {
      found_.push_back({{path, path.stem().string()}, true});
      return;
    }
    for (fs::recursive_directory_iterator at(path, error), end; !error && at != end; at.increment(error)) {
      if (at->path().filename().string().starts_with('.')) {
        at.disable_recursion_pending();
        continue;
      }
      std::error_code none;
      if (!at->is_regular_file(none) || has(kNotLabels, lower(at->path().filename().string()))) continue;
      if (!may_be_labels(at->path())) continue;
      fs::path name = at->path().lexically_relative(path);
      found_.push_back({{at->path(), name.replace_extension().generic_string()}, false});
    }
    if (error) failed_.push_back({path, ErrorCode::unreadable, text + ": " + error.message(), "check its permissions"});
  }

  bool may_be_labels(const fs::path& path) const {
    const std::string extension = extension_of(path);
    if (row_ != nullptr) return has(row_->extensions, extension);
    const auto rows = imports::imports();
    return std::any_of(rows.begin(), rows.end(), [&](const ImportRow& row) { return has(row.extensions, extension); });
  }

  const ImportRow* row_by_content() const {
    std::map<std::string, std::size_t> looked_at;  // by extension
    const ImportRow* row = nullptr;
    fs::path of;
    bool empty_texts = false;
    for (const Found& one : found_) {
      const std::string extension = extension_of(one.label.path);
      if (!one.named && ++looked_at[extension] > kFewToLookAt) continue;
      const std::string head = head_of(one.label);
      empty_texts = empty_texts || (extension == "txt" && trimmed(head).empty());
      const ImportRow* its = imports::recognised(head, extension);
      if (its == nullptr) continue;
      if (row != nullptr && row != its)
        throw Error(ErrorCode::usage,
                    of.string() + " is " + std::string(row->name) + ", and " + one.label.path.string() + " is " +
                        std::string(its->name),
                    "name one format with --format, or one folder after the other");
      row = its;
      of = one.label.path;
    }
    return row == nullptr && empty_texts ? &imports::find_import("yolo") : row;
  }

  // Without the mark of UTF-8; of UTF-16 every other byte, which is enough to recognise it.
  static std::string head_of(const LabelPath& label) {
    imports::LabelFile file = opened(label);
    std::string head(file.next());
    if (head.starts_with("\xEF\xBB\xBF")) head.erase(0, 3);
    if (head.starts_with("\xFF\xFE") || head.starts_with("\xFE\xFF"))
      std::erase_if(head, [](char letter) { return letter == '\0' || letter == '\xFF' || letter == '\xFE'; });
    return head;
  }

  const ImportRow* row_;
  std::vector<Found> found_;
  std::vector<Failed> failed_;
};

NamesFile names_in(const fs::path& file) {
  const LabelPath path{file, file.stem().string()};
  return {imports::names_of(opened(path).whole(kMostNames), file.string()), file.string()};
}

// A list in this folder; of files that tools call otherwise, any YAML with names.
std::optional<NamesFile> names_beside(const fs::path& folder) {
  std::error_code error;
  for (const std::string_view name : kNameFiles) {
    if (fs::is_regular_file(folder / name, error)) return names_in(folder / name);
  }
  for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
    const std::string extension = extension_of(at->path());
    if (extension == "names") return names_in(at->path());
    if (extension != "yaml" && extension != "yml") continue;
    if (platform::read_text(at->path(), kMostNames).find("names") != std::string::npos) return names_in(at->path());
  }
  return std::nullopt;
}

fs::path folder_of(const std::string& input) {
  std::error_code error;
  const fs::path path = fs::canonical(input, error);
  return error || fs::is_directory(path, error) ? path : path.parent_path();
}

}  // namespace

LabelFiles find_label_files(const ImportSpec& spec) {
  LabelFiles files = Search(spec).take();
  if (files.files.empty())
    throw Error(ErrorCode::not_found,
                "no labels in " + joined(spec.labels, ", ") +
                    (spec.format == "auto" ? " that pixmill recognises" : " of this format"),
                "name their format with --format; `pixmill import --help` lists them");
  return files;
}

NamesFile find_names(const ImportSpec& spec, const LabelFiles& files) {
  if (spec.names == models::kCoco80) return {models::coco_80(), spec.names};
  if (!spec.names.empty()) return names_in(spec.names);
  if (!files.row->numbers_classes) return {};
  for (const std::string& input : spec.labels) {
    fs::path folder = folder_of(input);
    for (bool within = true; within; folder = folder.parent_path()) {
      if (auto names = names_beside(folder)) return *std::move(names);
      within = has(kParts, folder.filename().string()) || folder.parent_path().filename() == kLabels;
    }
  }
  throw Error(
      ErrorCode::not_found,
      "no names of the classes beside " + joined(spec.labels, ", ") + ": no data.yaml, classes.txt or obj.names",
      "--names FILE with a name a line, or --names coco-80");
}

imports::LabelFile opened(const LabelPath& label, std::function<void(std::string_view)> seen) {
  auto handle = std::make_shared<platform::Descriptor>(platform::open_to_read(label.path));
  const auto read = [handle, path = label.path, seen = std::move(seen)](std::span<char> into) {
    const std::size_t count = platform::read_some(*handle, std::as_writable_bytes(into), path);
    if (seen) seen({into.data(), count});
    return count;
  };
  return {label.path.string(), label.name, read};
}

std::vector<std::string> implied_pictures(const ImportSpec& spec) {
  std::set<fs::path> folders;
  std::error_code none;
  for (const std::string& input : spec.labels) {
    const fs::path folder = folder_of(input);
    bool beside = false;
    for (fs::path above = folder; above.has_relative_path() && !beside; above = above.parent_path()) {
      if (above.filename() != kLabels) continue;
      const fs::path images = above.parent_path() / kImages / folder.lexically_relative(above);
      beside = fs::is_directory(images, none);
      if (beside) folders.insert(images.lexically_normal());
    }
    for (const std::string_view name : {kImages, std::string_view("JPEGImages")}) {
      const fs::path images = folder.parent_path() / name;
      if (beside || fs::is_directory(folder / name, none) || !fs::is_directory(images, none)) continue;
      folders.insert(images);
      beside = true;
    }
    if (!beside) folders.insert(folder);
  }
  std::vector<std::string> texts;
  for (const fs::path& folder : folders) texts.push_back(folder.string());
  return texts;
}

}  // namespace pixmill::pipeline
