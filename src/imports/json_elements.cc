#include "imports/json_elements.h"

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <optional>
#include <string>
#include <vector>

#include "pixmill/core/error.h"

namespace pixmill::imports {
namespace {

using nlohmann::json;

constexpr std::size_t kDeepest = 32;          // label files have six levels
constexpr std::size_t kMostValues = 8 << 20;  // of an element: 130 MB

// The bytes of a file for the parser: counts lines as they are read.
class Bytes {
 public:
  explicit Bytes(LabelFile& file) : file_(file) {
    file_.line = 1;
    refill();
    if (rest_.starts_with("\xFF\xFE") || rest_.starts_with("\xFE\xFF")) {
      file_.line = 0;
      file_.fail("it is UTF-16", "save it as UTF-8");
    }
  }

  bool ended() const { return rest_.empty(); }
  char at() const { return rest_.front(); }
  void step() {
    if (rest_.front() == '\n') ++file_.line;
    rest_.remove_prefix(1);
    if (rest_.empty()) refill();
  }

 private:
  void refill() { rest_ = file_.next(); }

  LabelFile& file_;
  std::string_view rest_;
};

class ByteIterator {
 public:
  using iterator_category = std::input_iterator_tag;
  using value_type = char;
  using difference_type = std::ptrdiff_t;
  using pointer = const char*;
  using reference = char;

  ByteIterator() = default;
  explicit ByteIterator(Bytes& bytes) : bytes_(&bytes) {}
  char operator*() const { return bytes_->at(); }
  ByteIterator& operator++() {
    bytes_->step();
    return *this;
  }
  bool operator==(const ByteIterator& other) const { return ended() == other.ended(); }
  bool operator!=(const ByteIterator& other) const { return !(*this == other); }

 private:
  bool ended() const { return bytes_ == nullptr || bytes_->ended(); }
  Bytes* bytes_ = nullptr;
};

// Builds one element after the other.
class Elements final : public nlohmann::json_sax<json> {
 public:
  // `in_pieces`: lists and objects at the top are taken apart.
  Elements(LabelFile& file, const TakeElement& take, bool in_pieces = true)
      : file_(file), take_(take), in_pieces_(in_pieces) {}

  bool null() override { return value(json(nullptr)); }
  bool boolean(bool one) override { return value(json(one)); }
  bool number_integer(number_integer_t one) override { return value(json(one)); }
  bool number_unsigned(number_unsigned_t one) override { return value(json(one)); }
  bool number_float(number_float_t one, const string_t&) override { return value(json(one)); }
  bool string(string_t& one) override { return value(json(std::move(one))); }
  bool binary(binary_t&) override { return false; }  // not in text
  bool start_object(std::size_t) override { return begin(json::object()); }
  bool start_array(std::size_t) override { return begin(json::array()); }
  bool end_object() override { return end(); }
  bool end_array() override { return end(); }

  bool key(string_t& name) override {
    (open_.empty() ? key_ : inner_key_) = std::move(name);
    return true;
  }

  bool parse_error(std::size_t, const std::string& token, const nlohmann::detail::exception& error) override {
    file_.fail("it is no JSON: " + reason_of(error.what(), token), "is it complete? make it again with its tool");
  }

 private:
  // What nlohmann says, without the name of its exception and the position, which stands before it anyway.
  static std::string reason_of(std::string text, const std::string& token) {
    const std::size_t reason = text.find(": ");
    if (reason != std::string::npos) text.erase(0, reason + 2);
    const std::size_t last = text.find("; last read");
    if (last != std::string::npos) text.resize(last);
    return text.size() > 200 || token.size() > 1000 ? "a syntax error" : text;
  }

  // Containers that are no part of an element: the list or the object at the top, and the list in it.
  bool outside() const { return open_.empty(); }

  json* put(json&& one) {
    if (++values_ > kMostValues)
      throw Error(ErrorCode::too_large,
                  file_.shown() + ":" + std::to_string(file_.line) + ": one entry has more than " +
                      std::to_string(kMostValues) + " values",
                  "is it a file of labels?");
    json& into = *open_.back();
    if (into.is_array()) {
      into.push_back(std::move(one));
      return &into.back();
    }
    json& placed = into[inner_key_];
    placed = std::move(one);
    return &placed;
  }

  bool value(json&& one) {
    if (!outside()) {
      put(std::move(one));
    } else {
      take_(key_, one);
    }
    return true;
  }

  bool begin(json&& container) {
    if (open_.size() + outer_ >= kDeepest) file_.fail("it is nested too deeply", "is it a file of labels?");
    const bool list = container.is_array();
    if (!outside()) {
      open_.push_back(put(std::move(container)));
    } else if (in_pieces_ && (outer_ == 0 || (outer_ == 1 && list && !list_at_top_))) {
      if (outer_ == 0) list_at_top_ = list;
      ++outer_;
    } else {
      root_ = std::move(container);
      values_ = 0;
      open_.push_back(&root_);
    }
    return true;
  }

  bool end() {
    if (outside()) {
      --outer_;
      return true;
    }
    open_.pop_back();
    if (outside()) {
      take_(key_, root_);
      root_ = nullptr;
    }
    return true;
  }

  LabelFile& file_;
  const TakeElement& take_;
  const bool in_pieces_;
  std::size_t outer_ = 0;
  bool list_at_top_ = false;
  std::string key_, inner_key_;
  json root_;
  std::vector<json*> open_;  // of the element, from its root
  std::size_t values_ = 0;
};

// Keys of the first object, until it ends.
class Keys final : public nlohmann::json_sax<json> {
 public:
  explicit Keys(FirstKeys& found) : found_(found) {}

  bool null() override { return depth_ > 0; }
  bool boolean(bool) override { return depth_ > 0; }
  bool number_integer(number_integer_t) override { return depth_ > 0; }
  bool number_unsigned(number_unsigned_t) override { return depth_ > 0; }
  bool number_float(number_float_t, const string_t&) override { return depth_ > 0; }
  bool string(string_t&) override { return depth_ > 0; }
  bool binary(binary_t&) override { return false; }
  bool start_object(std::size_t) override { return ++depth_ < kDeepest; }
  bool start_array(std::size_t) override {
    if (depth_ == 0) found_.of_list = true;
    return ++depth_ < kDeepest;
  }
  bool end_object() override {
    --depth_;
    found_.ends = depth_ == 0;
    return depth_ > (found_.of_list ? 1U : 0U);
  }
  bool end_array() override { return --depth_ > 0; }
  bool key(string_t& name) override {
    if (depth_ == (found_.of_list ? 2U : 1U)) found_.keys.push_back(name);
    return true;
  }
  bool parse_error(std::size_t, const std::string&, const nlohmann::detail::exception&) override { return false; }

 private:
  FirstKeys& found_;
  std::size_t depth_ = 0;
};

}  // namespace

void each_element(LabelFile& file, const TakeElement& take) {
  Bytes bytes(file);
  Elements elements(file, take);
  json::sax_parse(ByteIterator(bytes), ByteIterator(), &elements);
}

json parsed(LabelFile& file, std::string_view text) {
  json whole;
  const TakeElement take = [&](std::string_view, const json& element) { whole = element; };
  Elements elements(file, take, /*in_pieces=*/false);
  json::sax_parse(text.begin(), text.end(), &elements);
  return whole;
}

bool FirstKeys::has(std::string_view key) const {
  return std::find(keys.begin(), keys.end(), key) != keys.end();
}

FirstKeys first_keys(std::string_view head) {
  FirstKeys found;
  Keys keys(found);
  json::sax_parse(head.begin(), head.end(), &keys, json::input_format_t::json, /*strict=*/false);
  return found;
}

}  // namespace pixmill::imports
