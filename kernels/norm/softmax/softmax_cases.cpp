// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include "kernels/common/op_table.h"
#include "kernels/norm/softmax/softmax.h"

namespace uls::kernels {
namespace {

// Without the maximum: the inputs are small. `dim` counts from the last.
Doubles reference(const OpArgument& x, int dim) {
  std::int64_t inner = 1;
  for (int d = x.shape.size() + dim + 1; d < x.shape.size(); ++d) inner *= x.shape[d];
  const std::int64_t length = x.shape[x.shape.size() + dim];
  Doubles y(x.values.size());
  for (std::int64_t i = 0; i < std::int64_t(y.size()); ++i) {
    const std::int64_t base = i / (length * inner) * length * inner + i % inner;
    double total = 0;
    for (std::int64_t j = 0; j < length; ++j) total += std::exp(x.values[std::size_t(base + j * inner)]);
    y[std::size_t(i)] = std::exp(x.values[std::size_t(i)]) / total;
  }
  return y;
}

void add_row(OpTable& table, const Shape& shape, int dim) {
  table.add(OpCase{"softmax",
                   to_string(shape) + " along " + std::to_string(dim),
                   {{shape, -3, 3}},
                   [dim](const std::vector<Tensor>& in) { return softmax(in[0], dim); },
                   [dim](const std::vector<OpArgument>& in) { return reference(in[0], dim); },
                   shape[shape.size() + dim]});
}

}  // namespace

void softmax_cases(OpTable& table) {
  add_row(table, {3, 4, 17}, -1);
  add_row(table, {2, 3, 5}, -2);
  add_row(table, {4, 3}, -2);
  add_row(table, {3, 1}, -1);
  add_row(table, {0, 7}, -1);
  add_row(table, {37, 6}, -1);
  add_row(table, {3, 49}, -1);
  add_row(table, {2, 100}, -1);
  add_row(table, {2, 131}, -1);
  for (const Shape& shape : {Shape{1296, 49, 49}, Shape{8, 14400, 17}}) {
    const double bytes = double(count_elements(shape)) * sizeof(float);
    const std::string label =
        std::to_string(shape[0]) + "x" + std::to_string(shape[1]) + "x" + std::to_string(shape[2]);
    table.add(OpTiming{"softmax",
                       label,
                       {{shape, -3, 3}},
                       [](const std::vector<Tensor>& in) { return softmax(in[0]); },
                       0,
                       0,
                       2 * bytes,
                       3 * bytes});
  }
}

}  // namespace uls::kernels
