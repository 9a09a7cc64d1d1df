#include "models/download.h"

#include <curl/curl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <charconv>
#include <exception>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>

#include "pixmill/core/text.h"
#include "pixmill/platform/descriptor.h"
#include "pixmill/platform/files.h"

namespace pixmill::models {
namespace {

namespace fs = std::filesystem;

constexpr const char* kOfflineHint =
    "check the connection and the proxy (https_proxy), then try again: it resumes where it stopped";

fs::path mark_path(const fs::path& part) {
  return part.string() + ".mark";
}

std::string read_mark(const fs::path& part) {
  try {
    return platform::read_text(mark_path(part), 512);
  } catch (const Error&) {
    return {};
  }
}

bool starts_with_word(std::string_view line, std::string_view word) {
  return line.size() >= word.size() && std::equal(word.begin(), word.end(), line.begin(), [](char a, char b) {
           return a == static_cast<char>(std::tolower(static_cast<unsigned char>(b)));
         });
}

// One request: what libcurl's callbacks need. An exception must not pass through libcurl, so it waits in `failure`.
class Transfer {
 public:
  Transfer(const Download& file, const PullProgress& progress, const DownloadPolicy& policy);

  // Returns libcurl's code; throws what a callback had to say.
  CURLcode run();
  long status() const;
  std::int64_t received() const { return received_; }
  std::string reason(CURLcode code) const { return error_[0] != '\0' ? error_ : curl_easy_strerror(code); }

 private:
  struct Free {
    void operator()(CURL* handle) const noexcept { curl_easy_cleanup(handle); }
    void operator()(curl_slist* list) const noexcept { curl_slist_free_all(list); }
  };

  static std::size_t on_header(char* data, std::size_t size, std::size_t count, void* self);
  static std::size_t on_body(char* data, std::size_t size, std::size_t count, void* self);
  static int on_progress(void* self, curl_off_t, curl_off_t, curl_off_t, curl_off_t);
  void take_header(std::string_view line);
  void take_body(std::span<const std::byte> bytes);
  void begin_body();
  void ask_for_rest();

  template <typename Value>
  void set(CURLoption option, Value value) {
    if (curl_easy_setopt(handle_.get(), option, value) != CURLE_OK) {
      throw Error(ErrorCode::internal, "libcurl refused an option for " + file_.url);
    }
  }

  const Download& file_;
  const PullProgress& progress_;
  std::unique_ptr<CURL, Free> handle_;
  std::unique_ptr<curl_slist, Free> headers_;
  platform::Descriptor output_;
  std::int64_t have_ = 0;      // bytes of the file that are on the disk
  std::int64_t total_ = 0;     // 0: not known
  std::int64_t received_ = 0;  // by this request
  std::int64_t range_from_ = -1;
  std::string mark_;  // the server's mark for this version of the file
  bool began_ = false;
  std::exception_ptr failure_;
  char error_[CURL_ERROR_SIZE] = {};
};

Transfer::Transfer(const Download& file, const PullProgress& progress, const DownloadPolicy& policy)
    : file_(file),
      progress_(progress),
      handle_(curl_easy_init()),
      output_(platform::open_to_append(file.part)),
      total_(file.bytes) {
  if (!handle_) throw Error(ErrorCode::internal, "libcurl could not start");
  set(CURLOPT_URL, file.url.c_str());
  set(CURLOPT_USERAGENT, "pixmill");
  set(CURLOPT_NOSIGNAL, 1L);
  set(CURLOPT_ERRORBUFFER, error_);
  set(CURLOPT_FOLLOWLOCATION, 1L);
  set(CURLOPT_MAXREDIRS, static_cast<long>(policy.most_redirects));
  set(CURLOPT_PROTOCOLS_STR, "http,https");
  set(CURLOPT_REDIR_PROTOCOLS_STR, starts_with_word(file.url, "https:") ? "https" : "http,https");
  set(CURLOPT_CONNECTTIMEOUT, static_cast<long>(policy.connect_seconds));
  set(CURLOPT_LOW_SPEED_LIMIT, 1000L);
  set(CURLOPT_LOW_SPEED_TIME, static_cast<long>(policy.stall_seconds));
  set(CURLOPT_HEADERFUNCTION, &Transfer::on_header);
  set(CURLOPT_HEADERDATA, this);
  set(CURLOPT_WRITEFUNCTION, &Transfer::on_body);
  set(CURLOPT_WRITEDATA, this);
  set(CURLOPT_NOPROGRESS, 0L);
  set(CURLOPT_XFERINFOFUNCTION, &Transfer::on_progress);
  set(CURLOPT_XFERINFODATA, this);
  ask_for_rest();
}

void Transfer::ask_for_rest() {
  struct stat status {};
  if (::fstat(output_.get(), &status) != 0) throw platform::write_error(errno, file_.part);
  have_ = status.st_size;
  if (have_ == 0) return;
  set(CURLOPT_RANGE,
      (std::to_string(have_) + "-").c_str());  // RESUME_FROM would take a whole answer (200) for an error
  const std::string mark = read_mark(file_.part);
  if (mark.empty()) return;
  headers_.reset(curl_slist_append(nullptr, ("If-Range: " + mark).c_str()));
  set(CURLOPT_HTTPHEADER, headers_.get());
}

CURLcode Transfer::run() {
  const CURLcode code = curl_easy_perform(handle_.get());
  if (failure_) std::rethrow_exception(failure_);
  if (code == CURLE_OK && status() / 100 == 2) platform::flush_to_disk(output_, file_.part);
  return code;
}

long Transfer::status() const {
  long code = 0;
  curl_easy_getinfo(handle_.get(), CURLINFO_RESPONSE_CODE, &code);
  return code;
}

std::size_t Transfer::on_header(char* data, std::size_t size, std::size_t count, void* self) {
  static_cast<Transfer*>(self)->take_header({data, size * count});
  return size * count;
}

void Transfer::take_header(std::string_view line) {
  if (starts_with_word(line, "http/")) {  // a new answer: what an earlier one said (a redirect) is void
    mark_.clear();
    range_from_ = -1;
    return;
  }
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos) return;
  const std::string value = trimmed(line.substr(colon + 1));
  if (starts_with_word(line, "etag:") && !value.starts_with("W/") && value.size() <= 256) mark_ = value;
  if (starts_with_word(line, "last-modified:") && mark_.empty() && value.size() <= 256) mark_ = value;
  if (starts_with_word(line, "content-range:") && value.starts_with("bytes ")) {
    std::from_chars(value.data() + 6, value.data() + value.size(), range_from_);
  }
}

std::size_t Transfer::on_body(char* data, std::size_t size, std::size_t count, void* self) {
  auto& transfer = *static_cast<Transfer*>(self);
  try {
    transfer.take_body(std::as_bytes(std::span(data, size * count)));
    return size * count;
  } catch (...) {
    transfer.failure_ = std::current_exception();
    return 0;
  }
}

void Transfer::take_body(std::span<const std::byte> bytes) {
  if (status() / 100 != 2) return;  // the page that says why not
  if (!began_) begin_body();
  platform::write_all(output_, bytes, file_.part);
  have_ += static_cast<std::int64_t>(bytes.size());
  received_ += static_cast<std::int64_t>(bytes.size());
  if (file_.bytes > 0 && have_ > file_.bytes) {
    forget_part(file_.part);
    throw Error(ErrorCode::corrupt,
                file_.url + " sends more than the " + std::to_string(file_.bytes) + " bytes of its card",
                "the file on the server is not the one in the card");
  }
}

void Transfer::begin_body() {
  began_ = true;
  if (have_ > 0 && (status() != 206 || range_from_ != have_)) {  // not the requested rest: the whole file again
    if (status() == 206) {
      forget_part(file_.part);
      throw Error(ErrorCode::network, file_.url + " answers with another part than requested", "try again");
    }
    if (::ftruncate(output_.get(), 0) != 0) throw platform::write_error(errno, file_.part);
    have_ = 0;
  }
  if (mark_.empty()) {
    std::error_code ignored;
    fs::remove(mark_path(file_.part), ignored);
  } else {
    platform::write_whole(mark_path(file_.part), mark_);
  }
  curl_off_t coming = -1;
  curl_easy_getinfo(handle_.get(), CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &coming);
  if (coming < 0) return;
  if (total_ == 0) total_ = have_ + coming;
  std::error_code unknown;
  const fs::space_info space = fs::space(file_.part.parent_path(), unknown);
  if (!unknown && space.available < static_cast<std::uintmax_t>(coming)) {
    throw Error(ErrorCode::disk_full,
                file_.part.parent_path().string() + " has " + std::to_string(space.available) + " bytes free, " +
                    std::to_string(coming) + " more are needed",
                "free some space there, then try again");
  }
}

int Transfer::on_progress(void* self, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  auto& transfer = *static_cast<Transfer*>(self);
  try {
    if (!transfer.progress_ || transfer.progress_(transfer.have_, transfer.total_)) return 0;
    throw Error(ErrorCode::interrupted, "the download of " + transfer.file_.url + " was stopped",
                "try again: it resumes where it stopped");
  } catch (...) {
    transfer.failure_ = std::current_exception();
    return 1;
  }
}

// Whether another attempt may help.
bool may_pass(CURLcode code) {
  switch (code) {
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_URL_MALFORMAT:
    case CURLE_TOO_MANY_REDIRECTS:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_OUT_OF_MEMORY: return false;
    default: return true;
  }
}

bool may_pass(long status) {
  return status == 408 || status == 416 || status == 425 || status == 429 || status >= 500;
}

std::int64_t size_of(const fs::path& path) {
  std::error_code absent;
  const std::uintmax_t size = fs::file_size(path, absent);
  return absent ? 0 : static_cast<std::int64_t>(size);
}

void pause(std::chrono::milliseconds time, const PullProgress& progress, const Download& file) {
  constexpr std::chrono::milliseconds kStep{50};
  for (; time.count() > 0; time -= kStep) {
    if (progress && !progress(size_of(file.part), file.bytes)) {
      throw Error(ErrorCode::interrupted, "the download of " + file.url + " was stopped",
                  "try again: it resumes where it stopped");
    }
    std::this_thread::sleep_for(std::min(time, kStep));
  }
}

// Refuses a file that is whole for the server and not for the card.
void require_size(const Download& file) {
  const std::int64_t size = size_of(file.part);
  if (file.bytes == 0 || size == file.bytes) return;
  forget_part(file.part);
  throw Error(ErrorCode::corrupt,
              file.url + " has " + std::to_string(size) + " bytes, its card says " + std::to_string(file.bytes),
              "the file on the server is not the one in the card");
}

void start_curl() {
  static std::once_flag once;
  std::call_once(once, [] {
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) throw Error(ErrorCode::internal, "libcurl could not start");
  });
}

}  // namespace

void forget_part(const fs::path& part) {
  std::error_code ignored;
  fs::remove(part, ignored);
  fs::remove(mark_path(part), ignored);
}

bool download(const Download& file, const PullProgress& progress, const DownloadPolicy& policy) {
  start_curl();
  platform::make_folder(file.part.parent_path());
  if (file.bytes > 0 && size_of(file.part) > file.bytes) forget_part(file.part);
  const bool goes_on = size_of(file.part) > 0;
  if (goes_on && size_of(file.part) == file.bytes) return true;

  std::chrono::milliseconds wait = policy.first_pause;
  for (int left = policy.attempts;;) {
    Transfer transfer(file, progress, policy);
    const CURLcode code = transfer.run();
    const long status = transfer.status();
    if (code == CURLE_OK && status / 100 == 2) {
      require_size(file);
      return goes_on;
    }
    const std::string reason =
        code == CURLE_OK ? "the server answers " + std::to_string(status) : transfer.reason(code);
    const bool hopeless = code == CURLE_OK ? !may_pass(status) : !may_pass(code);
    if (transfer.received() > 0) {
      left = policy.attempts;
      wait = policy.first_pause;
    }
    if (hopeless || --left <= 0) throw Error(ErrorCode::network, file.url + ": " + reason, kOfflineHint);
    if (status == 416) forget_part(file.part);  // the part is longer than the file there
    pause(wait, progress, file);
    wait *= 2;
  }
}

}  // namespace pixmill::models
