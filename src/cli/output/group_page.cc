#include "cli/output/group_page.h"

#include <algorithm>
#include <cstdio>
#include <future>
#include <string>
#include <string_view>

#include "cli/output/compare_pictures.h"
#include "cli/output/live_line.h"
#include "cli/output/page_template.h"
#include "cli/output/report_page.h"
#include "cli/output/terminal.h"
#include "cli/output/text.h"
#include "cli/output_file.h"
#include "pixmill/core/bytes_text.h"
#include "pixmill/core/error.h"
#include "pixmill/platform/cores.h"

// Made by cmake/ReportPages.cmake.
extern "C" const char pixmill_groups_html[], pixmill_groups_html_end[];
extern "C" const char pixmill_groups_css[], pixmill_groups_css_end[];

namespace pixmill::cli {
namespace {

constexpr int kSide = 240;                      // pixels of a picture's longer side
constexpr std::size_t kMostBytes = 40'000'000;  // of the page: browsers open that in a second or two
constexpr std::string_view kFlag = "--html";

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

std::string picture_of(const std::string& path) {
  try {
    return "<img alt=\"\" loading=\"lazy\" src=\"" + picture_address(path, kSide) + "\">";
  } catch (const Error& error) {
    return "<p><em>" + page_text(error.message()) + "</em></p>";
  }
}

// The pictures are read side by side.
std::string section(const Group& group, std::size_t number) {
  const auto at_once = static_cast<std::size_t>(std::max(platform::usable_cores(), 1));
  std::vector<std::string> pictures(group.size());
  std::vector<std::future<void>> work;
  for (std::size_t thread = 0; thread < std::min(at_once, group.size()); ++thread) {
    work.push_back(std::async(std::launch::async, [&, thread] {
      for (std::size_t i = thread; i < group.size(); i += at_once) pictures[i] = picture_of(group[i].path);
    }));
  }
  for (std::future<void>& one : work) one.get();
  std::int64_t extra = 0;
  for (const GroupMember& one : group) extra += one.kept() ? 0 : one.bytes;
  std::string html = "<h2>" + std::to_string(number) + " <span>" +
                     count_text(static_cast<std::int64_t>(group.size()), "picture") + ", " + bytes_text(extra) +
                     " more than one</span></h2>\n<div class=\"group\">\n";
  const Ranges ranges(group);
  for (std::size_t i = 0; i < group.size(); ++i) {
    html += std::string(group[i].kept() ? "<figure class=\"keep\">" : "<figure>") + pictures[i] + "<figcaption>" +
            caption(group[i], ranges) + "</figcaption></figure>\n";
  }
  return html + "</div>\n";
}

}  // namespace

void check_group_page(const std::filesystem::path& file, bool overwrite) {
  check_output_page(kFlag, file, overwrite);
}

void write_group_page(const std::filesystem::path& file, bool overwrite, const std::vector<Group>& groups, bool quiet,
                      const std::atomic<bool>& stop) {
  std::string sections;
  std::size_t shown = 0;
  LiveLine line;
  for (; shown < groups.size() && sections.size() < kMostBytes; ++shown) {
    if (stop) {
      line.clear();
      throw Error(ErrorCode::interrupted, std::string(kFlag) + ": " + file.string() + " was not written");
    }
    line.show(std::string(kFlag) + ": group " + std::to_string(shown + 1) + " of " + std::to_string(groups.size()));
    sections += section(groups[shown], shown + 1);
  }
  line.clear();
  std::string rest;
  if (shown < groups.size())
    rest = count_text(static_cast<std::int64_t>(groups.size() - shown), "more group") +
           " would have made the page too large.";
  const std::string title =
      count_text(static_cast<std::int64_t>(groups.size()), "group") + " of pictures that look alike";
  const std::string page =
      filled({pixmill_groups_html, pixmill_groups_html_end}, {{"mark", std::string(kHtmlMark)},
                                                              {"title", page_text(title)},
                                                              {"rest", page_text(rest)},
                                                              {"style", {pixmill_groups_css, pixmill_groups_css_end}},
                                                              {"groups", sections}});
  write_output_file(std::string(kFlag), file, page, overwrite);
  if (!quiet) {
    std::fprintf(stderr, "%s: %s, %s\n", printable(file.string()).c_str(), title.c_str(),
                 bytes_text(static_cast<std::int64_t>(page.size())).c_str());
  }
  if (!rest.empty()) std::fprintf(stderr, "note: --html: %s\n", rest.c_str());
}

}  // namespace pixmill::cli
