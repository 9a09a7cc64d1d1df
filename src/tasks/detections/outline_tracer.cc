#include "tasks/detections/outline_tracer.h"

#include <cstddef>
#include <utility>

namespace pixmill::tasks {
namespace {

// The border of a mask is made of edges one pixel wide, above and below its pixels, and of vertical lines between
// them. The edges of a column are numbered from the top, first those of the left columns: tops are even, bottoms odd.
// A line has the pixels inside on its right: tops are walked to the right, bottoms to the left.
using Edge = std::uint32_t;

bool is_top(Edge edge) {
  return edge % 2 == 0;
}

class Tracer {
 public:
  explicit Tracer(const RunMask& mask) {
    collect(mask);
    next_.resize(rows_.size());
    const int lines = static_cast<int>(first_.size()) - 1;
    for (int line = 0; line < lines; ++line)
      link({first_[line == 0 ? 0 : static_cast<std::size_t>(line) - 1], first_[static_cast<std::size_t>(line)]},
           {first_[static_cast<std::size_t>(line)], first_[static_cast<std::size_t>(line) + 1]});
  }

  std::vector<Loop> loops() const {
    std::vector<bool> seen(rows_.size());
    std::vector<Loop> all;
    for (std::size_t column = 0; column + 1 < first_.size(); ++column) {
      for (Edge edge = first_[column]; edge < first_[column + 1]; ++edge) {
        if (!seen[edge]) all.push_back(walk(edge, left_ + static_cast<int>(column), seen));
      }
    }
    return all;
  }

 private:
  struct Column {
    Edge begin = 0, end = 0;
  };

  // The edges of the columns that the mask reaches, and of an empty one behind them.
  void collect(const RunMask& mask) {
    const Rect around = bounds(mask);
    left_ = around.x;
    if (around.width == 0) return;
    first_.push_back(0);
    each_span(mask, [&](int x, int from, int to) {
      while (first_.size() <= static_cast<std::size_t>(x - left_)) first_.push_back(static_cast<Edge>(rows_.size()));
      rows_.push_back(from);
      rows_.push_back(to);
    });
    first_.push_back(static_cast<Edge>(rows_.size()));
    first_.push_back(static_cast<Edge>(rows_.size()));
  }

  // Says what follows the edges that end at the vertical line between two columns. From the top: `in_left` and
  // `in_right` tell whether the pixels beside the line are inside; where one is, a line runs between them, down with
  // the left one inside, else up. `open` is the edge from which it comes down or to which it goes up.
  void link(Column left, Column right) {
    bool in_left = false, in_right = false;
    Edge open = 0;
    while (left.begin < left.end || right.begin < right.end) {
      const int row_left = left.begin < left.end ? rows_[left.begin] : INT32_MAX;
      const int row_right = right.begin < right.end ? rows_[right.begin] : INT32_MAX;
      const bool down = in_left && !in_right, up = in_right && !in_left;
      if (row_left == row_right) {
        const Edge at_left = left.begin++, at_right = right.begin++;
        if (down) {  // the left pixel ends where the right one begins: two that touch at a corner
          next_[std::exchange(open, at_left)] = at_right;
        } else if (up) {
          next_[at_left] = std::exchange(open, at_right);
        } else if (is_top(at_left)) {
          next_[at_left] = at_right;
        } else {
          next_[at_right] = at_left;
        }
        in_left = !in_left;
        in_right = !in_right;
      } else if (row_left < row_right) {
        meet(left.begin++, down, up, open);
        in_left = !in_left;
      } else {
        meet(right.begin++, down, up, open);
        in_right = !in_right;
      }
    }
  }

  // An edge that begins or ends at a vertical line, with none on the other side.
  void meet(Edge edge, bool down, bool up, Edge& open) {
    if (down) {
      next_[open] = edge;
    } else if (up) {
      next_[edge] = open;
    } else {
      open = edge;
    }
  }

  Loop walk(Edge start, int column, std::vector<bool>& seen) const {
    Loop loop;
    Edge edge = start;
    do {
      seen[edge] = true;
      const int row = rows_[edge];
      loop.area += is_top(edge) ? -row : row;
      const Edge next = next_[edge];
      const int line = is_top(edge) ? column + 1 : column;  // the vertical one where the edge ends
      if (rows_[next] != row) {
        loop.corners.push_back({static_cast<float>(line), static_cast<float>(row)});
        loop.corners.push_back({static_cast<float>(line), static_cast<float>(rows_[next])});
      }
      column = is_top(next) ? line : line - 1;
      edge = next;
    } while (edge != start);
    return loop;
  }

  int left_ = 0;
  std::vector<int> rows_;    // of each edge
  std::vector<Edge> first_;  // of each column, and behind the last one
  std::vector<Edge> next_;   // after each edge
};

}  // namespace

std::vector<Loop> trace(const RunMask& mask) {
  return Tracer(mask).loops();
}

}  // namespace pixmill::tasks
