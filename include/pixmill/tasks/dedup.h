// Pictures that look alike: what is looked at in each, and which belong together.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "pixmill/config/values.h"
#include "pixmill/core/image.h"
#include "pixmill/core/picture_hash.h"
#include "pixmill/core/quality.h"
#include "pixmill/tasks/task.h"

namespace pixmill::tasks {

// Of its records.
inline constexpr std::string_view kFace = "face/1";

// What a picture is recognised by.
struct Face {
  Size size;          // in its file
  Measured measured;  // to choose the best of a group by
  PictureHashes hashes;

  bool operator==(const Face&) const = default;
};

// Makes a record of each picture. Large JPEGs are read smaller, no smaller than measure_quality() reads them. With
// `vectors`, a task that makes records of the same picture, those too.
std::unique_ptr<Task> make_face_task(std::unique_ptr<Task> vectors = nullptr);

std::vector<std::byte> pack_face(const Face& face);
// Throws Error{corrupt}, which names the picture: of another kind, or damaged.
Face unpack_face(std::string_view kind, std::span<const std::byte> body, std::string_view picture);

struct AlikeOptions {
  int perceptual = 10;   // bits of pHash that may differ, 0..kMostBits
  int difference = 14;   // and of dHash
  bool mirrored = true;  // left and right may have changed places
  bool turned = false;   // any of the eight ways to turn and mirror
  static constexpr int kMostBits = 19;
};

// Of dedup_flags().
AlikeOptions read_alike(const config::Values& values);

// Does act(0) .. act(count - 1), in any order, perhaps side by side.
using ForEach = std::function<void(int count, const std::function<void(int)>& act)>;

// Two that are alike for another reason than their hashes, as indices; the smaller one first.
using AlikePair = std::pair<std::uint32_t, std::uint32_t>;

// Groups of pictures that look alike, or are in `more`, as indices into `faces`; at least two in each, the smallest
// index first; groups in the order of their first. Each member of a group is alike one of it, the middle: pictures that
// change little by little into something else are several groups. A picture that is of one colour is alike none.
std::vector<std::vector<std::uint32_t>> groups_of_alike(std::span<const Face> faces, const AlikeOptions& options,
                                                        const ForEach& for_each, std::span<const AlikePair> more = {});

}  // namespace pixmill::tasks
