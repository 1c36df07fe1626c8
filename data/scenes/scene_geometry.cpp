// SPDX-License-Identifier: Apache-2.0
#include "data/scenes/scene_geometry.h"

#include <algorithm>
#include <cmath>

namespace uls {
namespace {

constexpr double kPi = 3.14159265358979323846;

}  // namespace

double shape_extent(SceneShape shape) {
  switch (shape) {
    case SceneShape::circle:
      return 1;
    case SceneShape::square:
      return 1.2;
    case SceneShape::triangle:
      return 1.3;
    default:
      return 1.35;
  }
}

SceneOutline::SceneOutline(const SceneObject& object) : object_(object) {
  const double corner = shape_extent(object.shape) * object.radius;
  double turn = 0;  // from one half plane's normal to the corner that comes first
  if (object.shape == SceneShape::square) sides_ = 4, turn = kPi / 4;
  if (object.shape == SceneShape::triangle) sides_ = 3, turn = kPi / 3;
  // A side of the five-pointed star joins corners that are two apart.
  if (object.shape == SceneShape::star) sides_ = 5, turn = 2 * kPi / 5;
  inner_ = corner * std::cos(turn);
  // The square stands on a side, the others have a corner on top.
  const double first = object.rotation - kPi / 2 + (sides_ == 4 ? 0 : turn);
  for (int k = 0; k < sides_; ++k) {
    normal_x_[k] = std::cos(first + 2 * kPi * k / sides_);
    normal_y_[k] = std::sin(first + 2 * kPi * k / sides_);
  }
  if (object.handle) bar_x_ = std::cos(object.handle->angle), bar_y_ = std::sin(object.handle->angle);
}

double SceneOutline::body(double x, double y) const {
  const double u = x - object_.x, v = y - object_.y;
  if (sides_ == 0) return std::sqrt(u * u + v * v) - object_.radius;
  // Inside a convex shape no half plane is violated; inside a star at most one is.
  double most = -1e9, second = -1e9;
  for (int k = 0; k < sides_; ++k) {
    const double distance = u * normal_x_[k] + v * normal_y_[k] - inner_;
    second = std::max(second, std::min(most, distance));
    most = std::max(most, distance);
  }
  return sides_ == 5 ? second : most;
}

double SceneOutline::handle(double x, double y) const {
  if (!object_.handle) return 1e9;
  const double u = x - object_.x, v = y - object_.y;
  const double along = u * bar_x_ + v * bar_y_, across = v * bar_x_ - u * bar_y_;
  return std::max({along - object_.handle->reach, -along, std::abs(across) - object_.handle->half_width});
}

double SceneOutline::reach() const {
  const double body = shape_extent(object_.shape) * object_.radius;
  return object_.handle ? std::max(body, std::hypot(object_.handle->reach, object_.handle->half_width))
                        : body;
}

}  // namespace uls
