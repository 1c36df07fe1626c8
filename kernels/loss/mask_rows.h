// SPDX-License-Identifier: Apache-2.0
// Rows of the table of op cases that the losses of masks share: soft targets, and masks that are all empty or
// full.
#pragma once

#include "kernels/common/op_table.h"

namespace uls::kernels {

using LossRun = std::function<Tensor(const std::vector<Tensor>&)>;
using LossReference = std::function<Doubles(const std::vector<OpArgument>&)>;

inline void add_mask_rows(OpTable& table, const char* op, const std::vector<Shape>& shapes,
                          const LossRun& run, const LossReference& reference) {
  for (const Shape& shape : shapes)
    table.add(OpCase{
        op, to_string(shape), {{shape, -6, 6}, {shape, 0, 1, false}}, run, reference, count_elements(shape)});
  for (const double full : {0.0, 1.0})
    table.add(OpCase{op,
                     full == 0 ? "empty mask [2, 35]" : "full mask [2, 35]",
                     {{{2, 35}, -6, 6}, {{2, 35}, full, full, false}},
                     run,
                     reference,
                     70});
}

/// Six decoder layers of a batch of eight.
inline void add_mask_timing(OpTable& table, const char* op, const LossRun& run) {
  const double bytes = 48.0 * 14400 * sizeof(float);
  table.add(OpTiming{op,
                     "48x120x120",
                     {{{48, 120, 120}, -6, 6}, {{48, 120, 120}, 0, 1, false}},
                     run,
                     0,
                     0,
                     2 * bytes,
                     3 * bytes});
}

}  // namespace uls::kernels
