// SPDX-License-Identifier: Apache-2.0
#include "kernels/attention/attention/attention.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/autograd/autograd.h"
#include "core/tensor/primitives.h"
#include "kernels/attention/attention/attention_kernel.h"
#include "kernels/common/checks.h"
#include "kernels/common/fused.h"
#include "kernels/linear/gemm/gemm.h"
#include "kernels/norm/softmax/softmax.h"
#include "kernels/pointwise/dropout/dropout.h"
#include "kernels/pointwise/pointwise.h"
#include "kernels/primitives/concat/concat.h"
#include "kernels/primitives/reduce/reduce.h"
#include "kernels/primitives/views/views.h"

namespace uls {

namespace slots {
namespace {

// Of one product over all pairs of a query and a key that it sees; exponentials are not counted.
double product_flops(const Tensor& q, const Tensor& k, const AttentionOptions& options) {
  const std::int64_t queries = q.size(1), keys = k.size(1), seen = std::min(queries, keys);
  const std::int64_t hidden = options.causal ? seen * keys - seen * (seen + 1) / 2 : 0;
  return 2.0 * double(q.size(0) * q.size(2)) * double(queries * keys - hidden);
}
// Scores and y.
double forward_flops(const Tensor& q, const Tensor& k, const Tensor&, const Tensor&,
                     const AttentionOptions& options, const RandomKey&, Tensor&, Tensor&) {
  return 2 * product_flops(q, k, options);
}
// The gradients of both products; that scores are found again is the kernel's own affair.
double grad_flops(const Tensor& q, const Tensor& k, const Tensor&, const Tensor&,
                  const AttentionOptions& options, const RandomKey&, const Tensor&, const Tensor&,
                  const Tensor&, Tensor&, Tensor&, Tensor&) {
  return 4 * product_flops(q, k, options);
}

}  // namespace

KernelSlot<void(const Tensor& q, const Tensor& k, const Tensor& v, const Tensor& mask,
                const AttentionOptions& options, const RandomKey& key, Tensor& y, Tensor& lse)>
    attention("attention", forward_flops);
KernelSlot<void(const Tensor& q, const Tensor& k, const Tensor& v, const Tensor& mask,
                const AttentionOptions& options, const RandomKey& key, const Tensor& y, const Tensor& lse,
                const Tensor& dy, Tensor& dq, Tensor& dk, Tensor& dv)>
    attention_grad("attention_grad", grad_flops);
}  // namespace slots

namespace {

void check(const Tensor& q, const Tensor& k, const Tensor& v, const AttentionOptions& options,
           const Tensor& mask) {
  kernels::check_floating("attention", "q", q);
  kernels::check_same_kind("attention", "k", k, q);
  kernels::check_same_kind("attention", "v", v, q);
  ULS_CHECK(q.rank() == 3 && k.rank() == 3,
            "attention: not [batch, length, channels]; got {} and {}; expected 3 "
            "dimensions of q and k",
            to_string(q.shape()), to_string(k.shape()));
  kernels::check_shape("attention", "k", k, {q.size(0), k.size(1), q.size(2)});
  kernels::check_shape("attention", "v", v, k.shape());
  ULS_CHECK(options.heads >= 1 && q.size(2) % options.heads == 0,
            "attention: channels do not split into heads; got {} channels and {} heads; expected a multiple",
            q.size(2), options.heads);
  ULS_CHECK(options.dropout >= 0 && options.dropout < 1,
            "attention: dropout is no probability below 1; got {}; expected one in [0, 1)", options.dropout);
  if (!mask) return;
  ULS_CHECK(mask.dtype() == DType::boolean && mask.device() == q.device(),
            "attention: key_padding_mask is of another kind; got {}; expected bool on {}", describe(mask),
            to_string(q.device()));
  kernels::check_shape("attention", "key_padding_mask", mask, {k.size(0), k.size(1)});
}

// 0 where query i sees key j, -infinity elsewhere: [Q, L].
Tensor causal_bias(std::int64_t queries, std::int64_t keys, const Tensor& like) {
  Tensor bias = zeros({queries, keys}, like.dtype(), like.device());
  for (std::int64_t i = 0; i < std::min(queries, keys - 1); ++i) {
    Tensor hidden = bias.sliced(0, i, i + 1).sliced(1, i + 1, keys);
    fill_(hidden, -std::numeric_limits<double>::infinity());
  }
  return bias;
}

}  // namespace

Tensor attention(const Tensor& queries, const Tensor& keys, const Tensor& values,
                 const AttentionOptions& options, const Tensor& key_padding_mask) {
  const OpScope scope("attention");
  check(queries, keys, values, options, key_padding_mask);
  if (!kernels::fused_kernels() || keys.size(1) == 0)
    return attention_with_weights(queries, keys, values, options, key_padding_mask).y;

  const Tensor q = contiguous(queries), k = contiguous(keys), v = contiguous(values);
  const Tensor mask = key_padding_mask ? contiguous(key_padding_mask) : key_padding_mask;
  const RandomKey key = options.dropout > 0 ? RandomState::current().next_key() : RandomKey();
  const DType statistics = q.dtype() == DType::float64 ? DType::float64 : DType::float32;
  Tensor y = empty_like(q), lse = empty({q.size(0), options.heads, q.size(1)}, statistics, q.device());
  slots::attention(q.device(), q, k, v, mask, options, key, y, lse);

  return record("attention", {queries, keys, values}, y,
                [q = save(q), k = save(k), v = save(v), mask = save(mask), y = save(y), lse = save(lse),
                 options, key](Gradients& g) {
                  // The weight of an only key is 1 whatever its score: nothing flows to the scores.
                  const bool fixed = k().size(1) == 1 && !mask();
                  Tensor dq = g.needs(0) && !fixed ? empty_like(q()) : Tensor();
                  Tensor dk = g.needs(1) && !fixed ? empty_like(k()) : Tensor();
                  Tensor dv = g.needs(2) ? empty_like(v()) : Tensor();
                  slots::attention_grad(q().device(), q(), k(), v(), mask(), options, key, y(), lse(),
                                        g.output(0), dq, dk, dv);
                  if (g.needs(0)) g.add(0, dq ? std::move(dq) : zeros_like(q()));
                  if (g.needs(1)) g.add(1, dk ? std::move(dk) : zeros_like(k()));
                  if (dv) g.add(2, std::move(dv));
                });
}

AttentionWithWeights attention_with_weights(const Tensor& q, const Tensor& k, const Tensor& v,
                                            const AttentionOptions& options, const Tensor& key_padding_mask,
                                            const Tensor& bias) {
  const OpScope scope("attention_with_weights");
  check(q, k, v, options, key_padding_mask);
  const std::int64_t batch = q.size(0), heads = options.heads, size = q.size(2) / heads;
  const Shape shape{batch, heads, q.size(1), k.size(1)};
  if (bias) {
    kernels::check_same_kind("attention", "bias", bias, q);
    kernels::check_shape("attention", "bias", bias, bias.rank() == 2 ? Shape{shape[2], shape[3]} : shape);
  }
  if (batch == 0) return {zeros_like(q), zeros({0, shape[2], shape[3]}, q.dtype(), q.device())};

  const auto head_of = [&](const Tensor& x, std::int64_t b, std::int64_t n) {
    return reshape(slice(slice(x, 0, b, b + 1), 2, n * size, (n + 1) * size), {x.size(1), size});
  };
  std::vector<Tensor> parts;
  for (std::int64_t b = 0; b < batch; ++b)
    for (std::int64_t n = 0; n < heads; ++n)
      parts.push_back(matmul(head_of(q, b, n), head_of(k, b, n), false, true));
  Tensor scores = reshape(concat(parts, 0), shape) * (1 / std::sqrt(double(size)));
  if (bias) scores = scores + bias;
  if (options.causal) scores = scores + causal_bias(shape[2], shape[3], q);
  if (key_padding_mask) {
    const Tensor hidden = log(affine(converted(key_padding_mask, q.dtype()), -1, 1));  // log 0 = -infinity
    scores = scores + reshape(hidden, {batch, 1, 1, shape[3]});
  }
  const Tensor weights = options.dropout > 0 ? dropout(softmax(scores), options.dropout) : softmax(scores);
  parts.clear();
  for (std::int64_t b = 0; b < batch; ++b)
    for (std::int64_t n = 0; n < heads; ++n) {
      const Tensor head = slice(slice(weights, 0, b, b + 1), 1, n, n + 1);
      parts.push_back(matmul(reshape(head, {shape[2], shape[3]}), head_of(v, b, n)));
    }
  const Tensor y = permute(reshape(concat(parts, 0), {batch, heads, shape[2], size}), {0, 2, 1, 3});
  return {reshape(y, q.shape()), mean(weights, {1})};
}

}  // namespace uls
