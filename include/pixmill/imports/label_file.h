// A file of labels while it is read.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>

namespace pixmill::imports {

// Its bytes come from a function, so that a file larger than memory can be read, and a test or a fuzzer has no file.
class LabelFile {
 public:
  using Read = std::function<std::size_t(std::span<char>)>;  // fills what there is; 0: the end

  // `shown`: its path, for messages. `name`: its path below the folder of labels, '/' between, without extension.
  LabelFile(std::string shown, std::string name, Read read);
  // Of bytes that outlive this.
  LabelFile(std::string shown, std::string name, std::string_view bytes);

  const std::string& shown() const { return shown_; }
  const std::string& name() const { return name_; }

  // The next bytes as they are; empty at the end. They live until the next call.
  std::string_view next();

  // All of it as UTF-8: UTF-16 with a byte order mark is converted, the mark is left out. Throws Error: corrupt (bytes
  // that no text has), too_large (more than `most` bytes).
  std::string whole(std::size_t most = kMostWhole);
  static constexpr std::size_t kMostWhole = std::size_t{256} << 20;

  // Throws Error{corrupt} "FILE:LINE: what", with the hint.
  [[noreturn]] void fail(const std::string& what, const std::string& hint) const;

  std::int64_t line = 0;  // where the reader is, from 1; 0: it does not know

 private:
  std::string shown_, name_;
  Read read_;
  std::string buffer_;
};

}  // namespace pixmill::imports
