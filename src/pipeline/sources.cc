#include "pixmill/pipeline/sources.h"

#include <glob.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>
#include <set>
#include <system_error>
#include <unordered_set>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "pixmill/codecs/codec.h"

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

bool is_glob(std::string_view text) {
  return text.find_first_of("*?[") != std::string_view::npos;
}

Failed not_there(const fs::path& path, const std::error_code& reason) {
  std::error_code ignored;
  const bool broken_link = fs::is_symlink(fs::symlink_status(path, ignored));
  return {path, ErrorCode::not_found,
          path.string() + ": " + (broken_link ? "the link leads nowhere" : reason.message()),
          broken_link ? "mend or remove the link" : "check the spelling; quote names with spaces"};
}

class Walker {
 public:
  Walker(const InputSpec& spec, Sources& sources) : spec_(spec), sources_(sources) {}

  void add(const std::string& input) {
    if (input == "-") {
      sources_.items.push_back({"-", "stdin", {}});
    } else if (input.starts_with('@') && !exists(input)) {
      add_list(input.substr(1));
    } else if (is_glob(input) && !exists(input)) {
      add_glob(input);
    } else {
      add_named(input);
    }
  }

 private:
  static bool exists(const fs::path& path) {
    std::error_code ignored;
    return fs::exists(fs::symlink_status(path, ignored));
  }

  void add_named(const fs::path& path) {
    std::error_code error;
    const fs::file_status status = fs::status(path, error);
    if (!fs::exists(status)) {
      sources_.failed.push_back(not_there(path, error));
    } else if (fs::is_directory(status)) {
      sources_.roots.push_back(path);
      walk(path, path);
    } else {
      take({path, path.filename(), {}}, /*named=*/true);
    }
  }

  void add_list(const fs::path& path) {
    std::ifstream file(path, std::ios::binary);
    if (!file) {
      throw Error(ErrorCode::usage, path.string() + ": the list cannot be read: " + std::strerror(errno),
                  "@FILE takes a text file with one path a line");
    }
    const std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
    for (const fs::path& entry : parse_list(text, path.parent_path())) add_named(entry);
  }

  void add_glob(const std::string& pattern) {
    glob_t found{};
    const int code = ::glob(pattern.c_str(), GLOB_TILDE | GLOB_BRACE, nullptr, &found);
    for (std::size_t i = 0; code == 0 && i < found.gl_pathc; ++i) add_named(found.gl_pathv[i]);
    ::globfree(&found);
    if (code == GLOB_NOMATCH) {
      sources_.failed.push_back({pattern, ErrorCode::not_found, pattern + ": no file matches", "check the pattern"});
    }
  }

  void walk(const fs::path& folder, const fs::path& root) {
    if (!enter(folder)) return;
    std::error_code error;
    fs::directory_iterator entries(folder, error);
    if (error) {
      sources_.failed.push_back(
          {folder, ErrorCode::unreadable, folder.string() + ": " + error.message(), "check the folder's permissions"});
      return;
    }
    for (const fs::directory_iterator end; entries != end; entries.increment(error)) {
      if (error) break;
      const fs::directory_entry& entry = *entries;
      if (entry.path().filename().native().starts_with('.')) continue;
      std::error_code ignored;
      if (entry.is_symlink(ignored) && !spec_.follow_links) {
        ++sources_.links_left_out;
      } else if (entry.is_directory(ignored)) {
        if (spec_.recursive) walk(entry.path(), root);
      } else {
        take({entry.path(), entry.path().lexically_relative(root), root}, /*named=*/false);
      }
    }
  }

  // Guards against links that lead back up.
  bool enter(const fs::path& folder) {
    struct stat status {};
    if (::stat(folder.c_str(), &status) != 0) return true;  // the iterator reports the reason
    return entered_.insert({status.st_dev, status.st_ino}).second;
  }

  void take(SourceItem item, bool named) {
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
    if (!passes(item)) return;
    if (!taken_.insert(fs::weakly_canonical(item.path, error).native()).second) return;
    sources_.items.push_back(std::move(item));
  }

  bool passes(const SourceItem& item) const {
    const std::string relative = item.relative.generic_string();
    const auto matches = [&](const std::string& pattern) { return glob_match(pattern, relative); };
    if (!spec_.include.empty() && std::none_of(spec_.include.begin(), spec_.include.end(), matches)) return false;
    if (std::any_of(spec_.exclude.begin(), spec_.exclude.end(), matches)) return false;
    if (!in_shard(relative, spec_.shard_index, spec_.shard_count)) return false;
    if (spec_.newer_than) {
      struct stat status {};
      if (::stat(item.path.c_str(), &status) == 0 && status.st_mtime <= *spec_.newer_than) return false;
    }
    return true;
  }

  const InputSpec& spec_;
  Sources& sources_;
  std::set<std::pair<dev_t, ino_t>> entered_;
  std::unordered_set<std::string> taken_;
};

bool match_class(std::string_view pattern, std::size_t& at, char c) {
  std::size_t i = at + 1;
  const bool negated = i < pattern.size() && (pattern[i] == '!' || pattern[i] == '^');
  if (negated) ++i;
  bool inside = false;
  for (bool first = true; i < pattern.size() && (first || pattern[i] != ']'); first = false, ++i) {
    if (i + 2 < pattern.size() && pattern[i + 1] == '-' && pattern[i + 2] != ']') {
      inside |= pattern[i] <= c && c <= pattern[i + 2];
      i += 2;
    } else {
      inside |= pattern[i] == c;
    }
  }
  at = i;  // on the ']', or past the end of an unclosed class, which matches nothing
  return i < pattern.size() && inside != negated && c != '/';
}

// One alternative, without braces. Iterative with two restart points (one for *, one for **), so that no pattern
// costs more than the product of the lengths.
bool match_plain(std::string_view pattern, std::string_view path) {
  std::size_t p = 0;
  std::size_t s = 0;
  std::size_t star = std::string_view::npos, star_at = 0;
  std::size_t deep = std::string_view::npos, deep_at = 0;
  while (true) {
    if (p == pattern.size() && s == path.size()) return true;
    if (p < pattern.size() && pattern[p] == '*') {
      if (p + 1 < pattern.size() && pattern[p + 1] == '*') {
        p += 2;
        if (p < pattern.size() && pattern[p] == '/') ++p;  // "**/" also matches no folder at all
        deep = p;
        deep_at = s;
        star = std::string_view::npos;
      } else {
        star = ++p;
        star_at = s;
      }
      continue;
    }
    if (p < pattern.size() && s < path.size()) {
      std::size_t next = p;
      const bool same = pattern[p] == '?'   ? path[s] != '/'
                        : pattern[p] == '[' ? match_class(pattern, next, path[s])
                                            : pattern[p] == path[s];
      if (same) {
        p = next + 1;
        ++s;
        continue;
      }
    }
    if (star != std::string_view::npos && star_at < path.size() && path[star_at] != '/') {
      p = star;
      s = ++star_at;
    } else if (deep != std::string_view::npos && deep_at < path.size()) {
      p = deep;
      s = ++deep_at;
      star = std::string_view::npos;
    } else {
      return false;
    }
  }
}

constexpr int kMaxBraces = 8;  // nested or in a row: 2^8 alternatives are enough for anyone

bool match_braces(const std::string& pattern, std::string_view path, int depth) {
  const std::size_t open = pattern.find('{');
  const std::size_t close = open == std::string::npos ? open : pattern.find('}', open);
  if (close == std::string::npos || depth > kMaxBraces) return match_plain(pattern, path);
  for (std::size_t from = open + 1; from <= close;) {
    const std::size_t to = std::min(pattern.find(',', from), close);
    if (match_braces(pattern.substr(0, open) + pattern.substr(from, to - from) + pattern.substr(close + 1), path,
                     depth + 1)) {
      return true;
    }
    from = to + 1;
  }
  return false;
}

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

bool glob_match(std::string_view pattern, std::string_view path) {
  if (pattern.find('/') == std::string_view::npos) {
    const std::size_t slash = path.rfind('/');
    if (slash != std::string_view::npos) path.remove_prefix(slash + 1);
  }
  return match_braces(std::string(pattern), path, 0);
}

std::vector<fs::path> parse_list(std::string_view text, const fs::path& folder) {
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  std::vector<fs::path> paths;
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
    const fs::path path(line);
    paths.push_back(path.is_absolute() ? path : folder / path);
  }
  return paths;
}

bool in_shard(std::string_view relative, int index, int count) {
  if (count <= 1) return true;
  return XXH3_64bits(relative.data(), relative.size()) % static_cast<std::uint64_t>(count) ==
         static_cast<std::uint64_t>(index - 1);
}

Sources find_sources(const InputSpec& spec) {
  if (spec.shard_count < 1 || spec.shard_index < 1 || spec.shard_index > spec.shard_count) {
    throw Error(
        ErrorCode::usage,
        "shard " + std::to_string(spec.shard_index) + "/" + std::to_string(spec.shard_count) + " makes no sense",
        "--shard i/n takes 1 <= i <= n");
  }
  Sources sources;
  Walker walker(spec, sources);
  for (const std::string& input : spec.inputs) walker.add(input);
  std::sort(sources.items.begin(), sources.items.end(), [](const SourceItem& a, const SourceItem& b) {
    if (a.root != b.root) return natural_less(a.root.native(), b.root.native());
    return natural_less(a.path.native(), b.path.native());
  });
  if (spec.limit > 0 && sources.items.size() > static_cast<std::size_t>(spec.limit)) {
    sources.items.resize(static_cast<std::size_t>(spec.limit));
  }
  return sources;
}

}  // namespace pixmill::pipeline
