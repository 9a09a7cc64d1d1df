// Text as CLIP's tokenizer wants it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace pixmill::tasks {

// Entities of HTML are read, quotes straight, ligatures and wide letters plain, white space single, letters lower case.
// Both are UTF-8; what is none becomes U+FFFD.
std::string clean_text(std::string_view text);

// Of cleaned text: runs of letters, single digits, runs of other signs, and the endings 's 't 're 've 'm 'll 'd.
std::vector<std::string> words_of(const std::string& cleaned);

}  // namespace pixmill::tasks
