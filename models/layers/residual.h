// SPDX-License-Identifier: Apache-2.0
// The two ways in which blocks add their branches to what they got, each with the norm in the same pass.
#pragma once

#include "models/layers/norm_layers.h"

namespace uls {

/// Pre-norm: a sum that runs through all blocks, and the branch that is still to be added to it. The next
/// norm, which belongs to the next branch, takes both.
struct ResidualStream {
  Tensor x;              // [..., C]
  Tensor branch;         // as x, or undefined
  double drop_path = 0;  // of the pending branch

  /// Adds the branch; the result is the norm of the sum.
  Tensor next(const LayerNorm& norm, const Pass& pass);
  /// The sum alone.
  Tensor finish(const Pass& pass);
};

/// Post-norm: norm(x + dropout(branch)).
Tensor add_and_norm(const LayerNorm& norm, const Tensor& x, const Tensor& branch, double dropout,
                    const Pass& pass);

}  // namespace uls
