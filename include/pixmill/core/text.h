// Text functions that more than one module needs.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace pixmill {

std::string joined(const std::vector<std::string>& texts, std::string_view separator);

bool contains(const std::vector<std::string>& texts, std::string_view text);

// The last line that is not blank, without its end: what a program that failed said last.
std::string last_line(std::string_view text);

// Without the white space at both ends.
std::string trimmed(std::string_view text);

// As a shell reads it back to the same text: 'don'\''t'.
std::string shell_quoted(std::string_view text);

// A field of CSV (RFC 4180): in quotes where it holds a comma, a quote or the end of a line.
std::string csv_field(std::string_view text);

// & < > and " as HTML writes them.
std::string html_escaped(std::string_view text);

}  // namespace pixmill
