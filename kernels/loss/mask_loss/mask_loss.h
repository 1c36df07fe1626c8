// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "core/tensor/tensor.h"

namespace uls {

struct MaskLossOptions {
  double bce = 1, dice = 1, focal = 0;  ///< weights of the losses, at least 0; a loss of weight 0 is left out
  double alpha = 0.25, gamma = 2;       ///< of the focal loss
  std::vector<double> layer_weights{};  ///< one for each decoder layer, at least 0; none: all 1

  double layer_weight(std::int64_t layer) const {
    return layer_weights.empty() ? 1 : layer_weights[std::size_t(layer)];
  }
};

struct MaskLoss {
  /// []: sum over layers of layer weight (bce + dice + focal, each by its weight). Of query's type.
  Tensor total;
  /// [layers, 3], for logs: bce, dice and focal of each layer, without weights; 0 for one that is left out.
  /// float32, float64 for float64. Not differentiable.
  Tensor parts;
};

/// The losses of all decoder layers between target and the maps <query[l, b, q, :], pixel[b, h, w, :]>, in
/// one pass that stores no map: mask_head followed by bce_with_logits, dice and focal of each layer's map,
/// whose formulas and sources are there. bce and focal are means over all elements of the layer's maps; for
/// dice a sample is one map, so it is the mean over samples and queries. query: [layers, B, Q, C], at least
/// one layer; pixel: [B, H, W, C], of one floating type; target: [B, Q, H, W], floating, in [0, 1], without
/// history; any strides. Maps are summed, and losses computed, in float32 (float64 for float64). NaN without
/// a sample or query, and bce and focal without a pixel. Differentiable in query and pixel: backward computes
/// the maps again.
MaskLoss mask_loss(const Tensor& query, const Tensor& pixel, const Tensor& target,
                   const MaskLossOptions& options = {});

}  // namespace uls
