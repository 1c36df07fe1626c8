// SPDX-License-Identifier: Apache-2.0
// Learning rates over time: each function gives the factor of the base learning rate at a step, counted from
// 0 (or at an epoch: the arithmetic is the same). A warm-up multiplies the factor of a schedule.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numbers>
#include <span>

namespace uls::schedule {

inline double constant(std::int64_t /*step*/) { return 1; }

/// gamma for each milestone that the step has reached, as torch's MultiStepLR.
inline double multi_step(std::int64_t step, std::span<const std::int64_t> milestones, double gamma = 0.1) {
  return std::pow(gamma, double(std::ranges::count_if(milestones, [=](auto m) { return m <= step; })));
}

/// (1 - step / total)^power, 0 from `total` on, as torch's PolynomialLR.
inline double poly(std::int64_t step, std::int64_t total, double power = 0.9) {
  return step < total ? std::pow(1 - double(step) / double(total), power) : 0;
}

/// Half a cosine from 1 down to `last`, which stays from `total` on, as torch's CosineAnnealingLR with
/// eta_min = last base.
inline double cosine(std::int64_t step, std::int64_t total, double last = 0) {
  const double angle = step < total ? std::numbers::pi * double(step) / double(total) : std::numbers::pi;
  return last + (1 - last) * (1 + std::cos(angle)) / 2;
}

/// A line from `first` at step 0 to 1 at step `steps`, then 1, as torch's LinearLR.
inline double linear_warm_up(std::int64_t step, std::int64_t steps, double first) {
  return step < steps ? first + (1 - first) * double(step) / double(steps) : 1;
}

}  // namespace uls::schedule
