// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/tensor/tensor.h"

namespace uls {

struct AddLayerNormOptions {
  double eps = 1e-5;
  double dropout = 0;    // probability that an element of the branch becomes 0
  double drop_path = 0;  // probability that a sample of the branch becomes 0 as a whole
};

struct AddLayerNorm {
  Tensor sum, y;
};

/// The end of a residual branch and the norm that follows it, in one pass over memory each way:
///   sum = x + drop_path(dropout(branch)),  y = layer_norm(sum, weight, bias, eps).
/// Blocks that normalise first go on with both, blocks that normalise last with y alone; a result that is not
/// used costs nothing in the gradient. Masks are those of dropout and drop_path, under the keys that these
/// would draw from RandomState; a probability of 0 draws none. In the half types y is of the rounded sum.
/// x: [B, ..., C], floating, any strides; dimension 0 counts samples. branch: of x's shape and type. weight,
/// bias: [C] of x's type, or both undefined. Returns two tensors of x's shape, contiguous. Statistics in
/// float32 (float64 for float64). Differentiable in x, branch, weight and bias.
AddLayerNorm add_layer_norm(const Tensor& x, const Tensor& branch, const Tensor& weight, const Tensor& bias,
                            const AddLayerNormOptions& options = {});

}  // namespace uls
