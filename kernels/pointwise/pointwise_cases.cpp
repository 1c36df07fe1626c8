// SPDX-License-Identifier: Apache-2.0
// Rows of the table of op cases. References use formulas other than the kernels' where there is one.
#include <algorithm>
#include <cmath>

#include "kernels/common/op_table.h"
#include "kernels/pointwise/pointwise.h"

namespace uls::kernels {
namespace {

using UnaryOp = Tensor (*)(const Tensor&);
using BinaryOp = Tensor (*)(const Tensor&, const Tensor&);

void add_unary(OpTable& table, const char* name, UnaryOp op, double (*formula)(double), OpInput range = {}) {
  const auto run = [op](const std::vector<Tensor>& in) { return op(in[0]); };
  const auto reference = [formula](const std::vector<OpArgument>& in) {
    Doubles y = in[0].values;
    std::transform(y.begin(), y.end(), y.begin(), formula);
    return y;
  };
  for (const Shape& shape : {Shape{3, 7}, Shape{2, 0, 5}, Shape{}, Shape{1, 129}}) {
    range.shape = shape;
    table.add(OpCase{name, to_string(shape), {range}, run, reference});
  }
  range.shape = {14400, 512};
  const double bytes = 14400.0 * 512 * sizeof(float);
  table.add(OpTiming{name, "14400x512", {range}, run, 0, 0, 2 * bytes, 3 * bytes});
}

double away_from_zero(double x) { return std::copysign(std::max(std::abs(x), 0.02), x); }

// The reference broadcasts by index arithmetic of its own.
Doubles broadcast(const OpArgument& a, const OpArgument& b, double (*formula)(double, double)) {
  const Shape shape = broadcast_shapes("reference", a.shape, b.shape);
  Doubles y(std::size_t(count_elements(shape)));
  const auto value = [&](const OpArgument& x, std::int64_t i) {
    std::int64_t at = 0, stride = 1;
    for (int d = shape.size() - 1, k = x.shape.size() - 1; k >= 0; --d, --k) {
      at += (x.shape[k] == 1 ? 0 : i % shape[d]) * stride;
      stride *= x.shape[k];
      i /= shape[d];
    }
    return x.values[std::size_t(at)];
  };
  for (std::size_t i = 0; i < y.size(); ++i)
    y[i] = formula(value(a, std::int64_t(i)), value(b, std::int64_t(i)));
  return y;
}

void add_binary(OpTable& table, const char* name, BinaryOp op, double (*formula)(double, double),
                OpInput range_a = {}, OpInput range_b = {}) {
  const auto run = [op](const std::vector<Tensor>& in) { return op(in[0], in[1]); };
  const auto reference = [formula](const std::vector<OpArgument>& in) {
    return broadcast(in[0], in[1], formula);
  };
  const std::vector<std::pair<Shape, Shape>> shapes{{{3, 5}, {3, 5}}, {{4, 1, 6}, {3, 1}}, {{2, 3}, {}},
                                                    {{1, 5}, {4, 1}}, {{0, 3}, {1, 3}},    {{2, 3, 5}, {5}}};
  for (const auto& [a, b] : shapes) {
    range_a.shape = a;
    range_b.shape = b;
    table.add(OpCase{name, to_string(a) + to_string(b), {range_a, range_b}, run, reference, 6});
  }
  range_a.shape = range_b.shape = {14400, 512};
  const double bytes = 14400.0 * 512 * sizeof(float);
  table.add(OpTiming{name, "14400x512", {range_a, range_b}, run, 0, 0, 3 * bytes, 5 * bytes});
}

}  // namespace

void pointwise_cases(OpTable& table) {
  constexpr double kSqrtHalf = 0.70710678118654752440;
  const OpInput wide{{}, -4, 4}, off_kink{{}, -1, 1, true, away_from_zero}, positive{{}, 0.2, 3};
  add_unary(
      table, "relu", relu, [](double x) { return std::max(x, 0.0); }, off_kink);
  add_unary(
      table, "gelu", gelu, [](double x) { return 0.5 * x * (1 + std::erf(x * kSqrtHalf)); }, wide);
  add_unary(
      table, "gelu_tanh", gelu_tanh,
      [](double x) {
        const double u = std::sqrt(2 / M_PI) * (x + 0.044715 * std::pow(x, 3));
        return x / (1 + std::exp(-2 * u));
      },
      wide);
  add_unary(
      table, "quick_gelu", quick_gelu, [](double x) { return 0.5 * x * (1 + std::tanh(0.851 * x)); }, wide);
  add_unary(
      table, "sigmoid", sigmoid, [](double x) { return 0.5 * (1 + std::tanh(0.5 * x)); }, wide);
  add_unary(
      table, "tanh", uls::tanh, [](double x) { return 1 - 2 / (std::exp(2 * x) + 1); }, wide);
  add_unary(table, "exp", uls::exp, [](double x) { return std::pow(M_E, x); });
  add_unary(
      table, "log", uls::log, [](double x) { return std::log2(x) / std::log2(M_E); }, positive);
  add_unary(
      table, "sqrt", uls::sqrt, [](double x) { return std::pow(x, 0.5); }, positive);
  add_unary(table, "square", square, [](double x) { return std::pow(x, 2); });
  add_unary(
      table, "abs", uls::abs, [](double x) { return std::max(x, -x); }, off_kink);
  table.add(OpCase{"affine",
                   "[3, 7]",
                   {{{3, 7}}},
                   [](const std::vector<Tensor>& in) { return affine(in[0], 2.5, -0.75); },
                   [](const std::vector<OpArgument>& in) {
                     Doubles y = in[0].values;
                     for (double& v : y) v = 2.5 * v - 0.75;
                     return y;
                   }});

  add_binary(table, "add", add, [](double a, double b) { return a + b; });
  add_binary(table, "subtract", subtract, [](double a, double b) { return a - b; });
  add_binary(table, "multiply", multiply, [](double a, double b) { return a * b; });
  add_binary(table, "divide", divide, [](double a, double b) { return a / b; }, {},
             {{}, -1, 1, true, [](double x) { return std::copysign(0.4, x) + x; }});
  // Tenths and tenths plus a half of one: never closer to a tie than 0.05.
  const OpInput tenths{{}, -1, 1, true, [](double x) { return std::round(10 * x) / 10; }};
  const OpInput between{{}, -1, 1, true, [](double x) { return std::floor(10 * x) / 10 + 0.05; }};
  add_binary(
      table, "maximum", maximum, [](double a, double b) { return std::max(a, b); }, tenths, between);
  add_binary(
      table, "minimum", minimum, [](double a, double b) { return std::min(a, b); }, tenths, between);
}

}  // namespace uls::kernels
