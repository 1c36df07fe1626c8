// SPDX-License-Identifier: Apache-2.0
#include <type_traits>

#include "core/base/log.h"
#include "kernels/attention/attention/attention_any_size_cpu.h"
#include "kernels/attention/attention/attention_few_keys_cpu.h"
#include "kernels/attention/attention/attention_one_query_cpu.h"

namespace uls::kernels {
namespace {

// Calls use(form) with the first form, as a type_identity, that can implement the arguments.
template <typename Use>
void with_form(const AttentionArgs& args, Use use) {
  dispatch_floating("attention", args.q.dtype(), [&](auto tag) {
    using T = typename decltype(tag)::type;
    if (OneQuery<T>::can_implement(args))
      use(std::type_identity<OneQuery<T>>());
    else if (FewKeys<T>::can_implement(args))
      use(std::type_identity<FewKeys<T>>());
    else
      use(std::type_identity<AnySize<T>>());
  });
}

void attention(const Tensor& q, const Tensor& k, const Tensor& v, const Tensor& mask,
               const AttentionOptions& options, const RandomKey& key, Tensor& y, Tensor& lse) {
  const AttentionArgs args{q, k, v, mask, options, key};
  with_form(args, [&](auto form) {
    using Form = typename decltype(form)::type;
    log_debug("attention: {} by {} keys, {} heads: {}", describe(q), args.keys, args.heads, Form::kName);
    Form::forward(args, y, lse);
  });
}

void attention_grad(const Tensor& q, const Tensor& k, const Tensor& v, const Tensor& mask,
                    const AttentionOptions& options, const RandomKey& key, const Tensor& y, const Tensor& lse,
                    const Tensor& dy, Tensor& dq, Tensor& dk, Tensor& dv) {
  const AttentionArgs args{q, k, v, mask, options, key};
  with_form(args, [&](auto form) { decltype(form)::type::backward(args, {y, lse, dy, dq, dk, dv}); });
}

}  // namespace

void bind_attention_cpu() {
  slots::attention.bind(DeviceType::cpu, attention);
  slots::attention_grad.bind(DeviceType::cpu, attention_grad);
}

}  // namespace uls::kernels
