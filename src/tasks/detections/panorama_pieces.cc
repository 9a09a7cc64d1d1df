// Things that several views of a sphere show become one.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numeric>
#include <utility>
#include <vector>

#include "tasks/detections/panorama.h"

namespace pixmill::tasks {
namespace {

constexpr double kSame = 0.5;          // share of the smaller one in the other, where both views look
constexpr double kLeastCommon = 0.02;  // share of a thing that the other view must see at all
constexpr double kLeastBest = 0.05;    // a cut piece of which other views see more, and find nothing, is none
constexpr float kWeak = 0.5F;  // a piece of less than this share of the best score adds nothing to a whole thing

// Whether of those views that see a pixel this one has it nearest to its middle.
bool is_best(const Sphere& sphere, const std::vector<std::size_t>& views, std::size_t view, int x, int y) {
  const float own = sphere.nearness(sphere_views()[view], x, y);
  return std::none_of(views.begin(), views.end(), [&](std::size_t other) {
    const float its = sphere.nearness(sphere_views()[other], x, y);
    const bool nearer = its > own || (its == own && other < view);
    return other != view && nearer && sphere.place(sphere_views()[other], x, y);
  });
}

std::vector<std::size_t> all_views() {
  std::vector<std::size_t> all(sphere_views().size());
  std::iota(all.begin(), all.end(), 0);
  return all;
}

struct Member {
  SphericPiece piece;
  Rect around;
  std::int64_t pixels = 0;
  std::vector<double> shares;  // of its pixels in each view
  double best_share = 0;       // of its pixels, those that no other view has nearer to its middle
};

// Of some thousand of its pixels.
void measure_views(Member& member, const Sphere& sphere) {
  constexpr std::int64_t kSamples = 5000;
  const std::int64_t step = std::max<std::int64_t>(1, member.pixels / kSamples);
  const std::vector<std::size_t> all = all_views();
  member.shares.assign(all.size(), 0.0);
  std::int64_t count = 0, next = 0, at = 0;
  each_span(member.piece.thing.mask, [&](int x, int from, int to) {
    for (; next < at + (to - from); next += step) {
      const int y = from + static_cast<int>(next - at);
      ++count;
      for (const std::size_t i : all) member.shares[i] += sphere.place(sphere_views()[i], x, y) ? 1 : 0;
      member.best_share += is_best(sphere, all, member.piece.view, x, y) ? 1 : 0;
    }
    at += to - from;
  });
  for (double& share : member.shares) share /= static_cast<double>(std::max<std::int64_t>(count, 1));
  member.best_share /= static_cast<double>(std::max<std::int64_t>(count, 1));
}

bool are_apart(const Rect& a, const Rect& b) {
  return a.x + a.width <= b.x || b.x + b.width <= a.x || a.y + a.height <= b.y || b.y + b.height <= a.y;
}

// Pieces of one thing, best first.
class Cluster {
 public:
  explicit Cluster(Member first) { members_.push_back(std::move(first)); }

  const Box& best() const { return members_.front().piece.thing.box; }

  bool has(const Member& other) const {
    return std::any_of(members_.begin(), members_.end(), [&](const Member& one) { return are_one(one, other); });
  }

  // A piece that no edge of its view cuts.
  bool has_whole() const {
    return std::any_of(members_.begin(), members_.end(), [](const Member& one) { return !one.piece.cut; });
  }

  // That of a thing of which each view shows a part only.
  void add(Cluster other) {
    for (Member& member : other.members_) members_.push_back(std::move(member));
  }

  void add(Member member) {
    const bool whole = !members_.front().piece.cut;
    if (whole && member.piece.thing.box.score < kWeak * best().score) return;
    members_.push_back(std::move(member));
  }

  // `all`: each pixel asks the best of all views, not of those that show the thing.
  Detection take(const Sphere& sphere, bool all) {
    Detection thing = members_.front().piece.thing;
    const auto whole = std::find_if(members_.begin(), members_.end(), [](const Member& one) { return !one.piece.cut; });
    if (!members_.front().piece.has_shape && whole != members_.end()) {
      thing.mask = whole->piece.thing.mask;  // boxes of two views have no common edge
    } else if (members_.size() > 1 || all) {
      thing.mask = joined(sphere, all);
    }
    const Rect around = bounds(thing.mask);
    const Size size = thing.mask.size;
    thing.box.left = static_cast<float>(around.x);
    thing.box.top = static_cast<float>(around.y);
    thing.box.right = static_cast<float>(std::min(size.width, around.x + around.width));
    thing.box.bottom = static_cast<float>(std::min(size.height, around.y + around.height));
    return thing;
  }

 private:
  static bool are_one(const Member& a, const Member& b) {
    const double a_seen = a.shares[b.piece.view], b_seen = b.shares[a.piece.view];
    if (std::max(a_seen, b_seen) < kLeastCommon || are_apart(a.around, b.around)) return false;
    const double both = static_cast<double>(a.pixels + b.pixels - area(united(a.piece.thing.mask, b.piece.thing.mask)));
    const double common = std::min(a_seen * static_cast<double>(a.pixels), b_seen * static_cast<double>(b.pixels));
    return both > kSame * common;
  }

  RunMask joined(const Sphere& sphere, bool all) const {
    std::vector<std::size_t> views = all_views();
    std::erase_if(views, [&](std::size_t i) {
      return !all && std::none_of(members_.begin(), members_.end(),
                                  [&](const Member& member) { return member.piece.view == i; });
    });
    Rect around = members_.front().around;
    for (const Member& member : members_) around = around_both(around, member.around);
    Image bitmap({around.width, around.height}, 1);
    for (int y = 0; y < around.height; ++y) std::fill_n(bitmap.row<std::uint8_t>(y), around.width, std::uint8_t{0});
    for (const Member& member : members_) {
      each_span(member.piece.thing.mask, [&](int x, int from, int to) {
        for (int y = from; y < to; ++y) {
          if (is_best(sphere, views, member.piece.view, x, y))
            bitmap.row<std::uint8_t>(y - around.y)[x - around.x] = 255;
        }
      });
    }
    return mask_of_bitmap(bitmap, sphere.size(), around.x, around.y);
  }

  static Rect around_both(const Rect& a, const Rect& b) {
    const int x = std::min(a.x, b.x), y = std::min(a.y, b.y);
    return {x, y, std::max(a.x + a.width, b.x + b.width) - x, std::max(a.y + a.height, b.y + b.height) - y};
  }

  std::vector<Member> members_;
};

Member member_of(SphericPiece piece, const Sphere& sphere, bool by_pixels) {
  Member member;
  member.piece = std::move(piece);
  const RunMask& mask = member.piece.thing.mask;
  member.around = bounds(mask);
  member.pixels = area(mask);
  if (!by_pixels) measure_views(member, sphere);
  return member;
}

// The piece goes to the first cluster that shows the same. Others that it shows too are one with that: the piece is the
// middle of a large thing; but two that a view showed whole stay two.
void add_to(std::vector<Cluster>& clusters, Member member, bool by_pixels, bool across_classes) {
  std::vector<std::size_t> same;
  for (std::size_t i = 0; i < clusters.size(); ++i) {
    const bool of_class = clusters[i].best().label == member.piece.thing.box.label;
    if (by_pixels ? of_class : (of_class || across_classes) && clusters[i].has(member)) same.push_back(i);
  }
  if (same.empty()) {
    const bool others_see_more = !by_pixels && member.piece.cut && member.best_share < kLeastBest;
    if (!others_see_more) clusters.emplace_back(std::move(member));
    return;
  }
  Cluster& first = clusters[same.front()];
  for (std::size_t i = same.size() - 1; i > 0; --i) {
    Cluster& other = clusters[same[i]];
    if (first.has_whole() && other.has_whole()) continue;
    first.add(std::move(other));
    clusters.erase(clusters.begin() + static_cast<std::ptrdiff_t>(same[i]));
  }
  first.add(std::move(member));
}

}  // namespace

std::vector<Detection> assembled(std::vector<SphericPiece> pieces, const Sphere& sphere, bool by_pixels,
                                 bool across_classes, std::size_t most) {
  std::stable_sort(pieces.begin(), pieces.end(),
                   [](const SphericPiece& a, const SphericPiece& b) { return a.thing.box.score > b.thing.box.score; });
  std::vector<Cluster> clusters;
  for (SphericPiece& piece : pieces)
    add_to(clusters, member_of(std::move(piece), sphere, by_pixels), by_pixels, across_classes);
  std::vector<Detection> things;
  for (Cluster& cluster : clusters) {
    Detection thing = cluster.take(sphere, by_pixels);
    if (area(thing.mask) > 0) things.push_back(std::move(thing));
    if (things.size() == most) break;
  }
  return things;
}

}  // namespace pixmill::tasks
