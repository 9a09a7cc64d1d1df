#include "cli/app.h"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <sstream>

#include "cli/commands/commands.h"
#include "cli/output/live_line.h"
#include "cli/output/terminal.h"
#include "pixmill/core/nearest.h"
#include "pixmill/measure/runtimes.h"
#include "pixmill/platform/cache_folder.h"
#include "pixmill/platform/home.h"
#include "pixmill/runtime/setup.h"

namespace pixmill::cli {
namespace {

std::atomic<bool> interrupt_asked = false;

std::atomic<bool> job_runs = false;

extern "C" void on_interrupt(int) {
  if (interrupt_asked.exchange(true))
    ::_exit(kInterrupted);  // the second time; temporary files are swept by the next run
  constexpr std::string_view kWords = "\npixmill: finishing the pictures in work; Ctrl-C again stops at once\n";
  if (job_runs && ::isatty(STDERR_FILENO) != 0)
    (void)!::write(STDERR_FILENO, kWords.data(), kWords.size());  // all that a signal handler may do
}

void install_signal_handlers() {
  struct sigaction action {};
  action.sa_handler = on_interrupt;
  sigemptyset(&action.sa_mask);
  action.sa_flags = SA_RESTART;
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
  sigaction(SIGHUP, &action, nullptr);  // a lost terminal: what is in flight is finished, the report is written
  std::signal(SIGXFSZ, SIG_IGN);        // so is a file that grows beyond the limit of this user
  std::signal(SIGPIPE, SIG_IGN);        // a reader that went away is a write error, reported like any other
}

void set_up_runtimes() {
  const platform::Home home = platform::find_home();
  runtime::set_up({.onnxruntime = measure::RuntimeStore(home).chosen(),
                   .engines = platform::engine_folder(home.cache),
                   .announce = [](const std::string& words) {
                     const bool live = ::isatty(STDERR_FILENO) != 0;
                     std::fprintf(stderr, "%spixmill: %s\n", live ? kEraseLine : "", printable(words).c_str());
                   }});
}

const Command& command_named(const std::string& name) {
  if (const Command* command = find_command(name)) return *command;
  std::vector<std::string> names;
  for (const Command& known : commands()) names.emplace_back(known.name);
  throw Error(ErrorCode::usage, "there is no command '" + name + "'", suggestion(name, names));
}

// Every option for --help, --help all and `pixmill help COMMAND`; those used most for -h.
int print_help(const std::string& command, bool everything) {
  std::fputs(help_text(command_named(command), everything).c_str(), stdout);
  return kAllGood;
}

int dispatch(const std::vector<std::string>& words) {
  if (words.front() == "help") return print_help(words[1], true);
  const Command* command = &command_named(words.front());
  const std::vector<std::string> rest(words.begin() + 1, words.end());
  const auto flags_end = std::find(rest.begin(), rest.end(), "--");
  const auto help =
      std::find_if(rest.begin(), flags_end, [](const std::string& word) { return word == "--help" || word == "-h"; });
  if (help != flags_end) {
    const bool all = help + 1 != rest.end() && *(help + 1) == "all";
    return print_help(words.front(), all || *help == "--help");
  }
  if (command->needs_no_files) return run_command(parse(*command, rest, {}));
  set_up_runtimes();
  return run_command(parse(*command, rest, platform::find_home().settings));
}

// Whether the other end of the pipe on standard output is closed: `| head` has read enough.
bool reader_went_away() {
  pollfd output{STDOUT_FILENO, POLLOUT, 0};
  return ::poll(&output, 1, 0) == 1 && (output.revents & POLLERR) != 0;
}

// The exit code, once what was printed has arrived: a result lost on a full disk is no success.
int after_output(int code) {
  const bool lost = std::fflush(stdout) != 0 || std::ferror(stdout) != 0;
  if (!lost || reader_went_away()) return code;
  complain(
      Error(ErrorCode::unwritable, "standard output could not be written whole", "check whether the disk is full"));
  return code == kAllGood ? kSomeFailed : code;
}

}  // namespace

const std::atomic<bool>& interrupted() {
  return interrupt_asked;
}

RunningJob::RunningJob() {
  job_runs = true;
}

RunningJob::~RunningJob() {
  job_runs = false;
}

void complain(const Error& error) {
  std::fprintf(stderr, "pixmill: %s\n", printable(error.message()).c_str());
  std::istringstream hint(error.hint());  // that of a card has several lines
  const char* start = "  hint: ";
  for (std::string line; std::getline(hint, line); start = "        ")
    std::fprintf(stderr, "%s%s\n", start, printable(line).c_str());
}

int run(const std::vector<std::string>& words) {
  const bool help_of_one = words.size() > 1 && words.front() == "help" && !words[1].starts_with('-');
  if (words.empty() || words.front() == "--help" || words.front() == "-h" ||
      (words.front() == "help" && !help_of_one)) {
    std::fputs(overview_text().c_str(), words.empty() ? stderr : stdout);
    return words.empty() ? kWrongUsage : kAllGood;
  }
  if (words.front() == "--version" || words.front() == "-V") {
    std::puts("pixmill " PIXMILL_VERSION);
    return kAllGood;
  }
  install_signal_handlers();
  try {
    return after_output(dispatch(words));
  } catch (const Error& error) {
    complain(error);
    return error.code() == ErrorCode::interrupted ? kInterrupted : kWrongUsage;
  } catch (const std::bad_alloc&) {
    complain(Error(ErrorCode::out_of_memory, "not enough memory", "lower --memory or --jobs"));
    return kWrongUsage;
  } catch (const std::exception& error) {
    complain(Error(ErrorCode::internal, error.what(), "please report this"));
    return kWrongUsage;
  }
}

}  // namespace pixmill::cli
