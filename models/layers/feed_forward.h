// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "models/layers/linear_layer.h"
#include "models/pass.h"

namespace uls {

/// Two linear layers with an activation between: last(dropout(activation(first(x)))).
class FeedForward {
 public:
  FeedForward(Linear first, Linear last, Activation activation, double dropout = 0)
      : first_(std::move(first)), last_(std::move(last)), activation_(activation), dropout_(dropout) {}

  Tensor operator()(const Tensor& x, const Pass& pass) const;

 private:
  Linear first_, last_;
  Activation activation_;
  double dropout_;
};

}  // namespace uls
