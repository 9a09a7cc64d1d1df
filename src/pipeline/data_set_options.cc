// The flags of data sets.
#include <numeric>
#include <string>

#include "pixmill/core/error.h"
#include "pixmill/pipeline/data_set.h"

namespace pixmill::pipeline {
namespace {

[[noreturn]] void refuse_split(const std::string& text) {
  throw Error(ErrorCode::usage, "--split: '" + text + "' is not two or three shares",
              "for example --split 80/20 (train and val) or --split 80/10/10 (train, val and test)");
}

// "80/10/10"
std::vector<int> read_shares(const std::string& text) {
  std::vector<int> shares;
  for (std::size_t from = 0; from <= text.size();) {
    const std::size_t to = std::min(text.find('/', from), text.size());
    const std::optional<std::int64_t> share = config::parse_integer(text.substr(from, to - from));
    if (!share || *share < 0 || *share > 1'000'000) refuse_split(text);
    shares.push_back(static_cast<int>(*share));
    from = to + 1;
  }
  if (shares.size() < 2 || shares.size() > 3 || shares.front() == 0) refuse_split(text);
  return shares;
}

}  // namespace

const std::vector<config::Flag>& data_set_flags() {
  static const std::vector<config::Flag> flags = {
      {.name = "split",
       .kind = config::Kind::text,
       .value = "SHARES",
       .group = config::kOutputs,
       .help = "a data set in parts: 80/20 is train/val, 80/10/10 train/val/test"},
      {.name = "images",
       .kind = config::Kind::choice,
       .value = "HOW",
       .group = config::kOutputs,
       .help = "pictures into the data set; default: link with --split (copy in a zip), else none",
       .choices = {"none", "link", "copy"}},
      {.name = "zip", .group = config::kOutputs, .help = "one zip file with the folders that importers want"},
  };
  return flags;
}

DataSet read_data_set(const config::Values& values) {
  DataSet set;
  set.zip = values.on("zip");
  if (values.has("split")) set.shares = read_shares(values.text("split"));
  const std::string how = values.has("images") ? values.text("images") : set.shares.empty() ? "none" : "link";
  if (how != "none") set.pictures = how == "copy" || set.zip ? DataSet::Pictures::copy : DataSet::Pictures::link;
  return set;
}

}  // namespace pixmill::pipeline
