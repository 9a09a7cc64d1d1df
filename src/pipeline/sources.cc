#include "pixmill/pipeline/sources.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>
#include <set>
#include <system_error>
#include <unordered_map>
#include <utility>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "pipeline/glob.h"
#include "pipeline/path_table.h"
#include "pixmill/codecs/codec.h"
#include "pixmill/codecs/read_file.h"
#include "pixmill/platform/wait_readable.h"

namespace pixmill::pipeline {
namespace fs = std::filesystem;
namespace {

// Magic numbers end well before this.
constexpr std::size_t kHeadBytes = 64;

bool has_picture_extension(const fs::path& path) {
  const std::string extension = path.extension().string();
  return extension.size() > 1 && codecs::format_from(std::string_view(extension).substr(1)).has_value();
}

bool has_picture_content(const fs::path& path) {
  std::array<char, kHeadBytes> head{};
  std::ifstream file(path, std::ios::binary);
  file.read(head.data(), head.size());
  const auto count = static_cast<std::size_t>(std::max<std::streamsize>(0, file.gcount()));
  return codecs::sniff(std::as_bytes(std::span(head.data(), count))).has_value();
}

Failed not_there(const fs::path& path, const std::error_code& reason) {
  const Error error = codecs::read_error(path, reason.value());
  return {path, error.code(), error.message(), error.hint()};
}

class Walker {
 public:
  Walker(const InputSpec& spec, const std::function<bool()>& stop, Sources& sources)
      : spec_(spec), stop_(stop), sources_(sources) {}

  void add(const std::string& input) {
    if (input == "-") {
      claim_standard_input();
      sources_.items.add(sources_.items.add_folder({}, {}, {}, {}), kStandardInput, false);
    } else if (input.starts_with('@') && !exists(input)) {
      const std::string file = input.substr(1);
      const fs::path folder = fs::path(file).parent_path();
      const std::string text = read_list(file);
      add_listed(parse_list(text), folder);
    } else if (is_glob(input) && !exists(input)) {
      add_glob(input);
    } else {
      add_named(input, fs::path(input).filename());
    }
  }

  void add_nul_list(const std::string& file) {
    const std::string text = read_list(file);
    add_listed(parse_nul_list(text), {});
  }

 private:
  // Relative paths are taken from `folder`.
  void add_listed(const std::vector<std::string_view>& paths, const fs::path& folder) {
    for (const std::string_view path : paths) {
      const fs::path entry = folder / path;
      add_named(entry, name_below(entry, folder), /*listed=*/true);
    }
  }

  static bool exists(const fs::path& path) {
    std::error_code ignored;
    return fs::exists(fs::symlink_status(path, ignored));
  }

  // A listed file keeps the folders that the list names, so that two of one name do not share a result; those of
  // absolute paths and of paths that go up are left out.
  static fs::path name_below(const fs::path& path, const fs::path& folder) {
    const fs::path below = path.lexically_normal().lexically_relative(folder.empty() ? "." : folder.lexically_normal());
    return below.empty() || *below.begin() == ".." ? path.filename() : below;
  }

  // `name`: of a file, as it is mirrored in the output folder. A line of a list is a picture also where there is none,
  // so that results keep a place for it: it fails when it is read.
  void add_named(const fs::path& path, const fs::path& name, bool listed = false) {
    std::error_code error;
    const fs::file_status status = fs::status(path, error);
    if (!fs::exists(status) && listed) {
      add_item(named_item(path, name));
    } else if (!fs::exists(status)) {
      sources_.failed.push_back(not_there(path, error));
    } else if (fs::is_directory(status)) {
      sources_.roots.push_back(path);
      walk(path, {}, path);
    } else {
      take(named_item(path, name), /*named=*/true);
    }
  }

  static SourceItem named_item(const fs::path& path, const fs::path& name) {
    return {path, name, name.has_parent_path() ? fs::path(".") : fs::path()};
  }

  void claim_standard_input() {
    if (!std::exchange(standard_input_taken_, true)) return;
    throw Error(ErrorCode::usage, "standard input is named twice", "it holds one picture (-) or one list (@-)");
  }

  // Of a file, or of standard input for "-".
  std::string read_list(const std::string& name) {
    if (name == "-") {
      claim_standard_input();
      return read_standard_input();
    }
    std::ifstream file(name, std::ios::binary);
    std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
    if (!file) {
      throw Error(ErrorCode::usage, name + ": the list cannot be read: " + std::strerror(errno),
                  "@FILE takes a text file with one path a line; --files0-from one with a NUL byte after each");
    }
    return text;
  }

  std::string read_standard_input() const {
    std::string text;
    std::array<char, 65536> piece;
    while (true) {
      if (!platform::wait_readable(STDIN_FILENO, stop_)) throw_interrupted();
      const ssize_t count = ::read(STDIN_FILENO, piece.data(), piece.size());
      if (count == 0) return text;
      if (count < 0 && errno != EINTR)
        throw Error(ErrorCode::usage, std::string("the list on standard input: ") + std::strerror(errno));
      if (count > 0) text.append(piece.data(), static_cast<std::size_t>(count));
    }
  }

  [[noreturn]] static void throw_interrupted() {
    throw Error(ErrorCode::interrupted, "interrupted while looking for pictures", "nothing was done");
  }

  // Folders that match are walked; what lies below the fixed part of the pattern is kept.
  void add_glob(const std::string& pattern) {
    const std::size_t before = sources_.items.size() + sources_.failed.size();
    const bool deep = pattern.find("**") != std::string::npos;  // as a folder: what is no picture is left out
    bool any = false;
    const GlobVisitor visitor = {
        .found =
            [&](const fs::path& path, const fs::path& root) {
              any = true;
              std::error_code ignored;
              if (!fs::is_directory(path, ignored)) {
                take({path, path.lexically_relative(root), root}, /*named=*/!deep);
              } else {
                sources_.roots.push_back(path);
                const fs::path below = path.lexically_relative(root);
                walk(path, below == "." ? fs::path() : below, root);
              }
            },
        .failed = [&](const fs::path& folder, const std::error_code& reason) { fail_folder(folder, reason); },
        .stop =
            [&] {
              if (stop_()) throw_interrupted();
            },
        .follow_links = spec_.follow_links};
    expand_glob(pattern, visitor);
    if (!any && sources_.items.size() + sources_.failed.size() == before) {
      sources_.failed.push_back({pattern, ErrorCode::not_found, pattern + ": no file matches", "check the pattern"});
    }
  }

  void fail_folder(const fs::path& folder, const std::error_code& reason) {
    sources_.failed.push_back({folder, ErrorCode::unreadable, folder.string() + ": " + reason.message(),
                               "some of its pictures were not found: check the folder's permissions and its disk"});
  }

  // `below`: the folder, as it lies below the root.
  void walk(const fs::path& folder, const fs::path& below, const fs::path& root) {
    if (!enter(folder)) return;
    const SourceList::FolderId here = found_folder(folder, below, root);
    std::error_code error;
    fs::directory_iterator entries(folder, error);
    // An increment that fails makes it the end iterator: the reason is looked at after the loop.
    for (const fs::directory_iterator end; !error && entries != end; entries.increment(error)) {
      if (stop_()) throw_interrupted();
      const fs::directory_entry& entry = *entries;
      const fs::path name = entry.path().filename();
      if (name.native().starts_with('.')) continue;
      std::error_code ignored;
      if (entry.is_symlink(ignored)) {
        if (!spec_.follow_links) {
          ++sources_.links_left_out;
        } else if (entry.is_directory(ignored)) {
          if (spec_.recursive) walk(entry.path(), below / name, root);
        } else {
          take({entry.path(), below / name, root}, /*named=*/false);
        }
      } else if (entry.is_directory(ignored)) {
        if (spec_.recursive) walk(entry.path(), below / name, root);
      } else if (entry.is_regular_file(ignored)) {
        take_plain(here, entry.path(), below.empty() ? name : below / name, name.native());
      }
    }
    if (error) fail_folder(folder, error);
  }

  static std::string with_slash(const fs::path& folder) {
    std::string text = folder.native();
    if (!text.empty() && !text.ends_with('/')) text += '/';
    return text;
  }

  static std::string canonical(const fs::path& path) {
    std::error_code error;
    const fs::path found = fs::weakly_canonical(fs::absolute(path), error);
    return error ? fs::absolute(path).lexically_normal().native() : found.native();
  }

  SourceList::FolderId found_folder(const fs::path& folder, const fs::path& below, const fs::path& root) {
    const std::string path = with_slash(folder);
    return sources_.items.add_folder(path, with_slash(below), root.native(), canonical_folder(path));
  }

  // With a slash at its end. Asked for every file of a list, and found out once for each folder.
  const std::string& canonical_folder(const std::string& folder) {
    std::string& known = canonical_folders_[folder];
    if (known.empty()) known = with_slash(canonical(folder.empty() ? "." : folder));
    return known;
  }

  // Guards against links that lead back up.
  bool enter(const fs::path& folder) {
    struct stat status {};
    if (::stat(folder.c_str(), &status) != 0) return true;  // the iterator reports the reason
    return entered_.insert({status.st_dev, status.st_ino}).second;
  }

  // A file that was named, or may be a link, or lies anywhere.
  void take(const SourceItem& item, bool named) {
    std::error_code error;
    const fs::file_status status = fs::status(item.path, error);
    if (!fs::exists(status)) {
      sources_.failed.push_back(not_there(item.path, error));
      return;
    }
    if (!named) {
      if (!fs::is_regular_file(status)) return;
      if (!has_picture_extension(item.path) && !has_picture_content(item.path)) return;
    }
    add_item(item);
  }

  // Of a file that need not be there.
  void add_item(const SourceItem& item) {
    if (!passes(item.path, item.relative.generic_string())) return;
    std::error_code error;
    const std::string& path = item.path.native();
    const std::string& relative = item.relative.native();
    const std::size_t name = path.rfind('/') + 1;  // npos + 1 is 0
    const SourceList::FolderId folder =
        sources_.items.add_folder(path.substr(0, name), relative.substr(0, relative.rfind('/') + 1), item.root.native(),
                                  canonical_folder(path.substr(0, name)));
    const bool is_link = fs::is_symlink(item.path, error);
    const std::string known_as =
        is_link ? canonical(item.path) : sources_.items.canonical_folder(folder) + path.substr(name);
    if (!taken_.add(known_as, 0)) sources_.items.add(folder, std::string_view(path).substr(name), is_link);
  }

  // A regular file of a folder that is walked: no look at the disk unless its name says nothing.
  void take_plain(SourceList::FolderId folder, const fs::path& path, const fs::path& relative,
                  const std::string& name) {
    if (!has_picture_extension(path) && !has_picture_content(path)) return;
    if (!passes(path, relative.native())) return;
    if (taken_.add(sources_.items.canonical_folder(folder) + name, 0)) return;
    sources_.items.add(folder, name, false);
  }

  bool passes(const fs::path& path, const std::string& relative) const {
    const auto matches = [&](const std::string& pattern) { return glob_match(pattern, relative); };
    if (!spec_.include.empty() && std::none_of(spec_.include.begin(), spec_.include.end(), matches)) return false;
    if (std::any_of(spec_.exclude.begin(), spec_.exclude.end(), matches)) return false;
    if (!in_shard(relative, spec_.shard_index, spec_.shard_count)) return false;
    if (spec_.newer_than) {
      struct stat status {};
      if (::stat(path.c_str(), &status) == 0 && status.st_mtime <= *spec_.newer_than) return false;
    }
    return true;
  }

  const InputSpec& spec_;
  const std::function<bool()>& stop_;
  Sources& sources_;
  bool standard_input_taken_ = false;
  std::set<std::pair<dev_t, ino_t>> entered_;
  PathTable taken_;  // by canonical path
  std::unordered_map<std::string, std::string> canonical_folders_;
};

}  // namespace

bool natural_less(std::string_view left, std::string_view right) {
  const auto digit = [](char c) { return std::isdigit(static_cast<unsigned char>(c)) != 0; };
  std::size_t i = 0;
  std::size_t j = 0;
  while (i < left.size() && j < right.size()) {
    if (digit(left[i]) && digit(right[j])) {
      const auto number = [&](std::string_view text, std::size_t& at) {
        while (at < text.size() && text[at] == '0') ++at;
        const std::size_t from = at;
        while (at < text.size() && digit(text[at])) ++at;
        return text.substr(from, at - from);
      };
      const std::string_view a = number(left, i);
      const std::string_view b = number(right, j);
      if (a.size() != b.size()) return a.size() < b.size();
      if (a != b) return a < b;
    } else {
      if (left[i] != right[j]) return static_cast<unsigned char>(left[i]) < static_cast<unsigned char>(right[j]);
      ++i;
      ++j;
    }
  }
  if (i < left.size() || j < right.size()) return j < right.size();
  return left < right;  // "01" and "1": any fixed order
}

std::vector<std::string_view> parse_list(std::string_view text) {
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  std::vector<std::string_view> paths;
  std::size_t number = 0;
  while (!text.empty()) {
    ++number;
    const std::size_t end = text.find('\n');
    std::string_view line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.empty() || line.starts_with('#')) continue;
    if (line.find('\0') != std::string_view::npos) {
      throw Error(ErrorCode::usage, "line " + std::to_string(number) + " of the list holds a NUL byte",
                  "@FILE takes a text file with one path a line; this one looks binary");
    }
    paths.push_back(line);
  }
  return paths;
}

std::vector<std::string_view> parse_nul_list(std::string_view text) {
  std::vector<std::string_view> paths;
  while (!text.empty()) {
    const std::size_t end = text.find('\0');
    if (end > 0) paths.push_back(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return paths;
}

bool in_shard(std::string_view relative, int index, int count) {
  if (count <= 1) return true;
  return XXH3_64bits(relative.data(), relative.size()) % static_cast<std::uint64_t>(count) ==
         static_cast<std::uint64_t>(index - 1);
}

Sources find_sources(const InputSpec& spec, const std::function<bool()>& stop) {
  if (spec.shard_count < 1 || spec.shard_index < 1 || spec.shard_index > spec.shard_count) {
    throw Error(
        ErrorCode::usage,
        "shard " + std::to_string(spec.shard_index) + "/" + std::to_string(spec.shard_count) + " is out of range",
        "--shard i/n takes 1 <= i <= n");
  }
  Sources sources;
  Walker walker(spec, stop, sources);
  for (const std::string& input : spec.inputs) walker.add(input);
  if (!spec.nul_list.empty()) walker.add_nul_list(spec.nul_list);
  sources.items.sort();
  if (spec.limit > 0) sources.items.keep_first(static_cast<std::size_t>(spec.limit));
  return sources;
}

}  // namespace pixmill::pipeline
