// The flags of `pixmill export` and of jobs with records: their own, and those that the formats read.
#include <algorithm>
#include <deque>
#include <string>
#include <utility>

#include "cli/commands/flag_tables.h"
#include "cli/commands/transfers.h"
#include "pixmill/exports/export.h"
#include "pixmill/pipeline/data_set.h"
#include "pixmill/pipeline/transfer.h"

namespace pixmill::cli {
namespace {

using config::Flag;
using config::Kind;

const std::vector<Flag>& own_flags() {
  static const std::vector<Flag> flags = {
      {.name = "from",
       .kind = Kind::path,
       .value = "FOLDER",
       .group = config::kInputs,
       .help = "pictures that a job has looked at; may be repeated; default: the current folder",
       .repeatable = true,
       .basic = true,
       .setting = false},
  };
  return flags;
}

void add_missing(std::vector<const Flag*>& all, const std::vector<const Flag*>& more) {
  for (const Flag* flag : more) {
    const auto same = [&](const Flag* other) { return other->name == flag->name; };
    if (std::none_of(all.begin(), all.end(), same)) all.push_back(flag);
  }
}

// Of formats of such records; of any records where the kind is empty.
std::vector<const Flag*> flags_of_formats(std::string_view record_kind) {
  std::vector<const Flag*> all;
  for (const exports::ExportRow& row : exports::exports()) {
    if (row.flags == nullptr || (!record_kind.empty() && row.record_kind != record_kind)) continue;
    add_missing(all, config::pointers(row.flags()));
  }
  return all;
}

// --format with the names of the formats in its help. Valid for ever.
const Flag* format_flag(const Flag& flag, std::string_view record_kind) {
  static std::deque<std::pair<std::string, Flag>> named;  // a Flag only borrows its help
  std::string help = std::string(flag.help) + ": ";
  std::string_view between;
  for (const exports::ExportRow& row : exports::exports()) {
    if (row.record_kind != record_kind) continue;
    help += std::string(between) + std::string(row.name);
    between = ", ";
  }
  auto& [text, copy] = named.emplace_back(std::move(help), flag);
  copy.help = text;
  return &copy;
}

}  // namespace

std::vector<const Flag*> export_flags() {
  std::vector<const Flag*> all = config::pointers(own_flags(), {"output", "name", "overwrite"});
  add_missing(all, config::pointers(pipeline::data_set_flags()));
  add_missing(all, flags_of_formats({}));
  return all;
}

std::vector<const Flag*> flags_of_job(const tasks::Job& job) {
  std::vector<const Flag*> all = config::pointers(job.flags());
  if (job.chooses_pictures) {
    add_missing(all, config::pointers(pipeline::transfer_flags()));
    add_missing(all, config::pointers(undo_plan_flags()));
  }
  if (job.record_kind.empty()) return all;
  for (const std::string_view name : job.formats) {
    const exports::ExportRow& row = *exports::find_export(name);
    if (row.flags != nullptr) add_missing(all, config::pointers(row.flags()));
  }
  if (!job.formats.empty()) return all;
  for (const Flag*& flag : all) {
    if (flag->name == "format") flag = format_flag(*flag, job.record_kind);
  }
  add_missing(all, config::pointers(pipeline::data_set_flags()));
  add_missing(all, flags_of_formats(job.record_kind));
  return all;
}

}  // namespace pixmill::cli
