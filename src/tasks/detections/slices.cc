#include "tasks/detections/slices.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "pixmill/tasks/boxes.h"

namespace pixmill::tasks {
namespace {

constexpr double kFused = 0.55;  // IoU from which on boxes are fused, as in "Weighted boxes fusion" (Solovyev et al.)
constexpr double kInside = 0.5;  // share of the smaller of two boxes in the other, from which on they are one thing
constexpr float kWeak = 0.5F;    // a thing of less than this share of a piece's score does not swallow it
constexpr double kNearEdge = 0.015;  // of a window's side: a box that ends so near to its edge goes on behind it

// Where windows of `side` begin along `extent`.
std::vector<int> starts(int extent, int side, double overlap) {
  std::vector<int> found{0};
  const int step = std::max(1, static_cast<int>(std::lround(side * (1.0 - overlap))));
  while (found.back() + side < extent) found.push_back(std::min(found.back() + step, extent - side));
  return found;
}

double area_of(const Box& box) {
  return (static_cast<double>(box.right) - box.left) * (static_cast<double>(box.bottom) - box.top);
}

// How much of the smaller one is in the other.
double share_inside(const Box& a, const Box& b) {
  const double width = std::min(a.right, b.right) - std::max(a.left, b.left);
  const double height = std::min(a.bottom, b.bottom) - std::max(a.top, b.top);
  const double smaller = std::min(area_of(a), area_of(b));
  return width > 0 && height > 0 && smaller > 0 ? width * height / smaller : 0.0;
}

bool better(const Detection& a, const Detection& b) {
  return a.box.score > b.box.score;
}

// The sides are weighed by the scores, the score is the best one: a thing that one window saw well is as sure as that.
class Fused {
 public:
  explicit Fused(Detection best) : thing_(std::move(best)) { add(thing_.box); }

  bool takes(const Box& box, bool across_classes) const {
    return (across_classes || thing_.box.label == box.label) && iou(thing_.box, box) > kFused;
  }
  void add(const Box& box) {
    const double sides[] = {box.left, box.top, box.right, box.bottom};
    for (int i = 0; i < 4; ++i) sums_[i] += box.score * sides[i];
    weight_ += box.score;
    if (weight_ <= 0) return;
    thing_.box.left = static_cast<float>(sums_[0] / weight_);
    thing_.box.top = static_cast<float>(sums_[1] / weight_);
    thing_.box.right = static_cast<float>(sums_[2] / weight_);
    thing_.box.bottom = static_cast<float>(sums_[3] / weight_);
  }
  Detection take() { return std::move(thing_); }

 private:
  Detection thing_;
  double sums_[4] = {};
  double weight_ = 0;
};

// `things`: best first.
std::vector<Detection> fused(std::vector<Detection> things, bool across_classes) {
  std::vector<Fused> clusters;
  for (Detection& thing : things) {
    const auto found = std::find_if(clusters.begin(), clusters.end(),
                                    [&](const Fused& cluster) { return cluster.takes(thing.box, across_classes); });
    if (found == clusters.end()) {
      clusters.emplace_back(std::move(thing));
    } else {
      found->add(thing.box);
    }
  }
  std::vector<Detection> result;
  for (Fused& cluster : clusters) result.push_back(cluster.take());
  return result;
}

std::vector<Detection> without_twins(std::vector<Detection> things, const DetectOptions& how, std::size_t most) {
  std::vector<Box> boxes;
  for (const Detection& thing : things) boxes.push_back(thing.box);
  std::vector<Detection> kept;
  for (const std::size_t at :
       best_boxes(boxes, {.overlap = how.overlap, .across_classes = how.across_classes, .most = most}))
    kept.push_back(std::move(things[at]));
  return kept;
}

void unite(Detection& thing, const Detection& piece) {
  thing.box.left = std::min(thing.box.left, piece.box.left);
  thing.box.top = std::min(thing.box.top, piece.box.top);
  thing.box.right = std::max(thing.box.right, piece.box.right);
  thing.box.bottom = std::max(thing.box.bottom, piece.box.bottom);
  if (!thing.mask.empty() && !piece.mask.empty()) thing.mask = united(thing.mask, piece.mask);
}

// `pieces`: best first. Each goes to the thing that it is a part of, or stands for itself.
void add_cut(std::vector<Piece>& things, std::vector<Detection> pieces, bool across_classes) {
  for (Detection& piece : pieces) {
    const auto whole = std::find_if(things.begin(), things.end(), [&](const Piece& other) {
      const Box& box = other.thing.box;
      return (across_classes || box.label == piece.box.label) && box.score >= kWeak * piece.box.score &&
             share_inside(box, piece.box) > kInside;
    });
    if (whole == things.end()) {
      things.push_back({std::move(piece), true});
      continue;
    }
    whole->thing.box.score = std::max(whole->thing.box.score, piece.box.score);
    if (whole->cut) unite(whole->thing, piece);
  }
}

}  // namespace

std::vector<Rect> windows(Size picture, int side, double overlap) {
  if (picture.width <= side && picture.height <= side) return {};
  std::vector<Rect> all;
  for (const int y : starts(picture.height, side, overlap)) {
    for (const int x : starts(picture.width, side, overlap))
      all.push_back({x, y, std::min(side, picture.width), std::min(side, picture.height)});
  }
  return all;
}

Detection moved(Detection seen, const Rect& window, Size picture) {
  const auto x = static_cast<float>(window.x), y = static_cast<float>(window.y);
  seen.box.left += x;
  seen.box.right += x;
  seen.box.top += y;
  seen.box.bottom += y;
  for (Point& point : seen.points) point = {point.x + x, point.y + y};
  for (Polygon& polygon : seen.polygons) {
    for (Point& corner : polygon) corner = {corner.x + x, corner.y + y};
  }
  if (!seen.mask.empty()) seen.mask = placed(seen.mask, picture, window.x, window.y);
  return seen;
}

bool is_cut(const Box& box, const Rect& window, Size picture) {
  const auto near_x = static_cast<float>(kNearEdge * window.width);
  const auto near_y = static_cast<float>(kNearEdge * window.height);
  const int right = window.x + window.width, bottom = window.y + window.height;
  return (window.x > 0 && box.left < static_cast<float>(window.x) + near_x) ||
         (window.y > 0 && box.top < static_cast<float>(window.y) + near_y) ||
         (right < picture.width && box.right > static_cast<float>(right) - near_x) ||
         (bottom < picture.height && box.bottom > static_cast<float>(bottom) - near_y);
}

std::vector<Detection> merged(std::vector<Piece> pieces, const DetectOptions& how, std::size_t most) {
  std::vector<Detection> whole, cut;
  for (Piece& piece : pieces) (piece.cut ? cut : whole).push_back(std::move(piece.thing));
  std::stable_sort(whole.begin(), whole.end(), better);
  std::stable_sort(cut.begin(), cut.end(), better);
  whole = how.merge == Merge::fuse ? fused(std::move(whole), how.across_classes)
                                   : without_twins(std::move(whole), how, most);
  std::vector<Piece> things;
  for (Detection& thing : whole) things.push_back({std::move(thing), false});
  add_cut(things, std::move(cut), how.across_classes);
  std::vector<Detection> result;
  for (Piece& thing : things) result.push_back(std::move(thing.thing));
  std::stable_sort(result.begin(), result.end(), better);
  if (result.size() > most) result.resize(most);
  return result;
}

}  // namespace pixmill::tasks
