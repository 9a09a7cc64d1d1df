#include "runtime/needed_libraries.h"

#include <elf.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <fstream>
#include <optional>
#include <utility>

namespace pixmill::runtime {
namespace {

constexpr std::uint64_t kMostEntries = 4096;  // of a dynamic section
constexpr std::size_t kLongestName = 4096;    // bytes

// Reads pieces of a file; nothing of a missing one.
class File {
 public:
  explicit File(std::istream& stream) : stream_(stream) {}

  template <typename T>
  std::optional<T> at(std::uint64_t offset) {
    std::array<char, sizeof(T)> bytes{};
    seek(offset);
    if (!stream_.read(bytes.data(), bytes.size())) return std::nullopt;
    T value;
    std::memcpy(&value, bytes.data(), sizeof(T));
    return value;
  }

  // Up to the zero byte that ends it; empty where none comes in time.
  std::string text(std::uint64_t offset) {
    std::array<char, kLongestName + 1> text{};
    seek(offset);
    stream_.getline(text.data(), text.size(), '\0');
    return stream_.good() ? text.data() : "";
  }

 private:
  void seek(std::uint64_t offset) {
    stream_.clear();
    stream_.seekg(static_cast<std::streamoff>(offset));
  }

  std::istream& stream_;
};

}  // namespace

// ELF-64: the dynamic section lists offsets into a table of strings, whose place it gives as an address in memory; the
// program headers say where in the file that lies.
std::vector<std::string> needed_libraries(std::istream& library) {
  File file(library);
  const auto header = file.at<Elf64_Ehdr>(0);
  if (!header || std::memcmp(header->e_ident, ELFMAG, SELFMAG) != 0 || header->e_ident[EI_CLASS] != ELFCLASS64)
    return {};
  std::vector<Elf64_Phdr> segments;
  for (std::uint64_t i = 0; i < header->e_phnum; ++i) {
    const auto segment = file.at<Elf64_Phdr>(header->e_phoff + i * sizeof(Elf64_Phdr));
    if (!segment) break;
    segments.push_back(*segment);
  }

  // There is one dynamic section; a damaged file that claims thousands must not cost minutes.
  const auto dynamic = std::find_if(segments.begin(), segments.end(),
                                    [](const Elf64_Phdr& segment) { return segment.p_type == PT_DYNAMIC; });
  if (dynamic == segments.end()) return {};
  std::vector<std::uint64_t> names;
  std::uint64_t strings = 0;
  for (std::uint64_t i = 0; i < kMostEntries; ++i) {
    const auto entry = file.at<Elf64_Dyn>(dynamic->p_offset + i * sizeof(Elf64_Dyn));
    if (!entry || entry->d_tag == DT_NULL) break;
    if (entry->d_tag == DT_NEEDED) names.push_back(entry->d_un.d_val);
    if (entry->d_tag == DT_STRTAB) strings = entry->d_un.d_ptr;
  }
  for (const Elf64_Phdr& segment : segments) {
    const bool holds = strings >= segment.p_vaddr && strings - segment.p_vaddr < segment.p_filesz;
    if (segment.p_type != PT_LOAD || !holds) continue;
    const std::uint64_t table = strings - segment.p_vaddr + segment.p_offset;
    std::vector<std::string> libraries;
    for (const std::uint64_t name : names) {
      std::string text = file.text(table + name);
      if (!text.empty()) libraries.push_back(std::move(text));
    }
    return libraries;
  }
  return {};
}

std::vector<std::string> needed_libraries(const std::filesystem::path& library) {
  std::ifstream file(library, std::ios::binary);
  return needed_libraries(file);
}

}  // namespace pixmill::runtime
