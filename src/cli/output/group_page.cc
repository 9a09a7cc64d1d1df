#include "cli/output/group_page.h"

#include <algorithm>
#include <string>

#include "cli/output/report_page.h"
#include "cli/output/terminal.h"
#include "cli/output/text.h"
#include "pixmill/core/bytes_text.h"

namespace pixmill::cli {
namespace {

// A figure that is the best of the group stands out, where they differ.
std::string figure(const std::string& text, bool best, bool differs) {
  return best && differs ? "<span class=\"best\">" + text + "</span>" : text;
}

struct Ranges {
  std::int64_t most_pixels = 0, most_bytes = 0;
  float most_sharpness = 0;
  bool pixels = false, bytes = false, sharpness = false;  // differ

  explicit Ranges(const Group& group) {
    for (const GroupMember& one : group) {
      most_pixels = std::max(most_pixels, one.face.size.area());
      most_bytes = std::max(most_bytes, one.bytes);
      most_sharpness = std::max(most_sharpness, one.face.measured.sharpness);
      pixels = pixels || one.face.size.area() != group.front().face.size.area();
      bytes = bytes || one.bytes != group.front().bytes;
      sharpness = sharpness || one.face.measured.sharpness != group.front().face.measured.sharpness;
    }
  }
};

std::string caption(const GroupMember& one, const Ranges& of) {
  const Size size = one.face.size;
  const float sharpness = one.face.measured.sharpness;
  const std::string pixels = std::to_string(size.width) + " × " + std::to_string(size.height);
  return "<span class=\"role\">" + std::string(name_of(one.role)) + "</span> " + page_text(printable(one.path)) +
         "<br><em>" + figure(pixels, size.area() == of.most_pixels, of.pixels) + " · " +
         figure(bytes_text(one.bytes), one.bytes == of.most_bytes, of.bytes) + " · sharpness " +
         figure(std::to_string(static_cast<int>(sharpness + 0.5F)), sharpness == of.most_sharpness, of.sharpness) +
         "</em>";
}

PageSection section(const Group& group, std::size_t number) {
  std::int64_t extra = 0;
  for (const GroupMember& one : group) extra += one.kept() ? 0 : one.bytes;
  PageSection section{std::to_string(number) + " <span>" +
                          count_text(static_cast<std::int64_t>(group.size()), "picture") + ", " + bytes_text(extra) +
                          " more than one</span>",
                      {}};
  const Ranges ranges(group);
  for (const GroupMember& one : group) section.pictures.push_back({one.path, caption(one, ranges), one.kept()});
  return section;
}

}  // namespace

PicturePage page_of(const std::vector<Group>& groups) {
  return {count_text(static_cast<std::int64_t>(groups.size()), "group") + " of pictures that look alike", "group",
          groups.size(), [&groups](std::size_t i) { return section(groups[i], i + 1); }};
}

}  // namespace pixmill::cli
