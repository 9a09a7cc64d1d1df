#include "pipeline/picture_index.h"

#include <algorithm>
#include <functional>
#include <string>

#include "pixmill/codecs/codec.h"

namespace pixmill::pipeline {
namespace {

constexpr std::uint32_t kNone = UINT32_MAX;

// The file name without the extension of a picture; "a.b" stays "a.b".
std::string_view stem_of(std::string_view file) {
  const std::size_t dot = file.rfind('.');
  if (dot == std::string_view::npos || dot == 0) return file;
  return codecs::format_from(file.substr(dot + 1)) ? file.substr(0, dot) : file;
}

std::uint64_t hash_of(std::string_view text) {
  return std::hash<std::string_view>()(text);
}

// With '/' between and without "./", "../" and drive at the beginning.
std::string normal(std::string_view name) {
  std::string path(name);
  std::replace(path.begin(), path.end(), '\\', '/');
  if (const std::size_t up = path.rfind("../"); up != std::string::npos) path.erase(0, up + 3);
  while (path.starts_with("./")) path.erase(0, 2);
  return path;
}

// How many folders two paths, which end with '/', have in common at their ends.
int common_folders(std::string_view a, std::string_view b) {
  int count = 0;
  while (!a.empty() && !b.empty()) {
    const auto last_of = [](std::string_view& path) {
      path.remove_suffix(1);
      const std::size_t slash = path.rfind('/');
      const std::string_view last = path.substr(slash == std::string_view::npos ? 0 : slash + 1);
      path.remove_suffix(last.size());
      return last;
    };
    if (last_of(a) != last_of(b)) break;
    ++count;
  }
  return count;
}

// "train/images/img2" of "train/labels/img2", as YOLO's tools lay their data out; empty where no folder is called so.
std::string beside_labels(const std::string& path) {
  constexpr std::string_view kLabels = "labels/", kImages = "images/";
  const std::size_t at = path.rfind(kLabels);
  if (at == std::string::npos || (at > 0 && path[at - 1] != '/')) return {};
  return std::string(path).replace(at, kLabels.size(), kImages);
}

// "3f2b1c9d-img2.jpg": what Label Studio puts before the name of a file that was uploaded.
bool has_upload_prefix(std::string_view file) {
  constexpr std::size_t kDigits = 8;
  return file.size() > kDigits + 1 && file[kDigits] == '-' &&
         file.substr(0, kDigits).find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

}  // namespace

PictureIndex::PictureIndex(const SourceList& pictures) : pictures_(pictures), next_(pictures.size(), kNone) {
  first_.reserve(pictures.size());
  for (std::size_t i = pictures.size(); i-- > 0;) {
    const auto [first, fresh] =
        first_.try_emplace(hash_of(stem_of(pictures.relative_name(i))), static_cast<std::uint32_t>(i));
    if (fresh) continue;
    next_[i] = first->second;
    first->second = static_cast<std::uint32_t>(i);
  }
}

PictureIndex::Match PictureIndex::find(std::string_view name) const {
  const std::string path = normal(name);
  if (const std::string images = beside_labels(path); !images.empty()) {
    Match match = at(images);
    if (match.whole) return match;
  }
  return at(path);
}

PictureIndex::Match PictureIndex::at(const std::string& path) const {
  const std::size_t slash = path.rfind('/');
  const std::size_t from = slash == std::string::npos ? 0 : slash + 1;
  const std::string folder = path.substr(0, from), file = path.substr(from);
  Match match = best_of(folder, file);
  if (!match.picture && match.among.empty() && has_upload_prefix(file)) match = best_of("", file.substr(9));
  return match;
}

PictureIndex::Match PictureIndex::best_of(const std::string& folder, const std::string& file) const {
  constexpr int kWhole = 1 << 20;
  Match match;
  int best = -1;
  const std::string_view stem = stem_of(file);
  const auto found = first_.find(hash_of(stem));
  for (std::uint32_t i = found == first_.end() ? kNone : found->second; i != kNone; i = next_[i]) {
    const std::string_view other = pictures_.relative_name(i);
    if (stem_of(other) != stem) continue;
    const std::string_view its_folder = pictures_.relative_folder(i);
    const int score =
        (its_folder == folder ? kWhole : 2 * common_folders(folder, its_folder)) + (other == file ? 1 : 0);
    if (score == best) match.among = pictures_.path_text(*match.picture) + " and " + pictures_.path_text(i);
    if (score <= best) continue;
    best = score;
    match = {i, score >= kWhole, {}};
  }
  if (!match.among.empty()) match.picture.reset();
  return match;
}

}  // namespace pixmill::pipeline
