#include "cli/commands/duplicates.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <system_error>
#include <thread>
#include <tuple>
#include <utility>

#include "cli/commands/alike_vectors.h"
#include "cli/commands/commands.h"
#include "cli/commands/indexing.h"
#include "cli/commands/job.h"
#include "cli/commands/list_output.h"
#include "cli/commands/transfers.h"
#include "cli/output/group_page.h"
#include "cli/output/live_line.h"
#include "cli/output/same_pixels.h"
#include "cli/output/terminal.h"
#include "cli/output/text.h"
#include "pixmill/core/bytes_text.h"
#include "pixmill/core/error.h"
#include "pixmill/pipeline/decisions.h"
#include "pixmill/tasks/dedup.h"

namespace pixmill::cli {
namespace fs = std::filesystem;
namespace {

// A member of a group while the one that is kept is chosen.
struct Candidate {
  std::size_t index = 0;  // of the picture
  GroupMember member;
  fs::file_time_type written = {};
  pipeline::FileStamp stamp;  // as it was looked at
  std::string content;
};

void side_by_side(int count, const std::function<void(int)>& act) {
  std::vector<std::jthread> threads;
  for (int i = 0; i < count; ++i) threads.emplace_back([&act, i] { act(i); });
}

// Whether `a` is rather kept than `b`. Where all is equal, the one that the user named first.
using Better = bool (*)(const Candidate& a, const Candidate& b);

std::int64_t pixels(const Candidate& one) {
  return one.member.face.size.area();
}

float sharpness(const Candidate& one) {
  return one.member.face.measured.sharpness;
}

bool by_best(const Candidate& a, const Candidate& b) {
  return std::tuple(-pixels(a), -sharpness(a), -a.member.bytes, a.written, a.index) <
         std::tuple(-pixels(b), -sharpness(b), -b.member.bytes, b.written, b.index);
}

bool by_size(const Candidate& a, const Candidate& b) {
  return std::tuple(-pixels(a), -a.member.bytes, a.index) < std::tuple(-pixels(b), -b.member.bytes, b.index);
}

bool by_sharpness(const Candidate& a, const Candidate& b) {
  return std::tuple(-sharpness(a), -pixels(a), a.index) < std::tuple(-sharpness(b), -pixels(b), b.index);
}

bool by_age(const Candidate& a, const Candidate& b) {
  return std::tuple(a.written, -pixels(a), a.index) < std::tuple(b.written, -pixels(b), b.index);
}

Better rule_named(const std::string& name) {
  if (name == "largest") return by_size;
  if (name == "sharpest") return by_sharpness;
  if (name == "oldest") return by_age;
  return by_best;
}

Candidate candidate(const pipeline::Recorded& recorded, std::size_t index, const tasks::Face& face) {
  const pipeline::Recorded::Picture picture = recorded.at(index);
  Candidate one{.index = index, .member = {picture.path.string(), face}, .stamp = {}, .content = {}};
  std::error_code gone;  // what can be said of a file that is gone is said by whoever wants to move it
  one.written = fs::last_write_time(picture.identity, gone);
  const std::uintmax_t bytes = fs::file_size(picture.identity, gone);
  one.member.bytes = gone ? 0 : static_cast<std::int64_t>(bytes);
  if (const auto input = recorded.catalogue().input(picture.identity)) {
    one.stamp = input->stamp;
    one.content = input->content;
  }
  return one;
}

// Pixels are compared only where everything says that they are the same.
Role role_beside(const Candidate& one, const Candidate& kept) {
  if (&one == &kept) return Role::keep;
  if (!one.content.empty() && one.content == kept.content) return Role::same_bytes;
  const bool equal = one.member.face == kept.member.face;
  return equal && same_pixels(one.member.path, kept.member.path) ? Role::same_pixels : Role::alike;
}

// The first of a group with all that nobody said are different from it; the others stay.
std::vector<Candidate> take_alike(std::vector<Candidate>& group, const pipeline::Decisions& decisions) {
  const std::string first = group.front().content;
  const auto others = std::stable_partition(
      group.begin(), group.end(), [&](const Candidate& one) { return !decisions.are_different(first, one.content); });
  std::vector<Candidate> alike(group.begin(), others);
  group.erase(group.begin(), others);
  return alike;
}

}  // namespace

struct Duplicates::Found {
  std::vector<Group> groups;
  std::vector<Candidate> extra;  // all that are not kept

  // The first one is kept; alone it is no group.
  void add(std::vector<Candidate> group) {
    if (group.size() < 2) return;
    Group list;
    for (Candidate& one : group) {
      one.member.role = role_beside(one, group.front());
      list.push_back(one.member);
      if (!one.member.kept()) extra.push_back(one);
    }
    groups.push_back(std::move(list));
  }
};

Duplicates::Duplicates(const Invocation& invocation, const pipeline::JobSpec& spec)
    : invocation_(invocation), spec_(spec) {
  const Values& values = invocation.values;
  list_ = {list_format_of(values), values.on("extra"), values.on("print0") ? '\0' : '\n'};
  if (list_.extra && list_.format != ListFormat::text)
    throw Error(ErrorCode::usage, "--extra is for paths alone, and the format is another one", "leave one of them out");
  if (values.on("print0") && !list_.extra)
    throw Error(ErrorCode::usage, "-0 is for paths alone, not for groups of them", "add --extra");
  if (values.has("html")) check_picture_page(values.text("html"), values.on("overwrite"));
  if (values.on("different") && values.on("not-different"))
    throw Error(ErrorCode::usage, "--different and --not-different contradict each other", "leave one of them out");
  refuse_standard_input(spec);
  action_ = transfer_action_of(values);
}

void Duplicates::operator()(const pipeline::Recorded& recorded) {
  if (spec_.dry_run && !action_) return;
  if (::isatty(STDERR_FILENO) != 0) std::fputs(kEraseLine, stderr);  // the live line of the job
  if (invocation_.values.on("different")) return decide(recorded, true);
  if (invocation_.values.on("not-different")) return decide(recorded, false);
  const Found found = find(recorded);
  say(found.groups);
  const Values& values = invocation_.values;
  if (values.has("html") && !spec_.dry_run)
    write_picture_page(values.text("html"), values.on("overwrite"), page_of(found.groups), values.on("quiet"),
                       interrupted());
  if (action_) {
    transfer(recorded, found);
  } else {
    write(recorded, found.groups);
  }
}

Duplicates::Found Duplicates::find(const pipeline::Recorded& recorded) const {
  std::vector<tasks::Face> faces;
  std::vector<std::size_t> pictures;  // of the faces
  recorded.each(tasks::kFace, [&](std::size_t index, const pipeline::StoredRecord& record) {
    faces.push_back(tasks::unpack_face(record.kind, record.body, recorded.at(index).path.string()));
    pictures.push_back(index);
  });
  limit_search_threads(spec_);
  const auto by_vectors =
      spec_.model.empty() ? std::vector<tasks::AlikePair>() : alike_by_vectors(recorded, pictures, invocation_.values);
  Found found;
  const Better better = rule_named(invocation_.values.text("keep"));
  const pipeline::Decisions decisions(spec_.home);
  const tasks::AlikeOptions alike = tasks::read_alike(invocation_.values);
  for (const auto& members : tasks::groups_of_alike(faces, alike, side_by_side, by_vectors)) {
    std::vector<Candidate> group;
    for (const std::uint32_t i : members) group.push_back(candidate(recorded, pictures[i], faces[i]));
    std::sort(group.begin(), group.end(), better);
    while (group.size() > 1) found.add(take_alike(group, decisions));
  }
  return found;
}

void Duplicates::decide(const pipeline::Recorded& recorded, bool different) const {
  constexpr std::size_t kMost = 1000;  // half a million pairs
  if (recorded.pictures() < 2 || recorded.pictures() > kMost)
    throw Error(ErrorCode::usage, "a decision is about 2 to 1000 pictures, not " + std::to_string(recorded.pictures()),
                "name them: pixmill dedup --different a.jpg b.jpg");
  std::vector<std::string> contents;
  recorded.each(tasks::kFace, [&](std::size_t index, const pipeline::StoredRecord&) {
    if (const auto input = recorded.catalogue().input(recorded.at(index).identity)) contents.push_back(input->content);
  });
  const std::size_t pairs = pipeline::Decisions(spec_.home).decide(contents, different);
  if (!invocation_.values.on("quiet") && !invocation_.values.on("json"))
    std::fprintf(stderr, "%s\n",
                 (count_text(static_cast<std::int64_t>(pairs), "pair") +
                  (different ? " of pictures are different from now on" : " of pictures may be alike again"))
                     .c_str());
}

void Duplicates::transfer(const pipeline::Recorded& recorded, const Found& found) {
  pipeline::TransferSpec wanted = transfer_spec(invocation_, spec_, *action_, recorded.roots());
  FoldersWithoutLinks folders;
  for (const Candidate& one : found.extra) {
    const pipeline::Recorded::Picture picture = recorded.at(one.index);
    wanted.files.push_back({folders.file(picture.path), picture.relative, one.stamp});
  }
  const pipeline::Transferred done = transfer_and_say(wanted, recorded.catalogue(), invocation_);
  all_good_ = done.failed.empty() && done.stopped_because.empty();
  stopped_ = done.interrupted;
}

void Duplicates::write(const pipeline::Recorded& recorded, const std::vector<Group>& groups) const {
  write_list(invocation_, spec_, recorded.catalogue(), recorded.roots(),
             [&](const std::function<void(std::string_view)>& sink) { write_groups(list_, groups, sink); });
}

void Duplicates::say(const std::vector<Group>& groups) const {
  if (invocation_.values.on("quiet") || invocation_.values.on("json")) return;
  std::int64_t extra = 0, bytes = 0;
  for (const Group& group : groups) {
    for (const GroupMember& member : group) {
      extra += member.kept() ? 0 : 1;
      bytes += member.kept() ? 0 : member.bytes;
    }
  }
  if (groups.empty()) {
    std::fputs("no two pictures look alike\n", stderr);
    return;
  }
  std::fprintf(stderr, "%s\n",
               (count_text(static_cast<std::int64_t>(groups.size()), "group") + " of pictures that look alike; " +
                count_text(extra, "picture") + " more than one of each, " + bytes_text(bytes))
                   .c_str());
}

}  // namespace pixmill::cli
