// SPDX-License-Identifier: Apache-2.0
// Where a point lies in relation to an object's outline.
#pragma once

#include "data/scenes/scene.h"

namespace uls {

/// Distance of the farthest corner from the centre, in radii.
double shape_extent(SceneShape shape);

/// An object's outline, prepared for many points. Distances are in pixels, at most 0 inside; a point belongs
/// to the object where its distance is. Near a corner's outside they are lower bounds.
class SceneOutline {
 public:
  explicit SceneOutline(const SceneObject& object);
  double body(double x, double y) const;
  /// Of the whole bar, also where the body covers it; large where the object has none.
  double handle(double x, double y) const;
  /// From the centre to what lies farthest.
  double reach() const;

 private:
  const SceneObject& object_;
  int sides_ = 0;     // half planes; 0: a circle
  double inner_ = 0;  // their distance from the centre
  double normal_x_[5]{}, normal_y_[5]{};
  double bar_x_ = 0, bar_y_ = 0;
};

}  // namespace uls
