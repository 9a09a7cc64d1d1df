#include "runtime/needed_libraries.h"

#include <elf.h>

#include <array>
#include <cstring>
#include <fstream>

namespace pixmill::runtime {
namespace {

// Reads pieces of a file; a piece that is not there is all zeros, which ends every table.
class File {
 public:
  explicit File(const std::filesystem::path& path) : stream_(path, std::ios::binary) {}

  template <typename T>
  T at(std::uint64_t offset) {
    std::array<char, sizeof(T)> bytes{};
    seek(offset);
    if (!stream_.read(bytes.data(), bytes.size())) bytes = {};
    T value;
    std::memcpy(&value, bytes.data(), sizeof(T));
    return value;
  }

  std::string text(std::uint64_t offset) {
    std::string text;
    seek(offset);
    std::getline(stream_, text, '\0');
    return text;
  }

 private:
  void seek(std::uint64_t offset) {
    stream_.clear();
    stream_.seekg(static_cast<std::streamoff>(offset));
  }

  std::ifstream stream_;
};

}  // namespace

// ELF-64: the dynamic section lists offsets into a table of strings, whose place it gives as an address in memory; the
// program headers say where in the file that lies.
std::vector<std::string> needed_libraries(const std::filesystem::path& library) {
  constexpr std::uint64_t kMostEntries = 4096;
  File file(library);
  const auto header = file.at<Elf64_Ehdr>(0);
  if (std::memcmp(header.e_ident, ELFMAG, SELFMAG) != 0 || header.e_ident[EI_CLASS] != ELFCLASS64) return {};
  std::vector<Elf64_Phdr> segments;
  for (std::uint64_t i = 0; i < header.e_phnum; ++i)
    segments.push_back(file.at<Elf64_Phdr>(header.e_phoff + i * sizeof(Elf64_Phdr)));

  std::vector<std::uint64_t> names;
  std::uint64_t strings = 0;
  for (const Elf64_Phdr& segment : segments) {
    if (segment.p_type != PT_DYNAMIC) continue;
    for (std::uint64_t i = 0; i < kMostEntries; ++i) {
      const auto entry = file.at<Elf64_Dyn>(segment.p_offset + i * sizeof(Elf64_Dyn));
      if (entry.d_tag == DT_NULL) break;
      if (entry.d_tag == DT_NEEDED) names.push_back(entry.d_un.d_val);
      if (entry.d_tag == DT_STRTAB) strings = entry.d_un.d_ptr;
    }
  }
  for (const Elf64_Phdr& segment : segments) {
    const bool holds = strings >= segment.p_vaddr && strings - segment.p_vaddr < segment.p_filesz;
    if (segment.p_type != PT_LOAD || !holds) continue;
    const std::uint64_t table = strings - segment.p_vaddr + segment.p_offset;
    std::vector<std::string> libraries;
    for (const std::uint64_t name : names) libraries.push_back(file.text(table + name));
    return libraries;
  }
  return {};
}

}  // namespace pixmill::runtime
