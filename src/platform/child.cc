#include "pixmill/platform/child.h"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <optional>
#include <system_error>

#include "pixmill/core/error.h"
#include "pixmill/platform/descriptor.h"

extern char** environ;

namespace pixmill::platform {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kMostKept = std::size_t{1} << 20;
constexpr std::chrono::milliseconds kLook{50};           // how often `stop` and the limit are looked at
constexpr std::chrono::milliseconds kGracePeriod{2000};  // between asking a child to end and ending it

Error system_error(const std::string& doing, int number) {
  return {ErrorCode::internal, doing + ": " + std::generic_category().message(number)};
}

// What comes through one pipe: kept, and cut into lines.
class Stream {
 public:
  Stream() {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) throw system_error("a pipe to another program", errno);
    read_ = Descriptor(ends[0]);
    write_ = Descriptor(ends[1]);
    ::fcntl(read_.get(), F_SETFL, O_NONBLOCK);
  }

  int reading() const { return open_ ? read_.get() : -1; }  // poll() passes over -1
  int writing() const { return write_.get(); }
  bool open() const { return open_; }
  void close_writing() { write_ = Descriptor(); }

  // All that is there now.
  void read(const std::function<void(std::string_view)>& on_line) {
    std::array<char, 16384> buffer;
    while (open_) {
      const ssize_t count = ::read(read_.get(), buffer.data(), buffer.size());
      if (count < 0 && errno == EINTR) continue;
      if (count < 0 && errno == EAGAIN) return;
      if (count <= 0) open_ = false;
      take({buffer.data(), static_cast<std::size_t>(std::max<ssize_t>(0, count))}, on_line);
    }
  }

  // The rest, when nothing more comes.
  std::string end(const std::function<void(std::string_view)>& on_line) {
    read(on_line);
    if (on_line && !line_.empty()) on_line(line_);
    return std::move(kept_);
  }

 private:
  void take(std::string_view text, const std::function<void(std::string_view)>& on_line) {
    kept_ += text;
    if (kept_.size() > 2 * kMostKept) kept_.erase(0, kept_.size() - kMostKept);
    if (!on_line) return;
    for (const char c : text) {
      if (c != '\n' && c != '\r') {
        line_ += c;
        continue;
      }
      if (!line_.empty()) on_line(line_);
      line_.clear();
    }
  }

  Descriptor read_, write_;
  bool open_ = true;
  std::string kept_, line_;
};

// The attributes and file actions of a spawn; freed with it.
class Spawn {
 public:
  Spawn() {
    posix_spawnattr_init(&attributes_);
    posix_spawn_file_actions_init(&actions_);
    // A group of its own, so that all of it can be ended; signals as a program expects to find them.
    posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
    posix_spawnattr_setpgroup(&attributes_, 0);
    sigset_t signals;
    sigemptyset(&signals);
    posix_spawnattr_setsigmask(&attributes_, &signals);
    for (const int number : {SIGINT, SIGTERM, SIGHUP, SIGPIPE}) sigaddset(&signals, number);
    posix_spawnattr_setsigdefault(&attributes_, &signals);
  }
  ~Spawn() {
    posix_spawn_file_actions_destroy(&actions_);
    posix_spawnattr_destroy(&attributes_);
  }
  Spawn(const Spawn&) = delete;
  Spawn& operator=(const Spawn&) = delete;

  pid_t operator()(const std::vector<std::string>& words, const std::vector<std::string>& environment,
                   const std::filesystem::path& folder, int output, int errors) {
    posix_spawn_file_actions_addopen(&actions_, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions_, output, STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions_, errors, STDERR_FILENO);
    if (!folder.empty()) posix_spawn_file_actions_addchdir_np(&actions_, folder.c_str());
    pid_t child = 0;
    const int failure = posix_spawnp(&child, words.front().c_str(), &actions_, &attributes_, pointers(words).data(),
                                     pointers(environment).data());
    if (failure == ENOENT || failure == ENOTDIR || failure == EACCES) {
      throw Error(ErrorCode::not_found, words.front() + ": " + std::generic_category().message(failure));
    }
    if (failure != 0) throw system_error(words.front(), failure);
    return child;
  }

 private:
  static std::vector<char*> pointers(const std::vector<std::string>& texts) {
    std::vector<char*> all;
    for (const std::string& text : texts) all.push_back(const_cast<char*>(text.c_str()));
    all.push_back(nullptr);
    return all;
  }

  posix_spawnattr_t attributes_;
  posix_spawn_file_actions_t actions_;
};

std::vector<std::string> environment_with(const std::map<std::string, std::string>& ours) {
  std::vector<std::string> all;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view text(*entry);
    if (!ours.contains(std::string(text.substr(0, text.find('='))))) all.emplace_back(text);
  }
  for (const auto& [name, value] : ours) all.push_back(name + "=" + value);
  return all;
}

// A started child, ended at the latest with this.
class Running {
 public:
  explicit Running(pid_t child) : child_(child) {}
  ~Running() {
    if (ended_) return;
    ::kill(-child_, SIGKILL);
    ::waitpid(child_, &status_, 0);
  }
  Running(const Running&) = delete;
  Running& operator=(const Running&) = delete;

  bool ended() {
    if (!ended_) ended_ = ::waitpid(child_, &status_, WNOHANG) == child_;
    return ended_;
  }

  // Politely at first, by force when that did not help; to be called again until it has ended.
  void end_it() {
    const Clock::time_point now = Clock::now();
    if (!asked_) {
      asked_ = now;
      ::kill(-child_, SIGTERM);
    } else if (now - *asked_ > kGracePeriod) {
      ::kill(-child_, SIGKILL);
    }
  }

  int status() const { return status_; }

 private:
  pid_t child_;
  bool ended_ = false;
  int status_ = 0;
  std::optional<Clock::time_point> asked_;
};

}  // namespace

ChildResult run_child(const std::vector<std::string>& words, const ChildOptions& options) {
  Stream output, errors;
  const Clock::time_point start = Clock::now();
  Running child(
      Spawn()(words, environment_with(options.environment), options.folder, output.writing(), errors.writing()));
  output.close_writing();
  errors.close_writing();

  ChildResult result;
  while (!child.ended()) {
    std::array<pollfd, 2> waiting = {{{output.reading(), POLLIN, 0}, {errors.reading(), POLLIN, 0}}};
    const bool silent = !output.open() && !errors.open();  // it closed both: about to end
    ::poll(waiting.data(), waiting.size(), silent ? 2 : static_cast<int>(kLook.count()));
    output.read(options.on_line);
    errors.read(options.on_line);
    if (options.on_wait) options.on_wait();
    if (options.stop != nullptr && *options.stop) result.stopped = true;
    if (options.limit.count() > 0 && Clock::now() - start > options.limit) result.timed_out = true;
    if (result.stopped || result.timed_out) child.end_it();
  }
  result.output = output.end(options.on_line);
  result.errors = errors.end(options.on_line);
  if (WIFEXITED(child.status())) result.exit_code = WEXITSTATUS(child.status());
  if (WIFSIGNALED(child.status())) result.signal = WTERMSIG(child.status());
  return result;
}

std::string ending_of(const ChildResult& result, const ChildOptions& options) {
  if (result.stopped) return "stopped";
  if (result.timed_out) {
    return "took longer than " +
           std::to_string(std::chrono::duration_cast<std::chrono::seconds>(options.limit).count()) + " s";
  }
  if (result.signal != 0) {
    return "signal " + std::to_string(result.signal) + " (" + std::string(::strsignal(result.signal)) + ")";
  }
  return "exit code " + std::to_string(result.exit_code);
}

std::string own_program() {
  std::error_code none;
  return std::filesystem::read_symlink("/proc/self/exe", none).string();
}

}  // namespace pixmill::platform
