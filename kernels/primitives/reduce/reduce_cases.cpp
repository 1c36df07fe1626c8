// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <limits>

#include "kernels/common/op_table.h"
#include "kernels/primitives/reduce/reduce.h"

namespace uls::kernels {
namespace {

using ReduceOp = Tensor (*)(const Tensor&, const Dims&, bool);

// Visits every element of x with the place of the result it belongs to.
template <typename Fn>
Doubles fold(const OpArgument& x, const Dims& dims, double start, Fn fn) {
  unsigned gone = dims.empty() ? ~0u : 0;
  for (const auto d : dims) gone |= 1u << (d < 0 ? d + x.shape.size() : d);
  std::int64_t results = 1;
  for (int d = 0; d < x.shape.size(); ++d) results *= gone >> d & 1u ? 1 : x.shape[d];
  Doubles y(std::size_t(results), start);
  for (std::size_t i = 0; i < x.values.size(); ++i) {
    std::int64_t rest = std::int64_t(i), at = 0, stride = 1;
    for (int d = x.shape.size() - 1; d >= 0; --d) {
      if (!(gone >> d & 1u)) at += rest % x.shape[d] * stride, stride *= x.shape[d];
      rest /= x.shape[d];
    }
    y[std::size_t(at)] = fn(y[std::size_t(at)], x.values[i]);
  }
  return y;
}

void add_rows(OpTable& table, const char* name, ReduceOp op, double start, double (*fn)(double, double),
              bool divide) {
  const std::vector<std::pair<Shape, Dims>> rows{
      {{3, 4, 5}, {}}, {{3, 4, 5}, {-1}}, {{3, 4, 5}, {0}}, {{3, 4, 5}, {1}}, {{3, 4, 5}, {0, 2}},
      {{7, 1}, {1}},   {{2, 70, 3}, {1}}, {{0, 3}, {1}},    {{3, 0}, {0}},    {{5}, {0}}};
  for (const auto& [shape, dims] : rows)
    for (const bool keep : {false, true}) {
      std::int64_t terms = 1;
      for (int d = 0; d < shape.size(); ++d)
        if (dims.empty() || std::any_of(dims.begin(), dims.end(),
                                        [&](auto k) { return (k + shape.size()) % shape.size() == d; }))
          terms *= shape[d];
      table.add(OpCase{name,
                       to_string(shape) + " over " + to_string(dims) + (keep ? " keep" : ""),
                       {{shape}},
                       [=](const std::vector<Tensor>& in) { return op(in[0], dims, keep); },
                       [=](const std::vector<OpArgument>& in) {
                         Doubles y = fold(in[0], dims, start, fn);
                         for (double& v : y) v /= divide ? double(terms) : 1;
                         return y;
                       },
                       terms});
    }
  const double bytes = 14400.0 * 512 * sizeof(float);
  for (const Dims& dims : {Dims{0}, Dims{1}, Dims{}})
    table.add(OpTiming{name,
                       "14400x512 over " + to_string(dims),
                       {{{14400, 512}}},
                       [=](const std::vector<Tensor>& in) { return op(in[0], dims, false); },
                       0,
                       0,
                       bytes,
                       bytes});
}

}  // namespace

void reduce_cases(OpTable& table) {
  const auto add = [](double a, double b) { return a + b; };
  add_rows(table, "sum", sum, 0, add, false);
  add_rows(table, "mean", mean, 0, add, true);
  add_rows(
      table, "amax", amax, -std::numeric_limits<double>::infinity(),
      [](double a, double b) { return std::max(a, b); }, false);
}

}  // namespace uls::kernels
