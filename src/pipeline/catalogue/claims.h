// Whose file stands where an output shall go, and what it was made of.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "pixmill/pipeline/catalogue.h"

namespace pixmill::pipeline {

enum class Standing {
  absent,      // no such file: make it
  done,        // made by this key of this picture: skip
  stale,       // made by pixmill of this input and something else: may be replaced
  changed,     // made by pixmill and changed since, or no file: not to be replaced
  unknown,     // the catalogue has never heard of it: to be compared with what is made
  of_another,  // another input's result: not to be replaced
};

struct Claim {
  Standing standing = Standing::absent;
  std::filesystem::path owner;  // of the row; empty where there is none, or an old journal did not say
};

// The picture that asks.
struct Asker {
  std::filesystem::path input;
  FileStamp stamp;
  const ResultKey& key;
  bool checksum = false;  // read the file that stands there, whatever it looks like
};

// An output belongs to the input that it was made of. Three things may happen to it besides:
// - the same picture under another name is not made twice: a result of equal content and key is done;
// - a moved picture takes what it owns along: the content is equal and the earlier file is gone;
// - a row of an old journal, which knows no input, goes to the first one with that content.
// A commit that a kill interrupted stays open, since its rename may not be on disk: the row then knows the old file and
// the new one, and whichever stands there is pixmill's. Hashes a file only where its size, time and inode say nothing.
Claim claim_of(Catalogue& catalogue, const std::filesystem::path& output, const Asker& asker);

// Why the file that stands where the output shall go may not be replaced; nothing where none is there, where it may be,
// and, with `may_compare`, where it is to be compared with what is made.
std::optional<std::string> refusal_of(const Claim& claim, const std::filesystem::path& output, bool may_compare);

}  // namespace pixmill::pipeline
