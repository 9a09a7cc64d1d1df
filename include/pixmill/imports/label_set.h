// The labels of an import while they are gathered: of any number of pictures, in any order.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "pixmill/core/error.h"
#include "pixmill/core/image.h"
#include "pixmill/tasks/detections.h"

namespace pixmill::imports {

// A labelled thing as its file has it: nothing is checked against the picture yet.
struct Thing {
  tasks::Detection what = {};  // its label is a number that LabelSet gave; the score is 1 where the format has none
  bool boxed = false;          // else its box is the one around its shape
  bool cut = false;            // what is outside of the picture is cut off: circles and turned boxes leave it
  std::int64_t line = 0;       // where it stands in the file; 0: not known
};

struct LabelledPicture {
  std::string name;     // as the label file calls it, '/' between; "img2" and "a/img2.jpg"
  std::string file;     // the label file's path, for messages
  Size size = {};       // as the label file says; 0: it does not
  bool shares = false;  // coordinates are shares of the picture's sides, not pixels
  std::vector<Thing> things = {};
};

// What the numbers of classes mean in the end.
struct Classes {
  tasks::ClassNames names;  // never null
  std::vector<int> of;      // by a Thing's label: index into `names`; -1: the file has no name for it
};

// Things are kept on disk when they are many, so that memory is needed for the pictures and not for what is in them: a
// hundred bytes each. Not synchronised.
class LabelSet {
 public:
  // `names`: the classes, where the user or a file beside the labels lists them; empty: the label files name them.
  explicit LabelSet(std::vector<std::string> names = {});
  LabelSet(const LabelSet&) = delete;
  LabelSet& operator=(const LabelSet&) = delete;
  ~LabelSet();

  // Before what a file has. What it added so far is forgotten by drop_file(); see read_file().
  void begin_file(const std::string& shown);
  void drop_file();

  // A new picture. Its name may come later.
  int add_picture(std::string name = {}, Size size = {}, bool shares = false);
  void describe(int picture, std::string name, Size size);
  void add(int picture, const Thing& thing);
  void fail(int picture, const Error& error);  // the first one of a picture counts
  void fail(const Error& error);               // labels whose picture is not known
  // Told once, with how often: "shapes of the type 'point' were left out: 3".
  void warn(const std::string& what, std::int64_t count = 1);

  // Labels. Throw Error{corrupt} for more classes than a record holds, for names that no class can have, and for such
  // as the listed ones have not.
  int class_named(std::string_view name);
  int class_numbered(std::string_view name, std::int64_t number);  // the number is kept where all of them fit
  int class_at(std::int64_t index) const;                          // of the listed names; -1 where there is none
  int new_class(std::string_view shown);                           // its name may come later: name_class()
  void name_class(int label, std::string_view name, std::int64_t order);
  const std::string& shown_class(int label) const;

  const std::vector<std::string>& listed() const { return listed_; }
  Classes classes() const;  // throws Error{corrupt}: more than a record holds

  int pictures() const { return static_cast<int>(heads_.size()); }
  const std::string& name_of(int picture) const;
  const std::string& file_of(int picture) const;
  const Error* failure_of(int picture) const;  // null: none
  LabelledPicture picture(int picture) const;  // with its things, in their order
  const std::vector<Error>& failures() const { return failures_; }
  std::vector<std::string> warnings() const;

 private:
  class Spool;
  struct Head {
    std::string name;
    std::unique_ptr<Error> failure;
    Size size;
    std::uint32_t file = 0;
    bool shares = false;
    std::uint64_t last = 0;  // of its things, in the spool: behind its first byte; 0: none
  };
  struct Class {
    std::string name;   // empty: not named yet
    std::string shown;  // for messages
    std::optional<std::int64_t> order{};
    bool numbered = false;  // `order` is its index
  };

  int new_named(std::string_view name);

  std::vector<std::string> listed_;
  std::vector<std::string> files_;
  std::vector<Head> heads_;
  std::size_t first_of_file_ = 0, failures_of_file_ = 0;
  std::vector<Class> classes_;
  std::unordered_map<std::string, int> by_name_;
  std::vector<Error> failures_;
  std::vector<std::pair<std::string, std::int64_t>> warnings_;
  std::unique_ptr<Spool> spool_;
};

}  // namespace pixmill::imports
