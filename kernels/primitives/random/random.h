// SPDX-License-Identifier: Apache-2.0
// Random tensors. Element i of a draw depends on the key and i alone (core/random/random_state.h).
#pragma once

#include "core/random/random_state.h"
#include "core/tensor/tensor.h"

namespace uls {

/// In place: uniform in [low, high), with 24 random bits an element; the rounding to y's type may give `high`
/// itself. y: floating, contiguous.
void fill_uniform_(Tensor& y, double low, double high, const RandomKey& key);
/// In place: normal with the given mean and standard deviation. y: floating, contiguous.
void fill_normal_(Tensor& y, double mean, double deviation, const RandomKey& key);

}  // namespace uls
