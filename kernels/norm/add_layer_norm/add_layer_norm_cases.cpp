// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include "core/random/random_state.h"
#include "kernels/common/op_table.h"
#include "kernels/norm/add_layer_norm/add_layer_norm.h"

namespace uls::kernels {
namespace {

RandomState draws() {
  RandomState state;
  state.begin_step(31, 32, 33);
  return state;
}

AddLayerNorm both(const std::vector<Tensor>& in, const AddLayerNormOptions& options) {
  const RandomStateScope scope(draws());
  return in.size() == 4 ? add_layer_norm(in[0], in[1], in[2], in[3], options)
                        : add_layer_norm(in[0], in[1], {}, {}, options);
}

Doubles sum_reference(const std::vector<OpArgument>& in, const AddLayerNormOptions& options) {
  Doubles sum = in[0].values;
  const std::size_t elements = sum.size() / std::size_t(std::max<std::int64_t>(1, in[0].shape[0]));
  RandomState state = draws();
  const RandomKey dropout = options.dropout > 0 ? state.next_key() : RandomKey(),
                  drop_path = options.drop_path > 0 ? state.next_key() : RandomKey();
  const auto scale = [](const RandomKey& key, std::size_t sample, std::size_t element, double p) {
    const std::uint32_t word = key.words(std::int64_t(sample), element / 4)[element % 4];
    return double(word >> 8) / (1 << 24) < double(float(p)) ? 0 : 1 / (1 - p);
  };
  for (std::size_t i = 0; i < sum.size(); ++i)
    sum[i] += in[1].values[i] * scale(dropout, i / elements, i % elements, options.dropout) *
              scale(drop_path, i / elements, 0, options.drop_path);
  return sum;
}

Doubles reference(const std::vector<OpArgument>& in, const AddLayerNormOptions& options) {
  Doubles y = sum_reference(in, options);
  const std::size_t channels = std::size_t(in[0].shape.back());
  for (std::size_t row = 0; row < y.size(); row += channels) {
    double mean = 0, variance = 0;
    for (std::size_t c = 0; c < channels; ++c) mean += y[row + c] / double(channels);
    for (std::size_t c = 0; c < channels; ++c) variance += std::pow(y[row + c] - mean, 2) / double(channels);
    for (std::size_t c = 0; c < channels; ++c) {
      y[row + c] = (y[row + c] - mean) / std::sqrt(variance + options.eps);
      if (in.size() == 4) y[row + c] = y[row + c] * in[2].values[c] + in[3].values[c];
    }
  }
  return y;
}

// A row for each result; sum alone hands no gradient to weight and bias.
void add_rows(OpTable& table, const Shape& shape, const AddLayerNormOptions& options, bool affine = true) {
  std::vector<OpInput> inputs{{shape}, {shape}};
  const std::string label =
      fmt::format("{} dropout {} drop_path {}", to_string(shape), options.dropout, options.drop_path);
  table.add(OpCase{"add_layer_norm", label + " sum", inputs,
                   [options](const auto& in) { return both(in, options).sum; },
                   [options](const auto& in) { return sum_reference(in, options); }});
  if (affine) inputs.insert(inputs.end(), 2, {{shape.back()}});
  table.add(OpCase{"add_layer_norm", label + (affine ? " y" : " y, no weight"), inputs,
                   [options](const auto& in) { return both(in, options).y; },
                   [options](const auto& in) { return reference(in, options); }, shape.back()});
}

}  // namespace

void add_layer_norm_cases(OpTable& table) {
  add_rows(table, {2, 5, 6}, {});
  add_rows(table, {3, 1}, {});
  add_rows(table, {0, 4, 8}, {.dropout = 0.5, .drop_path = 0.5});
  add_rows(table, {2, 0, 8}, {.dropout = 0.5});
  add_rows(table, {2, 3, 67}, {.dropout = 0.3});
  add_rows(table, {5, 2, 3, 7}, {.drop_path = 0.4});
  add_rows(table, {4, 3, 9}, {.eps = 1e-3, .dropout = 0.25, .drop_path = 0.5}, false);
  for (const Shape& shape :
       {Shape{1, 14400, 128}, Shape{1, 14400, 512}, Shape{1, 900, 512}, Shape{1, 225, 1024}})
    for (const double p : {0.0, 0.1}) {
      const Shape channels{shape.back()};
      const double bytes = 4 * double(count_elements(shape)) * sizeof(float);
      table.add(OpTiming{"add_layer_norm",
                         fmt::format("{}x{}{}", shape[1], shape[2], p > 0 ? " dropout 0.1" : ""),
                         {{shape}, {shape}, {channels}, {channels}},
                         [p](const auto& in) { return both(in, {.dropout = p}).y; },
                         0,
                         0,
                         bytes,
                         bytes});
    }
}

}  // namespace uls::kernels
