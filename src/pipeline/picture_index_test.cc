#include "pipeline/picture_index.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace pixmill::pipeline {
namespace {

SourceList list_of(const std::vector<std::string>& paths) {
  SourceList list;
  for (const std::string& path : paths) {
    const std::size_t slash = path.rfind('/');
    const std::string folder = slash == std::string::npos ? "" : path.substr(0, slash + 1);
    list.add(list.add_folder("photos/" + folder, folder, "photos", "/photos/" + folder), path.substr(folder.size()),
             false);
  }
  return list;
}

TEST(PictureIndex, FindsByPathThenByName) {
  const SourceList list =
      list_of({"a.jpg", "b.jpg", "one/c.jpg", "two/c.jpg", "images/train/d.jpg", "e.f.png", "g.jpg", "g.png"});
  const PictureIndex index(list);
  const auto found = [&](std::string_view name) {
    const PictureIndex::Match match = index.find(name);
    return match.picture         ? list.path_text(*match.picture) + (match.whole ? "!" : "")
           : match.among.empty() ? "none"
                                 : "several";
  };
  EXPECT_EQ(found("a"), "photos/a.jpg!");
  EXPECT_EQ(found("a.jpg"), "photos/a.jpg!");
  EXPECT_EQ(found("a.png"), "photos/a.jpg!");
  EXPECT_EQ(found("elsewhere/a.jpg"), "photos/a.jpg");
  EXPECT_EQ(found("../../photos/b.jpg"), "photos/b.jpg");
  EXPECT_EQ(found("..\\b.jpg"), "photos/b.jpg!");
  EXPECT_EQ(found("c"), "several");
  EXPECT_EQ(found("two/c"), "photos/two/c.jpg!");
  EXPECT_EQ(found("C:\\pictures\\two\\c.jpg"), "photos/two/c.jpg");
  EXPECT_EQ(found("labels/train/d"), "photos/images/train/d.jpg!");
  EXPECT_EQ(found("e.f"), "photos/e.f.png!");
  EXPECT_EQ(found("e"), "none");
  EXPECT_EQ(found("g"), "several");
  EXPECT_EQ(found("g.png"), "photos/g.png!");
  EXPECT_EQ(found("3f2b1c9d-a.jpg"), "photos/a.jpg!");
  EXPECT_EQ(found("3f2b1c9x-a.jpg"), "none");
  EXPECT_EQ(found(""), "none");
}

}  // namespace
}  // namespace pixmill::pipeline
