// SPDX-License-Identifier: Apache-2.0
#include "core/autograd/gradient_check.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/random/philox.h"
#include "core/tensor/primitives.h"

namespace uls {
namespace {

Tensor cotangent_for(const Tensor& output, std::uint32_t index) {
  std::vector<double> values(std::size_t(output.numel()));
  for (std::size_t i = 0; i < values.size(); ++i)
    values[i] = 2 * double(uniform_float(philox4x32({std::uint32_t(i), 0, 0, index}, {1, 2})[0])) - 1;
  return converted(from_values(output.shape(), values), output.dtype());
}

double objective(const TensorFunction& fn, const std::vector<Tensor>& inputs,
                 const std::vector<Tensor>& cotangents) {
  const NoGrad no_grad;
  const std::vector<Tensor> outputs = fn(inputs);
  double sum = 0;
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    if (!is_floating(outputs[i].dtype())) continue;
    const auto y = to_doubles(outputs[i]), c = to_doubles(cotangents[i]);
    for (std::size_t j = 0; j < y.size(); ++j) sum += y[j] * c[j];
  }
  return sum;
}

}  // namespace

GradientCheck check_gradients(const TensorFunction& fn, const std::vector<Tensor>& inputs, double step) {
  std::vector<Tensor> leaves;
  for (const Tensor& input : inputs) {
    if (!input.requires_grad()) {
      leaves.push_back(input);
      continue;
    }
    ULS_CHECK(input.dtype() == DType::float64 && input.device() == kCpu,
              "check_gradients: differences need precision; got {}; expected float64 on the cpu",
              describe(input));
    leaves.push_back(clone(input).set_requires_grad());
  }

  const std::vector<Tensor> outputs = fn(leaves);
  std::vector<Tensor> cotangents, roots, root_gradients;
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    cotangents.push_back(cotangent_for(outputs[i], std::uint32_t(i)));
    if (!outputs[i].requires_grad()) continue;
    roots.push_back(outputs[i]);
    root_gradients.push_back(cotangents.back());
  }
  ULS_CHECK(!roots.empty(),
            "check_gradients: no output has a gradient; got {} outputs; expected at least one",
            outputs.size());
  backward(roots, root_gradients);

  GradientCheck result;
  for (std::size_t i = 0; i < leaves.size(); ++i) {
    if (!leaves[i].requires_grad()) continue;
    const auto analytic =
        leaves[i].grad() ? to_doubles(leaves[i].grad()) : std::vector<double>(std::size_t(leaves[i].numel()));
    std::vector<Tensor> moved = leaves;
    moved[i] = clone(leaves[i]);
    auto* values = moved[i].data<double>();
    for (std::int64_t j = 0; j < moved[i].numel(); ++j) {
      const double x = values[j];
      values[j] = x + step;
      const double above = objective(fn, moved, cotangents);
      values[j] = x - step;
      const double below = objective(fn, moved, cotangents);
      values[j] = x;
      const double numeric = (above - below) / (2 * step);
      double error = std::abs(analytic[std::size_t(j)] - numeric) / std::max(std::abs(numeric), 1.0);
      if (std::isnan(error)) error = std::numeric_limits<double>::infinity();
      if (error > result.largest_error) result = {error, int(i), j, analytic[std::size_t(j)], numeric};
    }
  }
  return result;
}

}  // namespace uls
