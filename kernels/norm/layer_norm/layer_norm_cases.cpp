// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include "kernels/common/op_table.h"
#include "kernels/norm/layer_norm/layer_norm.h"

namespace uls::kernels {
namespace {

constexpr double kEps = 1e-5;

Tensor run(const std::vector<Tensor>& in) {
  return in.size() == 3 ? layer_norm(in[0], in[1], in[2], kEps) : layer_norm(in[0], {}, {}, kEps);
}

Doubles reference(const std::vector<OpArgument>& in) {
  Doubles y = in[0].values;
  const std::size_t channels = std::size_t(in[0].shape.back());
  for (std::size_t row = 0; row < y.size(); row += channels) {
    double mean = 0, variance = 0;
    for (std::size_t c = 0; c < channels; ++c) mean += y[row + c] / double(channels);
    for (std::size_t c = 0; c < channels; ++c) variance += std::pow(y[row + c] - mean, 2) / double(channels);
    for (std::size_t c = 0; c < channels; ++c) {
      y[row + c] = (y[row + c] - mean) / std::sqrt(variance + kEps);
      if (in.size() == 3) y[row + c] = y[row + c] * in[1].values[c] + in[2].values[c];
    }
  }
  return y;
}

}  // namespace

void layer_norm_cases(OpTable& table) {
  for (const Shape& shape : {Shape{2, 5, 6}, Shape{3, 1}, Shape{0, 8}, Shape{7}, Shape{4, 67}}) {
    const Shape channels{shape.back()};
    table.add(OpCase{
        "layer_norm", to_string(shape), {{shape}, {channels}, {channels}}, run, reference, shape.back()});
  }
  table.add(OpCase{"layer_norm", "no weight [3, 9]", {{{3, 9}}}, run, reference, 9});
  for (const Shape& shape : {Shape{14400, 128}, Shape{14400, 512}, Shape{900, 512}, Shape{225, 1024}}) {
    const Shape channels{shape.back()};
    const double bytes = double(count_elements(shape)) * sizeof(float);
    table.add(OpTiming{"layer_norm",
                       std::to_string(shape[0]) + "x" + std::to_string(shape[1]),
                       {{shape}, {channels}, {channels}},
                       run,
                       0,
                       0,
                       2 * bytes,
                       3 * bytes});
  }
}

}  // namespace uls::kernels
