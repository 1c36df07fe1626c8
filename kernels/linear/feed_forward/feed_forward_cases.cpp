// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include "core/random/random_state.h"
#include "kernels/common/op_table.h"
#include "kernels/linear/feed_forward/feed_forward.h"

namespace uls::kernels {
namespace {

constexpr const char* kNames[] = {"none", "relu", "gelu", "quick_gelu"};  // by Activation

RandomState draws() {
  RandomState state;
  state.begin_step(41, 42, 43);
  return state;
}

// Inputs: x and both layers with or without biases.
auto runner(Activation f, double p) {
  return [f, p](const std::vector<Tensor>& in) {
    const RandomStateScope scope(draws());
    return in.size() == 5 ? feed_forward(in[0], {in[1], in[2], in[3], in[4]}, f, p)
                          : feed_forward(in[0], {in[1], {}, in[2], {}}, f, p);
  };
}

double activate(double x, Activation f) {
  return f == Activation::relu   ? std::max(x, 0.0)
         : f == Activation::gelu ? 0.5 * x * (1 + std::erf(x * std::sqrt(0.5)))
                                 : 0.5 * x * (1 + std::tanh(0.851 * x));
}

Doubles product(const Doubles& x, const OpArgument& weight, const OpArgument* bias) {
  const std::size_t out = std::size_t(weight.shape[0]), in = std::size_t(weight.shape[1]);
  Doubles y;
  for (std::size_t row = 0; row + in <= x.size(); row += in)
    for (std::size_t o = 0; o < out; ++o) {
      double sum = bias ? bias->values[o] : 0;
      for (std::size_t i = 0; i < in; ++i) sum += x[row + i] * weight.values[o * in + i];
      y.push_back(sum);
    }
  return y;
}

auto reference(Activation f, double p) {
  return [f, p](const std::vector<OpArgument>& in) {
    const bool biases = in.size() == 5;
    Doubles h = product(in[0].values, in[1], biases ? &in[2] : nullptr);
    const std::size_t elements = h.size() / std::size_t(std::max<std::int64_t>(1, in[0].shape[0]));
    RandomState state = draws();
    const RandomKey key = p > 0 ? state.next_key() : RandomKey();
    for (std::size_t i = 0; i < h.size(); ++i) {
      const std::uint32_t word = key.words(std::int64_t(i / elements), i % elements / 4)[i % elements % 4];
      h[i] = double(word >> 8) / (1 << 24) < double(float(p)) ? 0 : activate(h[i], f) / (1 - p);
    }
    return product(h, in[biases ? 3 : 2], biases ? &in[4] : nullptr);
  };
}

// With weights and x of at most 1 and 6 of them a product, no argument of relu with such a bias is near 0.
double far_from_zero(double x) { return std::copysign(7 + std::abs(x), x); }

void add_case(OpTable& table, const Shape& shape, Activation f, double p, bool biases = true) {
  const std::int64_t in = shape.back(), hidden = 9, out = 5;
  std::vector<OpInput> inputs{{shape}, {{hidden, in}}, {{out, hidden}}};
  if (biases) {
    inputs.insert(inputs.begin() + 2, {{hidden}});
    inputs.push_back({{out}});
    if (f == Activation::relu) inputs[2].adjust = far_from_zero;
  }
  table.add(
      OpCase{"feed_forward",
             fmt::format("{} {} dropout {}{}", to_string(shape), kNames[int(f)], p, biases ? "" : " no bias"),
             inputs, runner(f, p), reference(f, p), 4 * (in + hidden)});
}

}  // namespace

void feed_forward_cases(OpTable& table) {
  for (const Activation f : {Activation::relu, Activation::gelu, Activation::quick_gelu})
    for (const double p : {0.0, 0.3})
      for (const Shape& shape : {Shape{3, 2, 2, 6}, Shape{4, 6}, Shape{0, 3, 4}, Shape{2, 0, 4}})
        add_case(table, shape, f, p);
  add_case(table, {2, 3, 6}, Activation::gelu, 0.2, false);
  add_case(table, {2, 3, 6}, Activation::quick_gelu, 0, false);
  for (const auto& [rows, channels, hidden, f, p] :
       {std::tuple(14400, 512, 2048, Activation::relu, 0.1), {900, 512, 2048, Activation::gelu, 0.0}}) {
    const double products = 2.0 * rows * channels * hidden, x = rows * channels, weight = channels * hidden;
    table.add(OpTiming{
        "feed_forward",
        fmt::format("{}x{} by {} {} dropout {}", rows, channels, hidden, kNames[int(f)], p),
        {{{1, rows, channels}}, {{hidden, channels}}, {{hidden}}, {{channels, hidden}}, {{channels}}},
        runner(f, p),
        2 * products,
        4 * products,
        4 * (2 * x + 2 * weight),
        4 * (3 * x + 4 * weight)});
  }
}

}  // namespace uls::kernels
