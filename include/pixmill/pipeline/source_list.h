// Many pictures by their names, in little memory: what they share is kept once.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <iterator>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace pixmill::pipeline {

// The name that stands for standard input.
inline constexpr std::string_view kStandardInput = "-";

struct SourceItem {
  std::filesystem::path path;      // as it is opened; "-" for standard input
  std::filesystem::path relative;  // below the folder it was found in; when it was named itself, the file name; when a
                                   // list named it, its path in the list
  std::filesystem::path root;      // that folder, of a glob its fixed part; empty when it was named itself
};

// A picture costs its file name and 16 bytes; a folder some hundred. Items are made when they are asked for. Reading is
// thread-safe.
class SourceList {
 public:
  using FolderId = std::uint32_t;

  // A folder with files that are found in it. `path`, and `relative` unless it is empty, end with a slash; so does
  // `canonical`, which is absolute and without links.
  FolderId add_folder(std::string path, std::string relative, const std::string& root, std::string canonical);
  // `is_link`: the file itself is one.
  void add(FolderId folder, std::string_view name, bool is_link);
  const std::string& canonical_folder(FolderId folder) const { return folders_[folder].canonical; }
  void sort();  // by root, then by path, in natural order
  void keep_first(std::size_t count);

  std::size_t size() const { return entries_.size(); }
  bool empty() const { return entries_.empty(); }
  SourceItem operator[](std::size_t index) const;
  SourceItem front() const { return (*this)[0]; }

  // The file's absolute path without links, as it was found: its name in the catalogue. "-" for standard input.
  std::string identity(std::size_t index) const;

  // What names are made of, without the cost of a whole item.
  std::string path_text(std::size_t index) const;
  std::string_view relative_folder(std::size_t index) const;  // of `relative`, with a slash at its end; "" without one
  std::string_view relative_name(std::size_t index) const;    // the file name of `relative`
  bool has_root(std::size_t index) const;

  class Iterator {
   public:
    using iterator_category = std::input_iterator_tag;
    using value_type = SourceItem;
    using difference_type = std::ptrdiff_t;
    using pointer = const SourceItem*;
    using reference = SourceItem;
    Iterator(const SourceList& list, std::size_t index) : list_(&list), index_(index) {}
    SourceItem operator*() const { return (*list_)[index_]; }
    Iterator& operator++() {
      ++index_;
      return *this;
    }
    bool operator==(const Iterator& other) const { return index_ == other.index_; }

   private:
    const SourceList* list_;
    std::size_t index_;
  };
  Iterator begin() const { return {*this, 0}; }
  Iterator end() const { return {*this, size()}; }

 private:
  struct Folder {
    std::string path;        // up to the last slash of the items' paths
    std::string relative;    // the same of their relative paths
    std::string canonical;   // with a slash at its end
    std::uint32_t root = 0;  // in `roots_`
  };
  struct Entry {
    std::uint64_t name;  // where it begins in `names_`
    FolderId folder;
    std::uint16_t length;
    bool is_link;  // its identity is not its folder's and its name
  };

  std::string_view name_of(const Entry& entry) const { return {names_.data() + entry.name, entry.length}; }
  bool is_before(const Entry& left, const Entry& right, const std::vector<std::uint32_t>& ranks) const;

  std::string names_;
  std::vector<Folder> folders_;
  std::vector<std::string> roots_;
  std::vector<Entry> entries_;
  std::unordered_map<std::string, FolderId> known_folders_;
  std::unordered_map<std::string, std::uint32_t> known_roots_;
};

}  // namespace pixmill::pipeline
