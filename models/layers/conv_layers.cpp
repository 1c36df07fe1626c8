// SPDX-License-Identifier: Apache-2.0
#include "models/layers/conv_layers.h"

#include "kernels/pointwise/pointwise.h"

namespace uls {

Conv::Conv(const ModelBuilder& b, std::int64_t in, std::int64_t out, Options options) : options(options) {
  const auto init = InitialValues::fan_in(in * options.kernel * options.kernel);
  weight = b.parameter("weight", {out, options.kernel, options.kernel, in}, init, FileLayout::convolution);
  if (options.bias) bias = b.parameter("bias", {out}, init);
}

ConvBatchNormRelu::ConvBatchNormRelu(const ModelBuilder& b, std::int64_t in, std::int64_t out,
                                     std::int64_t kernel, double eps, double momentum)
    : conv_(b / 0, in, out, {.kernel = kernel, .padding = kernel / 2, .bias = false}),
      norm_(b / 1, out, eps, momentum) {}

Tensor ConvBatchNormRelu::operator()(const Tensor& x, const Pass& pass) const {
  return relu(norm_(conv_(x), pass));
}

}  // namespace uls
