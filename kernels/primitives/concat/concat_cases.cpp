// SPDX-License-Identifier: Apache-2.0
#include "kernels/common/op_table.h"
#include "kernels/primitives/concat/concat.h"

namespace uls::kernels {
namespace {

// Row-major order of the result: for each place ahead of `dim`, what every part has there.
Doubles reference(const std::vector<OpArgument>& in, int dim) {
  const std::int64_t outer = count_elements(in[0].shape.first(dim));
  Doubles y;
  for (std::int64_t o = 0; o < outer; ++o)
    for (const OpArgument& part : in) {
      const std::int64_t run = std::int64_t(part.values.size()) / outer;
      y.insert(y.end(), part.values.begin() + o * run, part.values.begin() + (o + 1) * run);
    }
  return y;
}

void add_row(OpTable& table, const std::vector<Shape>& shapes, int dim) {
  std::string label = "dimension " + std::to_string(dim);
  std::vector<OpInput> inputs;
  for (const Shape& shape : shapes) {
    label += " " + to_string(shape);
    inputs.push_back({shape});
  }
  const int place = normalize_dim("concat", dim, shapes[0].size());
  table.add(OpCase{"concat", label, inputs, [dim](const std::vector<Tensor>& in) { return concat(in, dim); },
                   [place](const std::vector<OpArgument>& in) { return reference(in, place); }});
}

}  // namespace

void concat_cases(OpTable& table) {
  add_row(table, {{2, 3, 5}, {2, 1, 5}}, 1);
  add_row(table, {{3, 2}, {3, 4}, {3, 1}}, -1);
  add_row(table, {{1, 7}, {2, 7}}, 0);
  add_row(table, {{2, 0, 3}, {2, 2, 3}}, 1);
  add_row(table, {{0, 3}, {0, 2}}, 1);
  add_row(table, {{4}}, 0);
  const double pixels = 225, words = 17, channels = 512;  // the pixels and words of an attention block
  const double bytes = 2 * (pixels + words) * channels * sizeof(float);
  table.add(OpTiming{"concat",
                     "8x225x512 and 8x17x512",
                     {{{8, 225, 512}}, {{8, 17, 512}}},
                     [](const std::vector<Tensor>& in) { return concat(in, 1); },
                     0,
                     0,
                     8 * bytes,
                     8 * bytes});
}

}  // namespace uls::kernels
