// A zip file as it is written, entry by entry. Equal entries make equal bytes: no time stamps, no owners.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "pixmill/exports/export.h"

namespace pixmill::exports {

// Above 4 GB, and above 65,535 entries, it is a zip64. All functions throw what the sink throws.
class ZipStream {
 public:
  explicit ZipStream(Sink sink);
  ~ZipStream();
  ZipStream(const ZipStream&) = delete;
  ZipStream& operator=(const ZipStream&) = delete;

  // An entry of so many bytes, which add() gives it in pieces. Names: UTF-8, '/' between, without ".."; what is not
  // UTF-8 is replaced. `packed`: worth compressing, as pictures are not.
  void begin(const std::string& name, std::int64_t size, bool packed);
  void add(std::span<const std::byte> bytes);
  void finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace pixmill::exports
