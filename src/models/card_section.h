// One mapping of a card while it is read: every key is requested by name; the others are refused.
#pragma once

#include <yaml-cpp/yaml.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "models/card_words.h"

namespace pixmill::models {

// Where an error is: the file and the name of the mapping in it ("input"; empty for the whole card).
struct CardPlace {
  std::string_view origin;
  std::string path;
};

class CardSection {
 public:
  // Throws Error{usage} unless `node` is a mapping of distinct plain keys.
  CardSection(const YAML::Node& node, CardPlace place);

  // Each takes a key off the section. A key that is absent leaves `value` alone; where `required`, it is refused.
  // Wrong types and values out of range are refused with the line. Throws Error{usage}.
  void text(std::string_view key, std::string& value, bool required = false);
  void integer(std::string_view key, std::int64_t low, std::int64_t high, std::int64_t& value);
  void integer(std::string_view key, int low, int high, int& value);
  void texts(std::string_view key, std::vector<std::string>& values, std::size_t most = 64);
  std::vector<double> numbers(std::string_view key, std::size_t count, double low, double high);  // empty when absent
  template <typename Value, std::size_t count>
  void word(std::string_view key, const Word<Value> (&words)[count], Value& value) {
    std::string written;
    text(key, written);
    if (written.empty()) return;
    for (const Word<Value>& candidate : words) {
      if (candidate.word == written) {
        value = candidate.value;
        return;
      }
    }
    refuse_word(key, written, all_words(words));
  }

  void number(std::string_view key, double low, double high, double& value);

  // Whether the key is there and its value is no list and no mapping. Takes nothing off.
  bool is_text(std::string_view key) const;

  YAML::Node take(std::string_view key, bool required = false);  // an undefined node when absent
  CardPlace inside(std::string_view key) const;

  // To be called when everything was requested: refuses what is left, with the nearest key that was requested.
  void finish() const;

  [[noreturn]] void refuse(std::string_view key, const std::string& what, const std::string& hint = {}) const;
  [[noreturn]] void refuse_word(std::string_view key, const std::string& written,
                                const std::vector<std::string>& known) const;

 private:
  struct Entry {
    std::string key;
    YAML::Node value;
    int line = 0;
    bool taken = false;
  };

  std::string scalar(std::string_view key, const YAML::Node& node, std::string_view kind) const;
  std::string name_of(std::string_view key) const;
  int line_of(std::string_view key) const;

  CardPlace place_;
  int line_ = 0;
  std::vector<Entry> entries_;
  std::vector<std::string> asked_;
};

// Throws Error{usage} that names file, line (0: none) and reason.
[[noreturn]] void refuse_card(std::string_view origin, int line, const std::string& what, const std::string& hint = {});

}  // namespace pixmill::models
