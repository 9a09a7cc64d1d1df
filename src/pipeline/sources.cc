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
#include <unordered_set>
#include <utility>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "pipeline/glob.h"
#include "pixmill/codecs/codec.h"
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
  std::error_code ignored;
  const bool broken_link = fs::is_symlink(fs::symlink_status(path, ignored));
  return {path, ErrorCode::not_found, path.string() + ": " + (broken_link ? "the link is broken" : reason.message()),
          broken_link ? "fix or remove the link" : "check the spelling; quote names with spaces"};
}

class Walker {
 public:
  Walker(const InputSpec& spec, const std::function<bool()>& stop, Sources& sources)
      : spec_(spec), stop_(stop), sources_(sources) {}

  void add(const std::string& input) {
    if (input == "-") {
      claim_standard_input();
      sources_.items.push_back({"-", "stdin", {}});
    } else if (input.starts_with('@') && !exists(input)) {
      const std::string file = input.substr(1);
      const fs::path folder = fs::path(file).parent_path();
      for (const fs::path& entry : parse_list(read_list(file), folder)) add_named(entry, name_below(entry, folder));
    } else if (is_glob(input) && !exists(input)) {
      add_glob(input);
    } else {
      add_named(input, fs::path(input).filename());
    }
  }

  void add_nul_list(const std::string& file) {
    for (const fs::path& entry : parse_nul_list(read_list(file))) add_named(entry, name_below(entry, {}));
  }

 private:
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

  // `name`: of a file, as it is mirrored in the output folder.
  void add_named(const fs::path& path, const fs::path& name) {
    std::error_code error;
    const fs::file_status status = fs::status(path, error);
    if (!fs::exists(status)) {
      sources_.failed.push_back(not_there(path, error));
    } else if (fs::is_directory(status)) {
      sources_.roots.push_back(path);
      walk(path, path);
    } else {
      take({path, name, name.has_parent_path() ? fs::path(".") : fs::path()}, /*named=*/true);
    }
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
                walk(path, root);
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

  void walk(const fs::path& folder, const fs::path& root) {
    if (!enter(folder)) return;
    std::error_code error;
    fs::directory_iterator entries(folder, error);
    // An increment that fails makes it the end iterator: the reason is looked at after the loop.
    for (const fs::directory_iterator end; !error && entries != end; entries.increment(error)) {
      if (stop_()) throw_interrupted();
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
    if (error) fail_folder(folder, error);
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
  const std::function<bool()>& stop_;
  Sources& sources_;
  bool standard_input_taken_ = false;
  std::set<std::pair<dev_t, ino_t>> entered_;
  std::unordered_set<std::string> taken_;
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

std::vector<fs::path> parse_nul_list(std::string_view text) {
  std::vector<fs::path> paths;
  while (!text.empty()) {
    const std::size_t end = text.find('\0');
    if (end > 0) paths.emplace_back(text.substr(0, end));
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
