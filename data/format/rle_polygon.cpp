// SPDX-License-Identifier: Apache-2.0
// COCO's way from a polygon to a mask: the edges are walked on a grid of a fifth of a pixel, and where the
// walk crosses the middle of a column of pixels, the mask changes sides.
#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "core/base/error.h"
#include "data/format/rle.h"

namespace uls {
namespace {

constexpr double kGrid = 5;
// Far beyond every image; what lies farther out is no annotation but would take long to walk.
constexpr double kFarthest = 100'000;

struct Point {
  int x, y;  // on the grid
};

// Conversions to int cut towards zero, below zero too, as COCO's do.
int on_grid(double position) { return int(kGrid * position + .5); }

class Tracer {
 public:
  Tracer(std::int64_t height, std::int64_t width) : height_(height), width_(width) {}

  void edge(Point from, Point to) {
    const int dx = std::abs(to.x - from.x), dy = std::abs(to.y - from.y);
    const bool flat = dx >= dy;
    // Always walked in one direction, so that an edge shared by two polygons gives the same points.
    const bool backwards = flat ? from.x > to.x : from.y > to.y;
    if (backwards) std::swap(from, to);
    const int steps = std::max(dx, dy);
    const double slope = steps == 0 ? 0 : double(flat ? to.y - from.y : to.x - from.x) / steps;
    for (int step = 0; step <= steps; ++step) {
      const int t = backwards ? steps - step : step;
      visit(flat ? Point{from.x + t, int(from.y + slope * t + .5)}
                 : Point{int(from.x + slope * t + .5), from.y + t});
    }
  }

  Rle finish() && {
    std::ranges::sort(changes_);
    RleBuilder mask(height_, width_);
    std::int64_t done = 0;
    bool inside = false;
    for (const std::int64_t change : changes_) {
      mask.add(std::uint32_t(change - done), inside);
      done = change;
      inside = !inside;
    }
    mask.add(std::uint32_t(height_ * width_ - done), inside);
    return std::move(mask).finish();
  }

 private:
  void visit(Point point) {
    if (!first_ && point.x != last_.x) cross(point);
    first_ = false;
    last_ = point;
  }

  void cross(Point point) {
    const double x = (std::min(point.x, last_.x) + .5) / kGrid - .5;
    if (std::floor(x) != x || x < 0 || x > double(width_ - 1)) return;
    const double y = (std::min(point.y, last_.y) + .5) / kGrid - .5;
    changes_.push_back(std::int64_t(x) * height_ +
                       std::int64_t(std::ceil(std::clamp(y, 0., double(height_)))));
  }

  std::int64_t height_, width_;
  std::vector<std::int64_t> changes_;  // pixels, column by column, from which on the other side lies
  Point last_{0, 0};
  bool first_ = true;
};

}  // namespace

Rle polygon_mask(std::span<const double> xy, std::int64_t height, std::int64_t width) {
  check_mask_size("polygon_mask", height, width);
  ULS_CHECK(xy.size() >= 6 && xy.size() % 2 == 0,
            "polygon_mask: no polygon; got {} numbers; expected an even number, at least 6", xy.size());
  for (const double position : xy)
    ULS_CHECK(std::abs(position) <= kFarthest,
              "polygon_mask: coordinate out of range; got {}; expected {} to {}", position, -kFarthest,
              kFarthest);
  std::vector<Point> points;
  for (std::size_t i = 0; i < xy.size(); i += 2) points.push_back({on_grid(xy[i]), on_grid(xy[i + 1])});
  Tracer tracer(height, width);
  for (std::size_t i = 0; i < points.size(); ++i) tracer.edge(points[i], points[(i + 1) % points.size()]);
  return std::move(tracer).finish();
}

Rle box_mask(const Box& box, std::int64_t height, std::int64_t width) {
  const double left = box[0], top = box[1], right = left + box[2], bottom = top + box[3];
  return polygon_mask(std::array{left, top, left, bottom, right, bottom, right, top}, height, width);
}

}  // namespace uls
