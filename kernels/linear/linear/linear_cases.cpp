// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include "kernels/common/op_table.h"
#include "kernels/linear/linear/linear.h"

namespace uls::kernels {
namespace {

constexpr const char* kNames[] = {"none", "relu", "gelu", "quick_gelu"};  // by Activation

auto runner(Activation activation) {
  return [activation](const std::vector<Tensor>& in) {
    return linear(in[0], in[1], in.size() > 2 ? in[2] : Tensor(), activation);
  };
}

double activate(double x, Activation activation) {
  switch (activation) {
    case Activation::relu:
      return std::max(x, 0.0);
    case Activation::gelu:
      return 0.5 * x * (1 + std::erf(x * std::sqrt(0.5)));
    case Activation::quick_gelu:
      return 0.5 * x * (1 + std::tanh(0.851 * x));
    case Activation::none:
      break;
  }
  return x;
}

auto reference(Activation activation) {
  return [activation](const std::vector<OpArgument>& in) {
    const std::size_t out = std::size_t(in[1].shape[0]), width = std::size_t(in[1].shape[1]);
    Doubles y;
    for (std::size_t row = 0; row + width <= in[0].values.size() && width; row += width)
      for (std::size_t o = 0; o < out; ++o) {
        double sum = in.size() > 2 ? in[2].values[o] : 0;
        for (std::size_t i = 0; i < width; ++i) sum += in[0].values[row + i] * in[1].values[o * width + i];
        y.push_back(activate(sum, activation));
      }
    return y;
  };
}

// With weights and x of at most 1 and 7 of them a product, no sum with such a bias is near 0.
double far_from_zero(double x) { return std::copysign(8 + std::abs(x), x); }

void add_timing(OpTable& table, const Dims& size, Activation activation = Activation::none) {
  const double m = double(size[0]), k = double(size[1]), n = double(size[2]);
  const double bytes = (m * k + k * n + m * n) * sizeof(float);
  std::string label =
      std::to_string(size[0]) + "x" + std::to_string(size[1]) + " by " + std::to_string(size[2]);
  if (activation != Activation::none) label += std::string(" ") + kNames[int(activation)];
  table.add(OpTiming{"linear",
                     label,
                     {{{size[0], size[1]}}, {{size[2], size[1]}}, {{size[2]}}},
                     runner(activation),
                     2 * m * n * k,
                     4 * m * n * k,
                     bytes,
                     2 * bytes});
}

}  // namespace

void linear_cases(OpTable& table) {
  for (const Activation f : {Activation::none, Activation::gelu, Activation::quick_gelu})
    for (const Shape& shape : {Shape{2, 3, 7}, Shape{5}, Shape{0, 4}, Shape{1, 37}, Shape{33, 19}}) {
      const Shape weight{11, shape.back()};
      const std::string label = to_string(shape) + " " + kNames[int(f)];
      table.add(
          OpCase{"linear", label, {{shape}, {weight}, {{11}}}, runner(f), reference(f), shape.back() + 1});
      table.add(
          OpCase{"linear", label + " no bias", {{shape}, {weight}}, runner(f), reference(f), shape.back()});
    }
  for (const Shape& shape : {Shape{2, 3, 7}, Shape{5}, Shape{0, 4}})
    table.add(OpCase{"linear",
                     to_string(shape) + " relu",
                     {{shape}, {{11, shape.back()}}, {{11}, -1, 1, true, far_from_zero}},
                     runner(Activation::relu),
                     reference(Activation::relu),
                     shape.back() + 1});
  for (const Dims& size : {Dims{14400, 128, 512}, Dims{14400, 512, 2048}, Dims{1024, 1024, 1024}})
    add_timing(table, size);
  add_timing(table, {14400, 128, 512}, Activation::gelu);
  add_timing(table, {900, 512, 2048}, Activation::gelu);
  add_timing(table, {14400, 512, 2048}, Activation::relu);
}

}  // namespace uls::kernels
