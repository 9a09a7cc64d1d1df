// Patterns for paths, as shells have them.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace pixmill {

// Shell glob on a path with '/': * and ? stay within a part, ** crosses parts, [a-z] and {a,b} as usual, \ takes the
// next character as it is. A pattern without '/' is matched against the last part.
bool glob_match(std::string_view pattern, std::string_view path);

// The same for many paths: matches() allocates nothing and takes at most a time of pattern x path. Immutable.
class Glob {
 public:
  // Throws Error{usage} for a pattern whose braces stand for more than 256 others.
  explicit Glob(std::string_view pattern);

  bool matches(std::string_view path) const;

 private:
  bool last_part_ = false;
  std::vector<std::string> alternatives_;  // without braces
};

// "a{b,c}" as "ab" and "ac", no more than one beyond `most`; braces nested deeper than 8 stay as they are.
std::vector<std::string> glob_alternatives(const std::string& pattern, std::size_t most = std::string::npos);

// Whether the text holds a character that makes it a pattern: *, ? or [.
bool is_glob(std::string_view text);

}  // namespace pixmill
