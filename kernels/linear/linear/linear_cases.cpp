// SPDX-License-Identifier: Apache-2.0
#include "kernels/common/op_table.h"
#include "kernels/linear/linear/linear.h"

namespace uls::kernels {
namespace {

Tensor run(const std::vector<Tensor>& in) { return linear(in[0], in[1], in.size() > 2 ? in[2] : Tensor()); }

Doubles reference(const std::vector<OpArgument>& in) {
  const std::size_t out = std::size_t(in[1].shape[0]), width = std::size_t(in[1].shape[1]);
  Doubles y;
  for (std::size_t row = 0; row + width <= in[0].values.size() && width; row += width)
    for (std::size_t o = 0; o < out; ++o) {
      double sum = in.size() > 2 ? in[2].values[o] : 0;
      for (std::size_t i = 0; i < width; ++i) sum += in[0].values[row + i] * in[1].values[o * width + i];
      y.push_back(sum);
    }
  return y;
}

}  // namespace

void linear_cases(OpTable& table) {
  for (const Shape& shape : {Shape{2, 3, 7}, Shape{5}, Shape{0, 4}, Shape{1, 37}, Shape{33, 19}}) {
    const Shape weight{11, shape.back()};
    table.add(
        OpCase{"linear", to_string(shape), {{shape}, {weight}, {{11}}}, run, reference, shape.back() + 1});
    table.add(
        OpCase{"linear", to_string(shape) + " no bias", {{shape}, {weight}}, run, reference, shape.back()});
  }
  for (const Dims& size : {Dims{14400, 128, 512}, Dims{14400, 512, 2048}, Dims{1024, 1024, 1024}}) {
    const double m = double(size[0]), k = double(size[1]), n = double(size[2]);
    const double bytes = (m * k + k * n + m * n) * sizeof(float);
    table.add(
        OpTiming{"linear",
                 std::to_string(size[0]) + "x" + std::to_string(size[1]) + " by " + std::to_string(size[2]),
                 {{{size[0], size[1]}}, {{size[2], size[1]}}, {{size[2]}}},
                 run,
                 2 * m * n * k,
                 4 * m * n * k,
                 bytes,
                 2 * bytes});
  }
}

}  // namespace uls::kernels
