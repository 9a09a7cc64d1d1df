#include "pixmill/imports/label_set.h"

#include <unistd.h>

#include <fcntl.h>
#include <algorithm>
#include <cerrno>
#include <cstring>
#include <span>
#include <utility>

#include "imports/class_order.h"
#include "imports/lines.h"
#include "imports/thing_bytes.h"
#include "pixmill/core/nearest.h"
#include "pixmill/models/class_names.h"
#include "pixmill/platform/descriptor.h"
#include "pixmill/platform/files.h"

namespace pixmill::imports {
namespace {

constexpr const char* kOtherThings = "other things were left out";

}  // namespace

// Bytes one after the other: the last ones in memory, those before them in a file once they are many.
class LabelSet::Spool {
 public:
  std::uint64_t append(std::string_view bytes) {
    const std::uint64_t at = written_ + held_.size();
    held_ += bytes;
    if (held_.size() >= kHeld) flush();
    return at;
  }

  std::string read(std::uint64_t at, std::size_t count) const {
    std::string bytes(count, '\0');
    std::size_t done = 0;
    while (done < count && at + done < written_) {
      const std::size_t some = std::min<std::size_t>(count - done, written_ - (at + done));
      const ssize_t got = ::pread(file_.get(), bytes.data() + done, some, static_cast<off_t>(at + done));
      if (got < 0 && errno == EINTR) continue;
      if (got <= 0) throw platform::read_error(got < 0 ? errno : EIO, name_);
      done += static_cast<std::size_t>(got);
    }
    if (done < count) std::memcpy(bytes.data() + done, held_.data() + (at + done - written_), count - done);
    return bytes;
  }

 private:
  static constexpr std::size_t kHeld = std::size_t{32} << 20;

  void flush() {
    if (file_.get() < 0) {
      const platform::TemporaryFolder folder("pixmill-labels");  // the file outlives its name
      name_ = folder / "things";
      file_ = platform::Descriptor(::open(name_.c_str(), O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0600));
      if (file_.get() < 0) throw platform::write_error(errno, name_);
    }
    platform::write_all(file_, std::as_bytes(std::span(held_)), name_);
    written_ += held_.size();
    held_.clear();
  }

  std::filesystem::path name_;
  platform::Descriptor file_;
  std::uint64_t written_ = 0;
  std::string held_;
};

LabelSet::LabelSet(std::vector<std::string> names) : listed_(std::move(names)), spool_(std::make_unique<Spool>()) {
  for (const std::string& name : listed_) {
    by_name_.try_emplace(name, static_cast<int>(classes_.size()));
    classes_.push_back({name, name});
  }
}

LabelSet::~LabelSet() = default;

void LabelSet::begin_file(const std::string& shown) {
  files_.push_back(shown);
  first_of_file_ = heads_.size();
  failures_of_file_ = failures_.size();
}

void LabelSet::drop_file() {
  heads_.resize(first_of_file_);
  failures_.resize(failures_of_file_, Error(ErrorCode::internal, ""));
}

int LabelSet::add_picture(std::string name, Size size, bool shares) {
  Head head{.name = std::move(name), .failure = {}, .size = size};
  head.file = static_cast<std::uint32_t>(files_.empty() ? 0 : files_.size() - 1);
  head.shares = shares;
  heads_.push_back(std::move(head));
  return static_cast<int>(heads_.size()) - 1;
}

void LabelSet::describe(int picture, std::string name, Size size) {
  Head& head = heads_[static_cast<std::size_t>(picture)];
  head.name = std::move(name);
  head.size = size;
}

void LabelSet::add(int picture, const Thing& thing) {
  Head& head = heads_[static_cast<std::size_t>(picture)];
  head.last = spool_->append(linked(head.last, thing)) + 1;
}

void LabelSet::fail(int picture, const Error& error) {
  Head& head = heads_[static_cast<std::size_t>(picture)];
  if (!head.failure) head.failure = std::make_unique<Error>(error);
}

void LabelSet::fail(const Error& error) {
  failures_.push_back(error);
}

void LabelSet::warn(const std::string& what, std::int64_t count) {
  constexpr std::size_t kMostKinds = 50;
  const auto find = [&](const std::string& text) {
    return std::find_if(warnings_.begin(), warnings_.end(), [&](const auto& one) { return one.first == text; });
  };
  auto same = find(what);
  if (same == warnings_.end() && warnings_.size() >= kMostKinds) same = find(kOtherThings);
  if (same != warnings_.end()) {
    same->second += count;
  } else {
    warnings_.emplace_back(warnings_.size() < kMostKinds ? what : kOtherThings, count);
  }
}

std::vector<std::string> LabelSet::warnings() const {
  std::vector<std::string> texts;
  for (const auto& [what, count] : warnings_) texts.push_back(what + ": " + std::to_string(count));
  return texts;
}

int LabelSet::new_named(std::string_view name) {
  if (const std::string wrong = wrong_with_name(name); !wrong.empty())
    throw Error(ErrorCode::corrupt, "a class " + wrong, "give it a name as people write it");
  if (classes_.size() >= models::kMostClasses)
    throw Error(ErrorCode::corrupt, "more than " + std::to_string(models::kMostClasses) + " classes",
                "is it the class that stands there?");
  classes_.push_back({std::string(name), std::string(name)});
  return static_cast<int>(classes_.size()) - 1;
}

int LabelSet::class_named(std::string_view name) {
  const auto known = by_name_.find(std::string(name));
  if (known != by_name_.end()) return known->second;
  if (!listed_.empty())
    throw Error(ErrorCode::corrupt, "the listed names have no class " + in_quotes(name),
                suggestion(std::string(name), listed_));
  const int label = new_named(name);
  by_name_.emplace(name, label);
  return label;
}

int LabelSet::class_numbered(std::string_view name, std::int64_t number) {
  const int label = class_named(name);
  Class& one = classes_[static_cast<std::size_t>(label)];
  one.numbered = !one.order || (one.numbered && *one.order == number);
  if (!one.order) one.order = number;
  return label;
}

int LabelSet::class_at(std::int64_t index) const {
  return index >= 0 && index < static_cast<std::int64_t>(listed_.size()) ? static_cast<int>(index) : -1;
}

int LabelSet::new_class(std::string_view shown) {
  if (classes_.size() >= 2 * models::kMostClasses)
    throw Error(ErrorCode::corrupt, "more than " + std::to_string(models::kMostClasses) + " classes",
                "is it the class that stands there?");
  classes_.push_back({{}, std::string(shown)});
  return static_cast<int>(classes_.size()) - 1;
}

void LabelSet::name_class(int label, std::string_view name, std::int64_t order) {
  if (const std::string wrong = wrong_with_name(name); !wrong.empty())
    throw Error(ErrorCode::corrupt, classes_[static_cast<std::size_t>(label)].shown + " " + wrong,
                "give it a name as people write it");
  Class& one = classes_[static_cast<std::size_t>(label)];
  one.name = name;
  one.order = order;
}

const std::string& LabelSet::shown_class(int label) const {
  return classes_[static_cast<std::size_t>(label)].shown;
}

Classes LabelSet::classes() const {
  std::vector<ClassEntry> entries;
  for (const Class& one : classes_) entries.push_back({one.name, one.order, one.numbered});
  Classes classes = listed_.empty() ? ordered(entries) : in_list(entries, listed_);
  if (classes.names->size() > models::kMostClasses)
    throw Error(ErrorCode::corrupt, "more than " + std::to_string(models::kMostClasses) + " classes in all files",
                "import them in parts");
  return classes;
}

const std::string& LabelSet::name_of(int picture) const {
  return heads_[static_cast<std::size_t>(picture)].name;
}

const std::string& LabelSet::file_of(int picture) const {
  static const std::string none;
  return files_.empty() ? none : files_[heads_[static_cast<std::size_t>(picture)].file];
}

const Error* LabelSet::failure_of(int picture) const {
  return heads_[static_cast<std::size_t>(picture)].failure.get();
}

LabelledPicture LabelSet::picture(int picture) const {
  const Head& head = heads_[static_cast<std::size_t>(picture)];
  LabelledPicture labels{head.name, file_of(picture), head.size, head.shares};
  for (std::uint64_t at = head.last; at != 0;) {
    const Link link = link_of(spool_->read(at - 1, kLinkBytes));
    labels.things.push_back(thing_of(spool_->read(at - 1 + kLinkBytes, link.bytes)));
    at = link.previous;
  }
  std::reverse(labels.things.begin(), labels.things.end());
  return labels;
}

}  // namespace pixmill::imports
