#include "pixmill/pipeline/source_list.h"

#include <algorithm>
#include <cctype>
#include <numeric>
#include <system_error>

#include "pixmill/pipeline/sources.h"

namespace pixmill::pipeline {
namespace fs = std::filesystem;
namespace {

constexpr const char* kNameOfStandardInput = "stdin";

bool is_digit(char c) {
  return std::isdigit(static_cast<unsigned char>(c)) != 0;
}

// natural_less() of two paths in two parts each.
bool path_less(std::string_view left_folder, std::string_view left_name, std::string_view right_folder,
               std::string_view right_name) {
  const std::size_t shorter = std::min(left_folder.size(), right_folder.size());
  std::size_t same = static_cast<std::size_t>(std::mismatch(left_folder.begin(),
                                                            left_folder.begin() + static_cast<std::ptrdiff_t>(shorter),
                                                            right_folder.begin())
                                                  .first -
                                              left_folder.begin());
  while (same > 0 && is_digit(left_folder[same - 1])) --same;  // a number is compared as a whole
  thread_local std::string left, right;
  left.assign(left_folder.substr(same)).append(left_name);
  right.assign(right_folder.substr(same)).append(right_name);
  return natural_less(left, right);
}

}  // namespace

SourceList::FolderId SourceList::add_folder(std::string path, std::string relative, const std::string& root,
                                            std::string canonical) {
  const auto [known, fresh] =
      known_folders_.try_emplace(path + '\0' + relative + '\0' + root, static_cast<FolderId>(folders_.size()));
  if (!fresh) return known->second;
  const auto [known_root, fresh_root] = known_roots_.try_emplace(root, static_cast<std::uint32_t>(roots_.size()));
  if (fresh_root) roots_.push_back(root);
  folders_.push_back({std::move(path), std::move(relative), std::move(canonical), known_root->second});
  return known->second;
}

void SourceList::add(FolderId folder, std::string_view name, bool is_link) {
  entries_.push_back({names_.size(), folder, static_cast<std::uint16_t>(name.size()), is_link});
  names_ += name;
}

bool SourceList::is_before(const Entry& left, const Entry& right, const std::vector<std::uint32_t>& ranks) const {
  if (left.folder == right.folder) return natural_less(name_of(left), name_of(right));
  const Folder& a = folders_[left.folder];
  const Folder& b = folders_[right.folder];
  if (a.root != b.root) return ranks[a.root] < ranks[b.root];
  return path_less(a.path, name_of(left), b.path, name_of(right));
}

void SourceList::sort() {
  std::vector<std::uint32_t> by_name(roots_.size());
  std::iota(by_name.begin(), by_name.end(), 0U);
  std::sort(by_name.begin(), by_name.end(),
            [&](std::uint32_t a, std::uint32_t b) { return natural_less(roots_[a], roots_[b]); });
  std::vector<std::uint32_t> ranks(roots_.size());
  for (std::uint32_t i = 0; i < by_name.size(); ++i) ranks[by_name[i]] = i;
  std::sort(entries_.begin(), entries_.end(),
            [&](const Entry& left, const Entry& right) { return is_before(left, right, ranks); });
}

void SourceList::keep_first(std::size_t count) {
  if (entries_.size() > count) entries_.resize(count);
}

SourceItem SourceList::operator[](std::size_t index) const {
  const Entry& entry = entries_[index];
  const Folder& folder = folders_[entry.folder];
  return {path_text(index), fs::path(folder.relative) / relative_name(index), roots_[folder.root]};
}

std::string SourceList::identity(std::size_t index) const {
  const Entry& entry = entries_[index];
  const Folder& folder = folders_[entry.folder];
  if (folder.canonical.empty()) return path_text(index);
  if (!entry.is_link) return folder.canonical + std::string(name_of(entry));
  std::error_code error;
  const fs::path target = fs::weakly_canonical(folder.canonical + std::string(name_of(entry)), error);
  return error ? folder.canonical + std::string(name_of(entry)) : target.native();
}

std::string SourceList::path_text(std::size_t index) const {
  const Entry& entry = entries_[index];
  return folders_[entry.folder].path + std::string(name_of(entry));
}

std::string_view SourceList::relative_folder(std::size_t index) const {
  return folders_[entries_[index].folder].relative;
}

std::string_view SourceList::relative_name(std::size_t index) const {
  const Entry& entry = entries_[index];
  return folders_[entry.folder].canonical.empty() ? kNameOfStandardInput : name_of(entry);
}

bool SourceList::has_root(std::size_t index) const {
  return !roots_[folders_[entries_[index].folder].root].empty();
}

}  // namespace pixmill::pipeline
