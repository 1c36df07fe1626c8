// SPDX-License-Identifier: Apache-2.0
#include "kernels/common/op_table.h"
#include "kernels/spatial/conv2d/conv2d.h"

namespace uls::kernels {
namespace {

Doubles reference(const std::vector<OpArgument>& in, const Conv2dOptions& options) {
  const Shape &x = in[0].shape, &w = in[1].shape;
  const std::int64_t out_h = (x[1] + 2 * options.padding - w[1]) / options.stride + 1;
  const std::int64_t out_w = (x[2] + 2 * options.padding - w[2]) / options.stride + 1;
  const std::int64_t per_group = w[0] / options.groups;
  Doubles y;
  for (std::int64_t b = 0; b < x[0]; ++b)
    for (std::int64_t r = 0; r < out_h; ++r)
      for (std::int64_t c = 0; c < out_w; ++c)
        for (std::int64_t o = 0; o < w[0]; ++o) {
          double sum = in.size() > 2 ? in[2].values[std::size_t(o)] : 0;
          for (std::int64_t kr = 0; kr < w[1]; ++kr)
            for (std::int64_t kc = 0; kc < w[2]; ++kc) {
              const std::int64_t row = r * options.stride + kr - options.padding,
                                 column = c * options.stride + kc - options.padding;
              if (row < 0 || row >= x[1] || column < 0 || column >= x[2]) continue;
              for (std::int64_t i = 0; i < w[3]; ++i) {
                const std::int64_t channel = o / per_group * w[3] + i;
                sum += in[0].values[std::size_t(((b * x[1] + row) * x[2] + column) * x[3] + channel)] *
                       in[1].values[std::size_t(((o * w[1] + kr) * w[2] + kc) * w[3] + i)];
              }
            }
          y.push_back(sum);
        }
  return y;
}

void add_row(OpTable& table, const Shape& x, const Shape& weight, const Conv2dOptions& options, bool bias) {
  std::vector<OpInput> inputs{{x}, {weight}};
  if (bias) inputs.push_back({{weight[0]}});
  table.add(OpCase{
      "conv2d", to_string(x) + " by " + to_string(weight) + " stride " + std::to_string(options.stride),
      inputs,
      [=](const std::vector<Tensor>& in) { return conv2d(in[0], in[1], bias ? in[2] : Tensor(), options); },
      [=](const std::vector<OpArgument>& in) { return reference(in, options); },
      weight[1] * weight[2] * weight[3]});
}

}  // namespace

void conv2d_cases(OpTable& table) {
  add_row(table, {2, 5, 6, 3}, {4, 3, 3, 3}, {1, 1}, true);
  add_row(table, {1, 7, 5, 2}, {3, 1, 1, 2}, {2, 0}, false);
  add_row(table, {1, 8, 8, 3}, {5, 4, 4, 3}, {4, 0}, true);
  add_row(table, {2, 7, 9, 4}, {6, 3, 3, 2}, {2, 1, 2}, true);
  add_row(table, {1, 9, 7, 1}, {2, 5, 3, 1}, {3, 2}, false);
  add_row(table, {1, 4, 4, 6}, {6, 3, 3, 1}, {1, 1, 6}, false);
  add_row(table, {0, 4, 4, 2}, {3, 3, 3, 2}, {1, 1}, true);
  for (const std::int64_t side : {60, 120}) {
    const double pixels = double(side * side), flops = 2 * pixels * 512 * 512 * 9;
    const double bytes = (2 * pixels * 512 + 512.0 * 512 * 9) * sizeof(float);
    const std::string label = "3x3 512 to 512 at " + std::to_string(side) + "x" + std::to_string(side);
    table.add(OpTiming{"conv2d",
                       label,
                       {{{1, side, side, 512}}, {{512, 3, 3, 512}}, {{512}}},
                       [](const std::vector<Tensor>& in) {
                         return conv2d(in[0], in[1], in[2], {1, 1});
                       },
                       flops,
                       2 * flops,
                       bytes,
                       2 * bytes});
  }
}

}  // namespace uls::kernels
