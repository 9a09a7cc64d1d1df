// COCO's JSON: lists of images, annotations and categories in any order. Read in pieces:
// memory is needed for the images, not for what is in them.
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "imports/fields.h"
#include "imports/formats.h"
#include "imports/json_elements.h"
#include "imports/json_masks.h"

namespace pixmill::imports {
namespace {

using nlohmann::json;

constexpr const char* kAnnotation =
    "an annotation is {\"image_id\": 1, \"category_id\": 1, \"bbox\": [x, y, width, height], \"segmentation\": [[x, y, "
    "...]]}, in pixels";
constexpr const char* kImage = "an image is {\"id\": 1, \"file_name\": \"a.jpg\", \"width\": 640, \"height\": 480}";
constexpr const char* kCategory = "a category is {\"id\": 1, \"name\": \"dog\"}";

class Coco {
 public:
  Coco(LabelFile& file, LabelSet& set) : file_(file), set_(set) {}

  void take(std::string_view key, const json& element) {
    if (key == "images") {
      image({file_, element, "an image", kImage});
    } else if (key.empty()) {
      throw Error(
          ErrorCode::unsupported, file_.shown() + ": a list of results alone, without names of files and classes",
          "put it beside the lists it belongs to: {\"images\": [...], \"categories\": [...], \"annotations\": [...]}");
    } else if (key == "annotations") {
      annotation({file_, element, "an annotation", kAnnotation});
    } else if (key == "categories") {
      const Fields fields(file_, element, "a category", kCategory);
      const std::int64_t id = fields.whole("id");
      set_.name_class(class_of(id), fields.text("name"), id);
    }
  }

  // What is said of pictures and classes that the lists do not have.
  void finish() {
    file_.line = 0;
    for (const auto& [id, picture] : undescribed_)
      set_.fail(picture, Error(ErrorCode::corrupt,
                               file_.shown() + ": an annotation of image " + id + ", which 'images' does not have",
                               "each image needs an entry with its file name"));
  }

 private:
  // An id is a number, in some files a text.
  std::string id_of(const Fields& fields, const char* key) const {
    const json* id = fields.find(key);
    if (id == nullptr) fields.fail_key(key, "number");
    return id->is_string() ? id->get<std::string>() : std::to_string(fields.whole(key));
  }

  int picture_of(const std::string& id) {
    const auto [known, fresh] = pictures_.try_emplace(id, 0);
    if (fresh) {
      known->second = set_.add_picture();
      undescribed_.emplace(id, known->second);
    }
    return known->second;
  }

  int class_of(std::int64_t id) {
    const auto [known, fresh] = classes_.try_emplace(id, 0);
    if (fresh) known->second = set_.new_class("category " + std::to_string(id));
    return known->second;
  }

  void image(const Fields& fields) {
    const std::string id = id_of(fields, "id");
    const int picture = picture_of(id);
    if (undescribed_.erase(id) == 0)
      set_.fail(picture, Error(ErrorCode::corrupt,
                               file_.shown() + ":" + std::to_string(file_.line) + ": two images have the id " + id,
                               "the ids of a file's images must differ"));
    try {
      set_.describe(picture, fields.text("file_name"), fields.size("width", "height"));
    } catch (const Error& error) {
      set_.fail(picture, with_place(error, file_));
    }
  }

  void annotation(const Fields& fields) {
    const int picture = picture_of(id_of(fields, "image_id"));
    try {
      if (fields.number_or("iscrowd", 0) != 0) return set_.warn("crowds were left out (\"iscrowd\": 1)");
      set_.add(picture, thing_of(fields));
    } catch (const Error& error) {
      set_.fail(picture, with_place(error, file_));
    }
  }

  Thing thing_of(const Fields& fields) {
    Thing thing;
    thing.line = file_.line;
    tasks::Box& box = thing.what.box;
    box.label = class_of(fields.whole("category_id"));
    box.score = static_cast<float>(fields.number_or("score", 1));
    if (const json* list = fields.find("bbox"); list != nullptr && !(list->is_array() && list->empty())) {
      if (!list->is_array() || list->size() != 4) fields.fail("has a 'bbox' that is not [x, y, width, height]");
      const double x = fields.number_of((*list)[0]), y = fields.number_of((*list)[1]);
      box.left = static_cast<float>(x);
      box.top = static_cast<float>(y);
      box.right = static_cast<float>(x + fields.number_of((*list)[2]));
      box.bottom = static_cast<float>(y + fields.number_of((*list)[3]));
      thing.boxed = true;
    }
    if (const json* shape = fields.find("segmentation")) read_shape(fields, *shape, thing.what);
    const bool shaped = !thing.what.polygons.empty() || !thing.what.mask.empty();
    if (!thing.boxed && !shaped) fields.fail("has neither 'bbox' nor 'segmentation'");
    return thing;
  }

  static void read_shape(const Fields& fields, const json& shape, tasks::Detection& what) {
    if (shape.is_array()) {
      for (const json& one : shape) what.polygons.push_back(fields.flat_polygon(one));
      return;
    }
    what.mask = coco_mask({fields.file(), shape, "a segmentation", kAnnotation});
  }

  LabelFile& file_;
  LabelSet& set_;
  std::unordered_map<std::string, int> pictures_, undescribed_;  // by id
  std::unordered_map<std::int64_t, int> classes_;
};

}  // namespace

void read_coco(LabelFile& file, LabelSet& set) {
  Coco coco(file, set);
  each_element(file, [&](std::string_view key, const json& element) { coco.take(key, element); });
  coco.finish();
}

bool is_coco(std::string_view head) {
  const FirstKeys keys = first_keys(head);
  if (keys.of_list) return keys.has("image_id") && keys.has("category_id");
  return keys.has("annotations") || keys.has("images") || keys.has("categories");
}

}  // namespace pixmill::imports
