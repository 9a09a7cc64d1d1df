// Files that a command writes because the user named them: reports, logs, presets. The results of jobs belong to the
// catalogue.
#pragma once

#include <filesystem>
#include <string_view>

namespace pixmill::cli {

// Marks of files that pixmill made.
inline constexpr std::string_view kHtmlMark = "<meta name=\"generator\" content=\"pixmill\">";
inline constexpr std::string_view kJsonMark = "\"pixmill\":";  // a key of the outermost object, near its start
inline constexpr std::string_view kReportColumns = "input,state,outputs,width,height,ms,code,message,hint";
inline constexpr std::string_view kBenchColumns = "name,failure,model,device,backend,precision,streams,threads,batch";
inline constexpr std::string_view kDoctorMark = "pixmill doctor, ";
inline constexpr std::string_view kPresetMark = "# a preset of pixmill";

// Whether a file that begins with `head` (its first 4 KiB, or all of it) is a report, a log or a preset of pixmill.
bool made_by_pixmill(std::string_view head);

enum class Writing { whole, appended };

// Throws Error{usage} where `file` exists and pixmill did not make it, unless `overwrite`; an empty file may always be
// replaced. Folders, devices and pipes are always refused, except that a log may be appended to the last two.
// `what` begins the message: "--report".
void check_output_file(std::string_view what, const std::filesystem::path& file, bool overwrite,
                       Writing writing = Writing::whole);

// As above, for a page that a browser opens: `file` has to end in .html or .htm.
void check_output_page(std::string_view what, const std::filesystem::path& file, bool overwrite);

// Checks, then writes all of `text` or nothing. Throws Error: usage as above, unwritable, disk_full.
void write_output_file(std::string_view what, const std::filesystem::path& file, std::string_view text, bool overwrite);

}  // namespace pixmill::cli
