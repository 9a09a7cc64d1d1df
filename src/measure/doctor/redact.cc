#include "pixmill/measure/redact.h"

#include <pwd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdlib>
#include <system_error>

namespace pixmill::measure {
namespace {

namespace fs = std::filesystem;

bool is_word(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || static_cast<unsigned char>(c) >= 0x80;
}

// Whether `text` holds at `at` what stands before and behind it as a word of its own.
bool stands_alone(std::string_view text, std::size_t at, std::size_t length) {
  const std::size_t end = at + length;
  return (at == 0 || !is_word(text[at - 1])) && (end == text.size() || !is_word(text[end]));
}

template <typename Fits>
void replace_all(std::string& text, const std::string& what, const std::string& instead, Fits fits) {
  for (std::size_t at = 0; (at = text.find(what, at)) != std::string::npos;) {
    if (fits(text, at)) {
      text.replace(at, what.size(), instead);
      at += instead.size();
    } else {
      at += what.size();
    }
  }
}

void insert_by_length(std::vector<std::pair<std::string, std::string>>& list, std::string what, std::string instead) {
  const auto place =
      std::find_if(list.begin(), list.end(), [&](const auto& row) { return row.first.size() < what.size(); });
  list.insert(place, {std::move(what), std::move(instead)});
}

bool is_common(std::string_view path) {
  constexpr std::array<std::string_view, 12> kCommon = {"/usr/",     "/lib/",  "/lib64/",     "/bin/",
                                                        "/etc/",     "/proc/", "/sys/",       "/dev/",
                                                        "/var/lib/", "/run/",  "/opt/intel/", "/opt/rocm"};
  return std::any_of(kCommon.begin(), kCommon.end(), [&](std::string_view start) { return path.starts_with(start); });
}

// The end of the path that starts at `at`. A space ends it, so what follows one in a file's name stays.
std::size_t end_of_path(std::string_view text, std::size_t at) {
  return std::min(text.find_first_of(" \t\n\"',;:()[]", at), text.size());
}

// "/mnt/photos/of us/a.png" -> "<path>/us/a.png" at worst: rooted folders go, the last name stays.
std::string without_paths(std::string_view text) {
  std::string kept;
  for (std::size_t at = 0; at < text.size();) {
    const bool starts =
        text[at] == '/' && (at == 0 || (!is_word(text[at - 1]) && text[at - 1] != '>' && text[at - 1] != '.' &&
                                        text[at - 1] != '/' && text[at - 1] != ':'));
    const std::size_t end = starts ? end_of_path(text, at) : at + 1;
    const std::string_view piece = text.substr(at, end - at);
    const std::size_t last = piece.rfind('/');
    if (starts && last != 0 && !is_common(piece)) {
      kept.append("<path>").append(piece.substr(last));
    } else {
      kept.append(piece);
    }
    at = end;
  }
  return kept;
}

std::string host_name() {
  std::array<char, 256> name{};
  return ::gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "";
}

}  // namespace

Redactor::Redactor() {
  std::error_code none;
  add(fs::current_path(none), "<here>");
  add_name(host_name(), "<host>");
  for (const char* variable : {"USER", "LOGNAME", "SUDO_USER"}) {
    if (const char* name = std::getenv(variable)) add_name(name, "<user>");
  }
  if (const char* home = std::getenv("HOME")) add(home, "<home>");
  if (const passwd* entry = ::getpwuid(::getuid())) {
    add(entry->pw_dir, "<home>");
    add_name(entry->pw_name, "<user>");
  }
}

void Redactor::add(const fs::path& folder, const std::string& instead) {
  if (folder.empty()) return;
  std::error_code none;
  const fs::path whole = fs::absolute(folder, none).lexically_normal();
  for (const fs::path& way : {whole, fs::weakly_canonical(whole, none)}) {
    std::string text = way.string();
    while (text.size() > 1 && text.back() == '/') text.pop_back();
    if (text.size() > 1) insert_by_length(folders_, std::move(text), instead);
  }
}

void Redactor::add_name(const std::string& name, std::string instead) {
  if (name.size() < 3 || name == "root" || name == "localhost") return;
  insert_by_length(names_, name, std::move(instead));
}

std::string Redactor::operator()(std::string_view text) const {
  std::string safe(text);
  for (const auto& [folder, instead] : folders_) {
    const std::size_t length = folder.size();
    replace_all(safe, folder, instead, [&](const std::string& all, std::size_t at) {
      return at + length == all.size() || !is_word(all[at + length]);
    });
  }
  for (const auto& [name, instead] : names_) {
    const std::size_t length = name.size();
    replace_all(safe, name, instead,
                [&](const std::string& all, std::size_t at) { return stands_alone(all, at, length); });
  }
  return without_paths(safe);
}

}  // namespace pixmill::measure
