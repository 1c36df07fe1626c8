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
  /// [B], for logs: what total would be of each sample alone, without a weight of the sample. Type and
  /// history as of parts.
  Tensor samples;
};

/// What counts how much; an undefined one: everything, as 1.
struct MaskLossWeights {
  /// [B, Q, H, W], floating, in [0, 1]: of each element; 0 is left out. Any strides, without history.
  Tensor element;
  /// [B], floating, at least 0: of each sample, such as its task's. Any strides, without history.
  Tensor sample;
};

/// The losses of all decoder layers between target and the maps <query[l, b, q, :], pixel[b, h, w, :]>, in
/// one pass that stores no map: mask_head followed by bce_with_logits, dice and focal of each layer's map,
/// whose formulas and sources are there. With w and v the weights of elements and samples (1 without),
///   bce   = sum over b, q, i of v_b w_i (-t log p - (1 - t) log(1 - p)) / sum over b, q, i of w_i
///   dice  = sum over b, q of v_b (1 - (2 sum_i(w p t) + 1) / (sum_i(w p) + sum_i(w t) + 1)) / (B Q)
///   focal as bce, of its terms.
/// So what an element of weight 0 holds changes nothing, and a sample of weight 2 pulls twice as hard beside
/// the others. Where every element weighs 0 all losses are 0: there is nothing to learn from.
/// query: [layers, B, Q, C], at least one layer; pixel: [B, H, W, C], of one floating type; target:
/// [B, Q, H, W], floating, in [0, 1], without history; any strides. Maps are summed, and losses computed, in
/// float32 (float64 for float64). NaN without a sample or query, and bce and focal without a pixel.
/// Differentiable in query and pixel: backward computes the maps again.
MaskLoss mask_loss(const Tensor& query, const Tensor& pixel, const Tensor& target,
                   const MaskLossOptions& options = {}, const MaskLossWeights& weights = {});

}  // namespace uls
