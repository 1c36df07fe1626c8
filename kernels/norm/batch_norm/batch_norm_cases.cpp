// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include "kernels/common/op_table.h"
#include "kernels/norm/batch_norm/batch_norm.h"

namespace uls::kernels {
namespace {

constexpr double kEps = 1e-5;

// Inputs: x, weight, bias and, for inference, the running statistics.
Tensor run(const std::vector<Tensor>& in) {
  const DType statistics = in[0].dtype() == DType::float64 ? DType::float64 : DType::float32;
  const Device device = in[0].device();
  const bool training = in.size() == 3;
  const auto buffer = [&](std::size_t index) {
    return training ? full(in[1].shape(), 1, statistics, device)
                    : contiguous(converted(in[index], statistics));
  };
  BatchNormState state{buffer(3), buffer(4), zeros({}, DType::int64, device)};
  return batch_norm(in[0], in[1], in[2], state, {.training = training, .eps = kEps});
}

Doubles reference(const std::vector<OpArgument>& in) {
  Doubles y = in[0].values;
  const std::size_t channels = std::size_t(in[0].shape.back());
  const double rows = double(y.size()) / double(channels);
  for (std::size_t c = 0; c < channels; ++c) {
    double mean = in.size() > 3 ? in[3].values[c] : 0, variance = in.size() > 3 ? in[4].values[c] : 0;
    if (in.size() == 3) {
      for (std::size_t i = c; i < y.size(); i += channels) mean += y[i] / rows;
      for (std::size_t i = c; i < y.size(); i += channels) variance += std::pow(y[i] - mean, 2) / rows;
    }
    for (std::size_t i = c; i < y.size(); i += channels)
      y[i] = (y[i] - mean) / std::sqrt(variance + kEps) * in[1].values[c] + in[2].values[c];
  }
  return y;
}

}  // namespace

void batch_norm_cases(OpTable& table) {
  for (const Shape& shape : {Shape{2, 3, 2, 5}, Shape{4, 67}, Shape{131, 3}, Shape{6, 1}, Shape{0, 8}}) {
    const Shape channels{shape.back()};
    table.add(OpCase{"batch_norm",
                     "training " + to_string(shape),
                     {{shape}, {channels}, {channels}},
                     run,
                     reference,
                     shape[0] + 1});
  }
  for (const Shape& shape : {Shape{2, 3, 2, 5}, Shape{5}, Shape{1, 1}, Shape{0, 8}}) {
    const Shape channels{shape.back()};
    table.add(OpCase{"batch_norm",
                     "inference " + to_string(shape),
                     {{shape}, {channels}, {channels}, {channels, -1, 1, false}, {channels, 0.5, 2, false}},
                     run,
                     reference});
  }
  for (const Shape& shape : {Shape{1, 120, 120, 512}, Shape{1, 60, 60, 512}, Shape{1, 120, 120, 256}}) {
    const Shape channels{shape.back()};
    const double bytes = double(count_elements(shape)) * sizeof(float);
    table.add(OpTiming{
        "batch_norm", to_string(shape), {{shape}, {channels}, {channels}}, run, 0, 0, 2 * bytes, 3 * bytes});
  }
}

}  // namespace uls::kernels
