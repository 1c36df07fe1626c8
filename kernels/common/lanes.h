// SPDX-License-Identifier: Apache-2.0
// Sums and maxima along a row on the CPU: several independent lanes, so that the loop is vectorised without
// changing the order of additions from run to run, and so that rounding grows with the row's length over the
// lanes.
#pragma once

#include <cstdint>

namespace uls::kernels {

inline constexpr int kRowLanes = 32;

/// Combines kLanes (a power of two) of them pairwise, in a fixed order. Changes them.
template <int kLanes, typename A, typename Combine>
inline A fold_lanes(A* lanes, Combine combine) {
  // Unrolled, the loop would be scalar code before it could be vectorised.
#pragma GCC unroll 1
  for (int l = 0; l < kLanes / 2; ++l) lanes[l] = combine(lanes[l], lanes[l + kLanes / 2]);
  if constexpr (kLanes > 2) fold_lanes<kLanes / 2>(lanes, combine);
  return lanes[0];
}

/// Sum of the lanes. Changes them.
template <typename A, int kLanes>
A add_lanes(A (&lanes)[kLanes]) {
  return fold_lanes<kLanes>(lanes, [](A a, A b) { return a + b; });
}

/// Largest of the lanes; a NaN may be passed over. Changes them.
template <typename A, int kLanes>
A largest_lane(A (&lanes)[kLanes]) {
  return fold_lanes<kLanes>(lanes, [](A a, A b) { return b > a ? b : a; });
}

/// Sum of term(0) ... term(count - 1).
template <typename A, typename Term>
A lane_sum_of(std::int64_t count, Term term) {
  A lanes[kRowLanes] = {};
  std::int64_t i = 0;
  for (; i + kRowLanes <= count; i += kRowLanes)
    for (int l = 0; l < kRowLanes; ++l) lanes[l] += term(i + l);
  for (int l = 0; i < count; ++i, ++l) lanes[l] += term(i);
  return add_lanes(lanes);
}

template <typename A>
A lane_sum(const A* x, std::int64_t count) {
  return lane_sum_of<A>(count, [x](std::int64_t i) { return x[i]; });
}

/// Largest of x[0] ... x[count - 1], count >= 1; a NaN may be passed over.
template <typename A>
A lane_max(const A* x, std::int64_t count) {
  A lanes[kRowLanes];
  for (A& lane : lanes) lane = x[0];
  std::int64_t i = 0;
  for (; i + kRowLanes <= count; i += kRowLanes)
    for (int l = 0; l < kRowLanes; ++l) lanes[l] = x[i + l] > lanes[l] ? x[i + l] : lanes[l];
  for (int l = 0; i < count; ++i, ++l) lanes[l] = x[i] > lanes[l] ? x[i] : lanes[l];
  return largest_lane(lanes);
}

}  // namespace uls::kernels
