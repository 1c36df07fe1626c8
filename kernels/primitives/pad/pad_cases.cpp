// SPDX-License-Identifier: Apache-2.0
#include "kernels/common/op_table.h"
#include "kernels/primitives/pad/pad.h"

namespace uls::kernels {
namespace {

// Each element of the result looks for its place in x.
Doubles reference(const OpArgument& x, const Dims& before, const Dims& after) {
  Shape shape = x.shape;
  for (int d = 0; d < shape.size(); ++d) shape[d] += before[d] + after[d];
  Doubles y(std::size_t(count_elements(shape)));
  for (std::size_t i = 0; i < y.size(); ++i) {
    std::int64_t rest = std::int64_t(i), from = 0, stride = 1;
    bool inside = true;
    for (int d = shape.size() - 1; d >= 0; --d) {
      const std::int64_t place = rest % shape[d] - before[d];
      inside = inside && place >= 0 && place < x.shape[d];
      from += place * stride;
      rest /= shape[d];
      stride *= x.shape[d];
    }
    if (inside) y[i] = x.values[std::size_t(from)];
  }
  return y;
}

void add_row(OpTable& table, const Shape& x, const Dims& before, const Dims& after) {
  table.add(OpCase{"pad",
                   to_string(x) + " by " + to_string(before) + " and " + to_string(after),
                   {{x}},
                   [=](const std::vector<Tensor>& in) { return pad(in[0], before, after); },
                   [=](const std::vector<OpArgument>& in) { return reference(in[0], before, after); }});
}

}  // namespace

void pad_cases(OpTable& table) {
  add_row(table, {2, 3, 5, 3}, {0, 0, 0, 0}, {0, 4, 2, 0});
  add_row(table, {3, 2, 4}, {1, 0, 2}, {2, 1, 3});
  add_row(table, {2, 3}, {0, 0}, {0, 0});
  add_row(table, {7}, {3}, {0});
  add_row(table, {0, 3}, {2, 1}, {1, 0});
  add_row(table, {0, 3}, {0, 1}, {0, 1});
  const double from = 30 * 30 * 512 * sizeof(float), to = 36 * 36 * 512 * sizeof(float);
  table.add(OpTiming{"pad",
                     "30x30x512 to 36x36",
                     {{{1, 30, 30, 512}}},
                     [](const std::vector<Tensor>& in) {
                       return pad(in[0], {0, 0, 0, 0}, {0, 6, 6, 0});
                     },
                     0,
                     0,
                     from + to,
                     2 * from});
}

}  // namespace uls::kernels
