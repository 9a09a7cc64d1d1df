// Text as the files of other programs want it. Every function takes any bytes: what is not UTF-8, and what a format
// cannot hold, becomes U+FFFD.
#pragma once

#include <string>
#include <string_view>

namespace pixmill::exports {

// `value` with so many digits behind the point, as "C" prints it, whatever the locale. What is not finite is 0.
std::string fixed(double value, int digits);

// The same without zeros at the end: "12.5", "3".
std::string number(double value, int digits);

// With its quotes.
std::string json_text(std::string_view text);

// For text and attributes of XML 1.0, which has no control characters but tab and the ends of lines; in attributes
// those are written as references, since readers make spaces of them.
std::string xml_text(std::string_view text);

// A field of text in a CSV file: quoted where it holds a comma, a quote, the end of a line or spaces around it. One
// that a spreadsheet would take for a formula (= + - @ tab, return) begins with ' instead.
std::string csv_text(std::string_view text);

// For formats with a name a line: control characters are spaces.
std::string one_line(std::string_view text);

// Without the extension of its last part: "day 1/img2".
std::string without_extension(std::string_view picture);

}  // namespace pixmill::exports
