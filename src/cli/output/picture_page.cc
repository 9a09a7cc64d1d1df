#include "cli/output/picture_page.h"

#include <algorithm>
#include <cstdio>
#include <future>

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
extern "C" const char pixmill_pictures_html[], pixmill_pictures_html_end[];
extern "C" const char pixmill_pictures_css[], pixmill_pictures_css_end[];

namespace pixmill::cli {
namespace {

constexpr int kSide = 240;                      // pixels of a picture's longer side
constexpr std::size_t kMostBytes = 40'000'000;  // of the page: browsers open that in a second or two
constexpr std::string_view kFlag = "--html";

std::string picture_of(const std::string& path) {
  try {
    return "<img alt=\"\" loading=\"lazy\" src=\"" + picture_address(path, kSide) + "\">";
  } catch (const Error& error) {
    return "<p><em>" + page_text(error.message()) + "</em></p>";
  }
}

// The pictures are read side by side.
std::string html_of(const PageSection& section) {
  const std::vector<PagePicture>& all = section.pictures;
  const auto at_once = static_cast<std::size_t>(std::max(platform::usable_cores(), 1));
  std::vector<std::string> pictures(all.size());
  std::vector<std::future<void>> work;
  for (std::size_t thread = 0; thread < std::min(at_once, all.size()); ++thread) {
    work.push_back(std::async(std::launch::async, [&, thread] {
      for (std::size_t i = thread; i < all.size(); i += at_once) pictures[i] = picture_of(all[i].path);
    }));
  }
  for (std::future<void>& one : work) one.get();
  std::string html = "<h2>" + section.heading + "</h2>\n<div class=\"group\">\n";
  for (std::size_t i = 0; i < all.size(); ++i) {
    html += std::string(all[i].stands_out ? "<figure class=\"keep\">" : "<figure>") + pictures[i] + "<figcaption>" +
            all[i].caption + "</figcaption></figure>\n";
  }
  return html + "</div>\n";
}

}  // namespace

void check_picture_page(const std::filesystem::path& file, bool overwrite) {
  check_output_page(kFlag, file, overwrite);
}

void write_picture_page(const std::filesystem::path& file, bool overwrite, const PicturePage& page, bool quiet,
                        const std::atomic<bool>& stop) {
  std::string sections;
  std::size_t shown = 0;
  LiveLine line;
  for (; shown < page.sections && sections.size() < kMostBytes; ++shown) {
    if (stop) {
      line.clear();
      throw Error(ErrorCode::interrupted, std::string(kFlag) + ": " + file.string() + " was not written");
    }
    line.show(std::string(kFlag) + ": " + std::string(page.thing) + " " + std::to_string(shown + 1) + " of " +
              std::to_string(page.sections));
    sections += html_of(page.section(shown));
  }
  line.clear();
  std::string rest;
  if (shown < page.sections)
    rest = count_text(static_cast<std::int64_t>(page.sections - shown), "more " + std::string(page.thing)) +
           " would have made the page too large.";
  const std::string html = filled({pixmill_pictures_html, pixmill_pictures_html_end},
                                  {{"mark", std::string(kHtmlMark)},
                                   {"title", page_text(page.title)},
                                   {"rest", page_text(rest)},
                                   {"style", {pixmill_pictures_css, pixmill_pictures_css_end}},
                                   {"sections", sections}});
  write_output_file(std::string(kFlag), file, html, overwrite);
  if (!quiet) {
    std::fprintf(stderr, "%s: %s, %s\n", printable(file.string()).c_str(), printable(page.title).c_str(),
                 bytes_text(static_cast<std::int64_t>(html.size())).c_str());
  }
  if (!rest.empty()) std::fprintf(stderr, "note: --html: %s\n", rest.c_str());
}

}  // namespace pixmill::cli
