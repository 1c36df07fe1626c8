// SPDX-License-Identifier: Apache-2.0
#include "kernels/linear/feed_forward/feed_forward.h"

#include "core/autograd/autograd.h"
#include "core/tensor/primitives.h"
#include "kernels/common/fused.h"
#include "kernels/linear/feed_forward/feed_forward_kernel.h"
#include "kernels/linear/linear_checks.h"
#include "kernels/pointwise/dropout/dropout.h"

namespace uls {

namespace slots {
namespace {

double products(const Tensor& x, const FeedForwardLayers& layers) {
  return 2.0 * double(x.size(0) * x.size(1)) * double(layers.first.numel() + layers.last.numel());
}
double forward_flops(const Tensor& x, const FeedForwardLayers& layers, const HiddenLayer&, Tensor&, Tensor&) {
  return products(x, layers);
}
double grad_flops(const Tensor& x, const FeedForwardLayers& layers, const HiddenLayer&, const Tensor&,
                  const Tensor&, Tensor&, bool, FeedForwardLayers&) {
  return 2 * products(x, layers);
}

}  // namespace

KernelSlot<void(const Tensor& x, const FeedForwardLayers& layers, const HiddenLayer& hidden, Tensor& kept,
                Tensor& y)>
    feed_forward("feed_forward", forward_flops);
KernelSlot<void(const Tensor& x, const FeedForwardLayers& layers, const HiddenLayer& hidden,
                const Tensor& kept, const Tensor& dy, Tensor& dx, bool add, FeedForwardLayers& sums)>
    feed_forward_grad("feed_forward_grad", grad_flops);
}  // namespace slots

namespace {

constexpr const char* kName = "feed_forward";

void check(const Tensor& x, const FeedForwardLayers& layers, Activation f, double dropout) {
  kernels::check_floating(kName, "x", x);
  ULS_CHECK(x.rank() >= 2, "feed_forward: no dimension of samples; got {}; expected [B, ..., in]",
            describe(x));
  kernels::check_linear(kName, x, x.shape().back(), layers.first, layers.first_bias);
  kernels::check_linear(kName, x, layers.first.size(0), layers.last, layers.last_bias);
  ULS_CHECK(f != Activation::none,
            "feed_forward: no activation; got none; expected relu, gelu or quick_gelu");
  ULS_CHECK(dropout >= 0 && dropout <= 1, "feed_forward: dropout is no probability; got {}; expected 0 to 1",
            dropout);
}

Tensor composed(const Tensor& x, const FeedForwardLayers& layers, Activation f, double p) {
  const Tensor hidden = linear(x, layers.first, layers.first_bias, f);
  return linear(p > 0 ? dropout(hidden, p) : hidden, layers.last, layers.last_bias);
}

}  // namespace

Tensor feed_forward(const Tensor& input, const FeedForwardLayers& layers, Activation f, double p) {
  const OpScope scope(kName);
  check(input, layers, f, p);
  if (!kernels::fused_kernels()) return composed(input, layers, f, p);

  const std::int64_t batch = input.size(0), rows = count_elements(input.shape().first(input.rank() - 1)),
                     hidden_size = layers.first.size(0), out = layers.last.size(0);
  const auto samples = [batch, rows](std::int64_t channels) {
    return Shape{batch, batch ? rows / batch : 0, channels};
  };
  const auto whole = [](const Tensor& t) { return t ? contiguous(t) : t; };
  const FeedForwardLayers own{whole(layers.first), whole(layers.first_bias), whole(layers.last),
                              whole(layers.last_bias)};
  const slots::HiddenLayer hidden{f, p, p > 0 ? RandomState::current().next_key() : RandomKey()};
  const std::vector<Tensor> inputs{input, layers.first, layers.first_bias, layers.last, layers.last_bias};
  bool recorded = false;
  for (const Tensor& t : inputs) recorded |= grad_enabled() && t.requires_grad();
  const Tensor x = contiguous(input).reshaped(samples(input.shape().back()));
  Tensor y = empty(samples(out), x.dtype(), x.device());
  Tensor kept = recorded ? empty(samples(hidden_size), x.dtype(), x.device()) : Tensor();
  slots::feed_forward(x.device(), x, own, hidden, kept, y);
  Shape shape = input.shape();
  shape[shape.size() - 1] = out;

  return record(kName, inputs, y.reshaped(shape),
                [x = save(x), first = save(own.first), last = save(own.last), kept = save(kept), hidden,
                 shape = y.shape()](Gradients& g) {
                  const Tensor dy = g.output(0).reshaped(shape);
                  // What layers hold already is added to, what they lack begins with zeros.
                  const auto sum_of = [&g](int input) {
                    if (!g.needs(input)) return Tensor();
                    auto [to, add] = g.buffer(input);
                    if (!add) fill_(to, 0);
                    return to;
                  };
                  FeedForwardLayers sums{sum_of(1), sum_of(2), sum_of(3), sum_of(4)};
                  auto [dx, add] = g.needs(0) ? g.buffer(0) : std::pair(Tensor(), false);
                  Tensor dx_rows = dx ? dx.reshaped(x().shape()) : dx;
                  slots::feed_forward_grad(dy.device(), x(), {first(), {}, last(), {}}, hidden, kept(), dy,
                                           dx_rows, add, sums);
                });
}

}  // namespace uls
