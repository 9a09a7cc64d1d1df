#include "pixmill/tasks/shapes.h"

#include <algorithm>
#include <opencv2/imgproc.hpp>
#include <utility>

#include "tasks/detections/outline_tracer.h"

namespace pixmill::tasks {
namespace {

Polygon simplified(Polygon polygon, double tolerance) {
  static_assert(sizeof(Point) == sizeof(cv::Point2f));
  if (!(tolerance > 0) || polygon.size() < 4) return polygon;
  const cv::Mat corners(static_cast<int>(polygon.size()), 1, CV_32FC2, polygon.data());
  std::vector<cv::Point2f> fewer;
  cv::approxPolyDP(corners, fewer, tolerance, true);
  if (fewer.size() < 3 || fewer.size() >= polygon.size()) return polygon;
  std::transform(fewer.begin(), fewer.end(), polygon.begin(), [](cv::Point2f at) { return Point{at.x, at.y}; });
  polygon.resize(fewer.size());
  return polygon;
}

Polygon corners(const Box& box) {
  return {{box.left, box.top}, {box.right, box.top}, {box.right, box.bottom}, {box.left, box.bottom}};
}

}  // namespace

std::vector<Polygon> outlines(const RunMask& mask, double tolerance) {
  std::vector<Loop> loops = trace(mask);
  std::erase_if(loops, [](const Loop& loop) { return loop.area < 0; });
  std::stable_sort(loops.begin(), loops.end(), [](const Loop& a, const Loop& b) { return a.area > b.area; });
  std::vector<Polygon> polygons;
  polygons.reserve(loops.size());
  for (Loop& loop : loops) polygons.push_back(simplified(std::move(loop.corners), tolerance));
  return polygons;
}

bool has_holes(const RunMask& mask) {
  const std::vector<Loop> loops = trace(mask);
  return std::any_of(loops.begin(), loops.end(), [](const Loop& loop) { return loop.area < 0; });
}

std::vector<Polygon> polygons_of(const Detection& found, double tolerance) {
  std::vector<Polygon> polygons;
  if (found.mask.empty()) {
    for (const Polygon& polygon : found.polygons) polygons.push_back(simplified(polygon, tolerance));
  } else {
    polygons = outlines(found.mask, tolerance);
  }
  if (polygons.empty()) polygons.push_back(corners(found.box));
  return polygons;
}

RunMask mask_of(const Detection& found, Size picture) {
  if (!found.mask.empty()) return found.mask;
  return filled(found.polygons.empty() ? std::vector<Polygon>{corners(found.box)} : found.polygons, picture);
}

}  // namespace pixmill::tasks
