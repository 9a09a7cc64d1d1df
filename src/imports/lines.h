// Lines and fields of text, whatever ends them.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "pixmill/imports/label_file.h"

namespace pixmill::imports {

// Takes the next line off `text`, without its end: LF, CR LF or CR. Call it while there is text.
std::string_view take_line(std::string_view& text);

// Calls `take` for each line of a file of any size that is not blank, `file.line` its number. UTF-8 only. Throws
// Error{corrupt}: UTF-16, a line of more than 64 MB; and what `take` throws.
void each_line(LabelFile& file, const std::function<void(std::string_view line)>& take);

// Takes the next word, between spaces and tabs; empty where there is none.
std::string_view take_word(std::string_view& line);

// A number as a whole text, whatever the locale; finite or not. Empty where it is something else.
std::optional<double> number_in(std::string_view text);

// Foreign text for a message: in quotes, its first part where it is long.
std::string in_quotes(std::string_view text);

}  // namespace pixmill::imports
