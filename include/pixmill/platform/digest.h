// Hashes of files.
#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <span>
#include <string>

namespace pixmill::platform {

enum class HashKind { sha256, md5 };

// One running hash. Not synchronised.
class Digest {
 public:
  explicit Digest(HashKind kind);

  void update(std::span<const std::byte> bytes);
  std::string hex();  // lower case; ends the hash

 private:
  struct Free {
    void operator()(void* context) const noexcept;
  };
  std::unique_ptr<void, Free> context_;  // OpenSSL's
};

// Of bytes, in lower-case hex.
std::string sha256(std::span<const std::byte> bytes);

struct FileHashes {
  std::string sha256;
  std::string md5;  // published lists of models know many files by this one only

  bool operator==(const FileHashes&) const = default;
};

// Reads the file once. Throws Error{not_found, unreadable}.
FileHashes hash_file(const std::filesystem::path& path);

}  // namespace pixmill::platform
