// Pictures side by side under headings, in one HTML file with nothing beside it.
#pragma once

#include <atomic>
#include <cstddef>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace pixmill::cli {

struct PagePicture {
  std::string path;
  std::string caption;  // HTML
  bool stands_out = false;
};

struct PageSection {
  std::string heading;  // HTML
  std::vector<PagePicture> pictures;
};

struct PicturePage {
  std::string title;       // plain text
  std::string_view thing;  // what a section is: "group"
  std::size_t sections = 0;
  std::function<PageSection(std::size_t)> section;
};

// Throws Error{usage} where the file may not be written: see check_output_file(). `--html` stands in its messages.
void check_picture_page(const std::filesystem::path& file, bool overwrite);

// Reads the pictures, and says on standard error what it wrote and, `quiet` or not, what it left out. Throws Error:
// unwritable, disk_full, interrupted.
void write_picture_page(const std::filesystem::path& file, bool overwrite, const PicturePage& page, bool quiet,
                        const std::atomic<bool>& stop);

}  // namespace pixmill::cli
