// One table declares a flag: name, type, default, range, help. The parser, --help, the manual page, shell completion,
// the settings file and PIXMILL_... variables derive from it.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace pixmill::config {

enum class Kind {
  toggle,  // there or not; in files and variables: true or false
  text,
  path,
  integer,
  real,
  choice,     // one of `choices`
  automatic,  // "auto" or a positive integer
  bytes,      // "auto", one of `choices`, or a number with K, M, G, T (powers of 1024)
  percent,    // "8%" or 0.08
  size,       // "2000x2000"
};

struct Flag {
  std::string_view name;  // without the dashes
  char letter = 0;        // of the short form
  Kind kind = Kind::toggle;
  std::string_view value = {};     // what help calls the value: "DIR"
  std::string_view fallback = {};  // the default as text; empty: none
  std::string_view group = {};     // heading in help
  std::string_view help = {};      // one line, lower case, no full stop
  std::vector<std::string_view> choices = {};
  double minimum = 0;  // range from here
  double maximum = 0;  // to here, where maximum > minimum
  bool repeatable = false;
  bool basic = false;               // stands in the one-screen help
  bool setting = true;              // may stand in the settings file and the environment
  bool section_only = false;        // and there only in the section of its command: others call something else so
  bool changes_result = false;      // another value makes other pixels: part of the key that resume compares
  std::string_view completes = {};  // names that the shell offers: "models", "presets"
  std::string_view also = {};       // another name on the command line, for users of another program: "conf"
};

// Headings in help.
inline constexpr std::string_view kInputs = "Inputs";
inline constexpr std::string_view kOutputs = "Outputs";
inline constexpr std::string_view kEngine = "Engine";
inline constexpr std::string_view kRun = "Run";

// A command with its flags. `words`: its sub-commands ("list", "show"), for help and completion.
struct Command {
  std::string_view name;
  std::string_view arguments;  // "INPUT... [-o OUT]"
  std::string_view summary;
  std::string_view example;
  std::vector<std::string_view> words = {};
  std::vector<const Flag*> flags = {};
  bool is_job = false;  // takes job_flags() beside its own, and runs in the pipeline
  // Looks after the settings: runs where their file is wrong, and takes flags of jobs among its arguments.
  bool keeps_settings = false;
  bool needs_no_files = false;  // runs where there is no place for settings, models and caches
};

// Null where the command has no such flag.
const Flag* find_flag(const Command& command, std::string_view name);

// Flags that every job takes: inputs, outputs, engine, run.
const std::vector<Flag>& job_flags();

// One of job_flags(), for a command that means the same by it. It must be there.
const Flag* job_flag(std::string_view name);

// All of `flags`, then those of job_flags() that are named.
std::vector<const Flag*> pointers(const std::vector<Flag>& flags, const std::vector<std::string_view>& of_jobs = {});

// "PIXMILL_ONLY_MASK" for "only-mask".
std::string environment_name(std::string_view flag);

// Why `value` is no value for the flag, empty when it is one. The same check for command line, file and environment.
std::string refuse_value(const Flag& flag, std::string_view value);

}  // namespace pixmill::config
