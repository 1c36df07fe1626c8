// SPDX-License-Identifier: Apache-2.0
// What mask_head and mask_loss ask of queries and pixels.
#pragma once

#include "kernels/common/checks.h"

namespace uls::kernels {

inline void check_mask_inputs(const char* op, const Tensor& query, const Tensor& pixel) {
  check_floating(op, "query", query);
  check_same_kind(op, "pixel", pixel, query);
  ULS_CHECK(query.rank() == 4 && pixel.rank() == 4 && query.size(1) == pixel.size(0) &&
                query.size(3) == pixel.size(3),
            "{}: query and pixel do not fit; got {} and {}; expected [layers, B, Q, C] and [B, H, W, C]", op,
            to_string(query.shape()), to_string(pixel.shape()));
}

// Of the products of queries [layers, B, Q, C] and pixels [B, P, C].
inline double mask_product_flops(const Tensor& query, const Tensor& pixel) {
  return 2.0 * double(query.numel()) * double(pixel.size(1));
}

}  // namespace uls::kernels
