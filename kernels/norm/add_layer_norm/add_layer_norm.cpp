// SPDX-License-Identifier: Apache-2.0
#include "kernels/norm/add_layer_norm/add_layer_norm.h"

#include "core/autograd/autograd.h"
#include "core/tensor/primitives.h"
#include "kernels/common/fused.h"
#include "kernels/norm/add_layer_norm/add_layer_norm_kernel.h"
#include "kernels/norm/layer_norm/layer_norm.h"
#include "kernels/norm/layer_norm_checks.h"
#include "kernels/pointwise/dropout/dropout.h"
#include "kernels/pointwise/pointwise.h"

namespace uls {

namespace slots {
KernelSlot<void(const Tensor& x, const Tensor& branch, const BranchDrop& drop, const Tensor& weight,
                const Tensor& bias, double eps, Tensor& sum, Tensor& y, Tensor& mean, Tensor& rstd)>
    add_layer_norm("add_layer_norm");
KernelSlot<void(const Tensor& sum, const Tensor& weight, const Tensor& mean, const Tensor& rstd,
                const BranchDrop& drop, const Tensor& dy, Tensor& dx, bool add, Tensor& dbranch,
                Tensor& dweight, Tensor& dbias)>
    add_layer_norm_grad("add_layer_norm_grad");
}  // namespace slots

namespace {

using slots::BranchDrop;

void check(const Tensor& x, const Tensor& branch, const Tensor& weight, const Tensor& bias,
           const AddLayerNormOptions& options) {
  kernels::check_layer_norm("add_layer_norm", x, weight, bias);
  ULS_CHECK(x.rank() >= 2, "add_layer_norm: no dimension of samples; got {}; expected [B, ..., C]",
            describe(x));
  kernels::check_same_kind("add_layer_norm", "branch", branch, x);
  kernels::check_shape("add_layer_norm", "branch", branch, x.shape());
  for (const double p : {options.dropout, options.drop_path})
    ULS_CHECK(p >= 0 && p <= 1, "add_layer_norm: no probability; got {}; expected 0 to 1", p);
}

BranchDrop draw(const AddLayerNormOptions& options) {
  const auto key = [](double p) { return p > 0 ? RandomState::current().next_key() : RandomKey(); };
  BranchDrop drop{options.dropout, options.drop_path, key(options.dropout), {}};
  drop.drop_path_key = key(options.drop_path);
  return drop;
}

// Of the branch, or of its gradient.
Tensor dropped(const Tensor& branch, const BranchDrop& drop) {
  return drop_path(dropout(branch, drop.dropout, drop.dropout_key), drop.drop_path, drop.drop_path_key);
}

}  // namespace

AddLayerNorm add_layer_norm(const Tensor& input, const Tensor& branch, const Tensor& weight,
                            const Tensor& bias, const AddLayerNormOptions& options) {
  const OpScope scope("add_layer_norm");
  check(input, branch, weight, bias, options);
  const BranchDrop drop = draw(options);
  if (!kernels::fused_kernels()) {
    const Tensor sum = add(input, dropped(branch, drop));
    return {sum, layer_norm(sum, weight, bias, options.eps)};
  }

  const std::int64_t rows = count_elements(input.shape().first(input.rank() - 1)), batch = input.size(0);
  const Shape flat{batch, batch ? rows / batch : 0, input.shape().back()};
  const DType statistics = input.dtype() == DType::float64 ? DType::float64 : DType::float32;
  const Tensor x = contiguous(input).reshaped(flat), w = weight ? contiguous(weight) : weight;
  Tensor sum = empty_like(x), y = empty_like(x), mean = empty({rows}, statistics, x.device()),
         rstd = empty_like(mean);
  slots::add_layer_norm(x.device(), x, contiguous(branch).reshaped(flat), drop, w,
                        bias ? contiguous(bias) : bias, options.eps, sum, y, mean, rstd);

  std::vector<Tensor> results{sum.reshaped(input.shape()), y.reshaped(input.shape())};
  record("add_layer_norm", {input, branch, weight, bias}, results,
         [sum = save(sum), w = save(w), mean = save(mean), rstd = save(rstd), drop](Gradients& g) {
           if (!g.has_output(1)) {  // y was not used
             g.add(1, dropped(g.output(0), drop));
             g.add(0, g.output(0));
             return;
           }
           const Tensor dy = g.output(1);
           Tensor dx = g.needs(0) || g.needs(1) ? g.take_output(0) : Tensor();
           const bool add = bool(dx);
           if (!dx && (g.needs(0) || g.needs(1))) dx = empty_like(dy);
           const bool drops = drop.dropout > 0 || drop.drop_path > 0;
           Tensor dbranch = g.needs(1) && drops ? empty_like(dy) : Tensor();
           Tensor dweight = g.needs(2) ? empty_like(w()) : Tensor();
           Tensor dbias = g.needs(3) ? empty_like(w()) : Tensor();
           {
             const auto flat = [&](const Tensor& t) { return t ? t.reshaped(sum().shape()) : t; };
             Tensor dx_rows = flat(dx), dbranch_rows = flat(dbranch);
             slots::add_layer_norm_grad(dy.device(), sum(), w(), mean(), rstd(), drop, flat(dy), dx_rows, add,
                                        dbranch_rows, dweight, dbias);
           }  // dx and dbranch are the only handles then, so that others may take them without a copy
           if (g.needs(1)) g.add(1, drops ? std::move(dbranch) : dx);
           if (g.needs(0)) g.add(0, std::move(dx));
           if (dweight) g.add(2, std::move(dweight));
           if (dbias) g.add(3, std::move(dbias));
         });
  return {results[0], results[1]};
}

}  // namespace uls
