// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/spatial/conv2d/conv2d.h"
#include "models/layers/norm_layers.h"

namespace uls {

/// torch.nn.Conv2d with a square kernel. x: [B, H, W, in], y: [B, H', W', out].
class Conv {
 public:
  struct Options {
    std::int64_t kernel = 1, stride = 1, padding = 0;
    bool bias = true;
  };
  Conv(const ModelBuilder& b, std::int64_t in, std::int64_t out, Options options);

  Tensor operator()(const Tensor& x) const {
    return conv2d(x, weight, bias, {.stride = options.stride, .padding = options.padding});
  }

  Tensor weight, bias;  // [out, k, k, in]; [out] or undefined
  Options options;
};

/// Convolution without bias that keeps the size, batch norm, ReLU: nn.Sequential's children "0" and "1".
class ConvBatchNormRelu {
 public:
  ConvBatchNormRelu(const ModelBuilder& b, std::int64_t in, std::int64_t out, std::int64_t kernel, double eps,
                    double momentum);

  Tensor operator()(const Tensor& x, const Pass& pass) const;

 private:
  Conv conv_;
  BatchNorm norm_;
};

}  // namespace uls
