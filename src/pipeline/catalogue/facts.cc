#include "pixmill/pipeline/facts.h"

#include <algorithm>
#include <array>
#include <bit>
#include <unordered_map>

#include "pipeline/catalogue/state.h"

namespace pixmill::pipeline {
namespace fs = std::filesystem;
namespace {

constexpr std::int64_t kLooksAtOnce = 8192;
constexpr std::size_t kPathsAtOnce = 256;
constexpr std::size_t kResultsAtOnce = 16384;
constexpr std::int64_t kSparse = 16;  // of so many results in a row one is wanted: then each is asked for by itself

float float_of(std::int64_t bits) {
  return std::bit_cast<float>(static_cast<std::int32_t>(bits));
}

// Texts from `first` to before `end`.
struct Range {
  std::string first, end;
};

// The path of a picture itself, and those below it where it is a folder.
std::array<Range, 2> ranges_of(const fs::path& root) {
  std::string path = root.native();
  while (path.size() > 1 && path.ends_with('/')) path.pop_back();
  const std::string folder = path == "/" ? path : path + '/';
  Range below{folder, folder};
  ++below.end.back();
  return {Range{path, path + '\0'}, below};
}

struct PathAndLook {
  std::string path;
  Look look;
};

// The question about looks at pictures that `where` chooses, newest first for each path: the first row of a path is the
// one that counts. Parameters: 1 to 3 of the key, 4 and on of `where`.
std::string question_of_looks(const std::string& where, bool of_key) {
  std::string sql =
      "SELECT i.path, r.id, i.size, i.mtime, i.inode, l.width, l.height, l.confidence, l.sharpness, l.brightness"
      " FROM inputs i JOIN results r ON r.input = i.id AND r.content = i.content JOIN looks l ON l.result = r.id"
      " WHERE " +
      where;
  if (of_key) sql += " AND r.key = (SELECT id FROM keys WHERE model = ?1 AND settings = ?2 AND job = ?3)";
  return sql + " ORDER BY i.path, r.made DESC, r.id DESC";
}

void bind_key(Statement& rows, const ResultKey* key) {
  if (key == nullptr) return;
  rows.bind(1, key->model);
  rows.bind(2, key->settings);
  rows.bind(3, key->task);
}

std::vector<PathAndLook> all_of(Statement& rows) {
  std::vector<PathAndLook> found;
  while (rows.step()) {
    const Size picture = {static_cast<int>(rows.number(5)), static_cast<int>(rows.number(6))};
    found.push_back({rows.text(0),
                     {rows.number(1),
                      {rows.number(2), rows.number(3), static_cast<std::uint64_t>(rows.number(4))},
                      picture,
                      float_of(rows.number(7)),
                      {static_cast<float>(rows.real(8)), static_cast<float>(rows.real(9))}}});
  }
  return found;
}

// The next ones of a range.
std::vector<PathAndLook> looks_in(Tables& tables, const Range& paths, bool after_first, const ResultKey* key) {
  const std::string where = std::string("i.path ") + (after_first ? ">" : ">=") + " ?4 AND i.path < ?5";
  Statement rows(tables.database(), (question_of_looks(where, key != nullptr) + " LIMIT ?6").c_str());
  bind_key(rows, key);
  rows.bind(4, paths.first);
  rows.bind(5, paths.end);
  rows.bind(6, kLooksAtOnce);
  return all_of(rows);
}

std::vector<PathAndLook> looks_at(Tables& tables, std::span<const std::string> paths, const ResultKey* key) {
  std::string where = "i.path IN (";
  for (std::size_t i = 0; i < paths.size(); ++i) where += (i == 0 ? "?" : ",?") + std::to_string(i + 4);
  Statement rows(tables.database(), question_of_looks(where + ")", key != nullptr).c_str());
  bind_key(rows, key);
  for (std::size_t i = 0; i < paths.size(); ++i) rows.bind(static_cast<int>(i) + 4, paths[i]);
  return all_of(rows);
}

// The first look at each path; `last`: the path that was handed on before, and is.
void hand_on(const std::vector<PathAndLook>& looks, std::string& last, const Facts::TakeLook& take) {
  for (const PathAndLook& one : looks) {
    if (one.path == last) continue;
    take(one.path, one.look);
    last = one.path;
  }
}

struct Class {
  std::int64_t id;
  int label;
};

std::vector<Class> classes_asked(Tables& tables, const Facts::Question& question) {
  std::unordered_map<std::string_view, int> labels;
  for (std::size_t i = 0; i < question.classes.size(); ++i) labels.emplace(question.classes[i], static_cast<int>(i));
  std::vector<Class> classes;
  Statement rows(tables.database(), "SELECT id, name FROM classes");
  while (rows.step()) {
    const auto named = labels.find(rows.text(1));
    if (named != labels.end()) {
      classes.push_back({rows.number(0), named->second});
    } else if (question.all) {
      classes.push_back({rows.number(0), -1});
    }
  }
  return classes;
}

struct ThingOf {
  std::size_t at;  // of its result among those that were asked for
  tasks::RuleThing thing;
};

constexpr const char* kColumns = "SELECT t.class, t.result, t.confidence, t.left, t.top, t.right, t.bottom, t.area";

// Reads things of results.
class ThingReader {
 public:
  ThingReader(Tables& tables, std::span<const std::int64_t> results, const Facts::Question& question)
      : tables_(tables),
        results_(results),
        confidence_(std::bit_cast<std::int32_t>(question.confidence + 0.0F)),
        classes_(classes_asked(tables, question)) {
    for (const Class& one : classes_) labels_.emplace(one.id, one.label);
  }

  // By result.
  std::vector<ThingOf> read() {
    const bool sparse = (results_.back() - results_.front()) / kSparse > static_cast<std::int64_t>(results_.size());
    sparse ? read_each_result() : read_each_class();
    std::stable_sort(found_.begin(), found_.end(), [](const ThingOf& a, const ThingOf& b) { return a.at < b.at; });
    return std::move(found_);
  }

 private:
  // A class is a range of the table.
  void read_each_class() {
    Statement rows(tables_.database(),
                   (std::string(kColumns) + " FROM things t WHERE t.class = ?1 AND t.result BETWEEN ?2 AND ?3"
                                            " AND t.confidence >= ?4")
                       .c_str());
    for (const Class& one : classes_) {
      const Use use(rows);
      use->bind_all(one.id, results_.front(), results_.back(), confidence_);
      take(rows);
    }
  }

  // A result knows its classes.
  void read_each_result() {
    Statement rows(tables_.database(),
                   (std::string(kColumns) + " FROM looks l, json_each(l.classes) j JOIN things t ON t.class = j.value"
                                            " AND t.result = l.result WHERE l.result = ?1 AND t.confidence >= ?2")
                       .c_str());
    for (const std::int64_t result : results_) {
      const Use use(rows);
      use->bind_all(result, confidence_);
      take(rows);
    }
  }

  void take(Statement& rows) {
    auto at = results_.begin();
    while (rows.step()) {
      const auto label = labels_.find(rows.number(0));
      while (at != results_.end() && *at < rows.number(1)) ++at;  // the rows come in the order of the results
      if (label == labels_.end() || at == results_.end() || *at != rows.number(1)) continue;
      found_.push_back({static_cast<std::size_t>(at - results_.begin()),
                        {label->second, float_of(rows.number(2)), float_of(rows.number(3)), float_of(rows.number(4)),
                         float_of(rows.number(5)), float_of(rows.number(6)), rows.real(7)}});
    }
  }

  Tables& tables_;
  const std::span<const std::int64_t> results_;  // ascending
  const std::int64_t confidence_;
  const std::vector<Class> classes_;
  std::unordered_map<std::int64_t, int> labels_;  // by the id of the class
  std::vector<ThingOf> found_;
};

}  // namespace

std::vector<std::string> Facts::classes() const {
  return catalogue_.state_->read([](Tables& tables) {
    Statement rows(tables.database(), "SELECT name FROM classes ORDER BY name");
    std::vector<std::string> names;
    while (rows.step()) names.push_back(rows.text(0));
    return names;
  });
}

void Facts::each_look(const fs::path& root, const TakeLook& take, const ResultKey* key) const {
  for (Range range : ranges_of(root)) {
    std::string last;  // path that was handed on
    std::size_t count = 0;
    do {
      const std::vector<PathAndLook> some =
          catalogue_.state_->read([&](Tables& tables) { return looks_in(tables, range, !last.empty(), key); });
      count = some.size();
      hand_on(some, last, take);
      range.first = last;
    } while (count == static_cast<std::size_t>(kLooksAtOnce));
  }
}

void Facts::each_look_of(std::span<const std::string> paths, const TakeLook& take, const ResultKey* key) const {
  std::string last;
  for (std::size_t from = 0; from < paths.size(); from += kPathsAtOnce) {
    const auto some = paths.subspan(from, std::min(kPathsAtOnce, paths.size() - from));
    hand_on(catalogue_.state_->read([&](Tables& tables) { return looks_at(tables, some, key); }), last, take);
  }
}

void Facts::each_things(std::span<const std::int64_t> results, const Question& question, const TakeThings& take) const {
  std::vector<tasks::RuleThing> of_one;
  for (std::size_t from = 0; from < results.size(); from += kResultsAtOnce) {
    const auto some = results.subspan(from, std::min(kResultsAtOnce, results.size() - from));
    const std::vector<ThingOf> found =
        catalogue_.state_->read([&](Tables& tables) { return ThingReader(tables, some, question).read(); });
    std::size_t next = 0;
    for (std::size_t at = 0; at < some.size(); ++at) {
      of_one.clear();
      for (; next < found.size() && found[next].at == at; ++next) of_one.push_back(found[next].thing);
      take(from + at, of_one);
    }
  }
}

}  // namespace pixmill::pipeline
