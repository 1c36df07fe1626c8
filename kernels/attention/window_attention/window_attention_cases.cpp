// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include "kernels/attention/window_attention/window_attention.h"
#include "kernels/common/op_table.h"

namespace uls::kernels {
namespace {

struct Row {
  std::int64_t batch, height, width, channels;  // channels: C
  WindowAttentionOptions options;
  bool with_bias = true;  // of the padding
};

std::vector<OpInput> inputs_of(const Row& row) {
  const std::int64_t offsets = 2 * row.options.window - 1;
  std::vector<OpInput> inputs{{{row.batch, row.height, row.width, 3 * row.channels}, -2, 2},
                              {{offsets * offsets, row.options.heads}}};
  if (row.with_bias) inputs.push_back({{3 * row.channels}});
  return inputs;
}

auto run_of(const Row& row) {
  return [row](const std::vector<Tensor>& in) {
    return window_attention(in[0], row.with_bias ? in[2] : Tensor(), in[1], row.options);
  };
}

// From the definition: a padded copy of the map that is rolled, and numbers of regions.
Doubles reference(const Row& row, const std::vector<OpArgument>& in) {
  const std::int64_t side = row.options.window, shift = row.options.shift, heads = row.options.heads;
  const std::int64_t size = row.channels / heads, offsets = 2 * side - 1;
  const auto up = [side](std::int64_t length) { return (length + side - 1) / side * side; };
  const std::int64_t height = up(row.height), width = up(row.width);
  const auto region = [&](std::int64_t at, std::int64_t length) {
    return shift == 0 || at < length - side ? 0 : at < length - shift ? 1 : 2;
  };
  Doubles y(std::size_t(row.batch * row.height * row.width * row.channels));
  for (std::int64_t b = 0; b < row.batch; ++b) {
    // Channel c of pixel (r, s) of the rolled map, and its place in the map.
    const auto value = [&](std::int64_t r, std::int64_t s, std::int64_t c) {
      const std::int64_t h = (r + shift) % height, w = (s + shift) % width;
      if (h < row.height && w < row.width)
        return in[0].values[std::size_t(((b * row.height + h) * row.width + w) * 3 * row.channels + c)];
      return row.with_bias ? in[2].values[std::size_t(c)] : 0;
    };
    for (std::int64_t r = 0; r < height; ++r)
      for (std::int64_t s = 0; s < width; ++s) {
        const std::int64_t h = (r + shift) % height, w = (s + shift) % width;
        if (h >= row.height || w >= row.width) continue;
        for (std::int64_t n = 0; n < heads; ++n) {
          double* out = y.data() + ((b * row.height + h) * row.width + w) * row.channels + n * size;
          double total = 0;
          for (std::int64_t kr = r / side * side; kr < r / side * side + side; ++kr)
            for (std::int64_t ks = s / side * side; ks < s / side * side + side; ++ks) {
              double score = 0;
              for (std::int64_t d = n * size; d < (n + 1) * size; ++d)
                score += value(r, s, d) * value(kr, ks, row.channels + d);
              score /= std::sqrt(double(size));
              score +=
                  in[1].values[std::size_t(((r - kr + side - 1) * offsets + s - ks + side - 1) * heads + n)];
              if (region(r, height) != region(kr, height) || region(s, width) != region(ks, width))
                score -= 100;
              total += std::exp(score);
              for (std::int64_t d = 0; d < size; ++d)
                out[d] += std::exp(score) * value(kr, ks, 2 * row.channels + n * size + d);
            }
          for (std::int64_t d = 0; d < size; ++d) out[d] /= total;
        }
      }
  }
  return y;
}

std::string label_of(const Row& row) {
  return to_string(Shape{row.batch, row.height, row.width, row.channels}) + ", " +
         std::to_string(row.options.heads) + " heads, window " + std::to_string(row.options.window) +
         " shift " + std::to_string(row.options.shift) + (row.with_bias ? "" : ", no bias");
}

}  // namespace

void window_attention_cases(OpTable& table) {
  for (const Row& row :
       {Row{2, 4, 4, 4, {.heads = 2, .window = 2}}, Row{1, 5, 3, 3, {.window = 2, .shift = 1}},
        Row{1, 7, 4, 6, {.heads = 3, .window = 4, .shift = 2}},
        Row{1, 3, 7, 2, {.heads = 2, .window = 3, .shift = 2}, false},
        Row{1, 2, 2, 2, {.window = 3, .shift = 1}},  // less than a window
        Row{1, 1, 1, 1, {.window = 1}}, Row{2, 1, 2, 35, {.window = 2, .shift = 1}},
        Row{1, 9, 1, 1, {.window = 9, .shift = 4}},  // more keys than a block has
        Row{0, 4, 4, 4, {.heads = 2, .window = 3, .shift = 1}}, Row{1, 0, 4, 4, {.window = 2}},
        Row{1, 2, 2, 0, {.window = 2}}})
    table.add(OpCase{"window_attention", label_of(row), inputs_of(row), run_of(row),
                     [row](const std::vector<OpArgument>& in) { return reference(row, in); },
                     row.channels / row.options.heads + row.options.window * row.options.window});
  // The stages of Swin-B at 480 x 480.
  for (const auto& [side, heads, shift] : {std::tuple{120, 4, 3}, std::tuple{60, 8, 3}, std::tuple{30, 16, 3},
                                           std::tuple{15, 32, 3}, std::tuple{120, 4, 0}}) {
    const Row row{1, side, side, 32 * heads, {.heads = heads, .window = 7, .shift = shift}};
    const double values = double(side) * side * double(row.channels), products = 2 * 49 * values;
    const double bytes = 4 * values * sizeof(float);
    table.add(OpTiming{"window_attention", label_of(row), inputs_of(row), run_of(row), 2 * products,
                       5 * products, bytes, 2 * bytes});
  }
}

}  // namespace uls::kernels
