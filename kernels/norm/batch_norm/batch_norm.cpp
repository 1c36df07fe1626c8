// SPDX-License-Identifier: Apache-2.0
#include "kernels/norm/batch_norm/batch_norm.h"

#include "core/autograd/autograd.h"
#include "core/tensor/primitives.h"
#include "kernels/common/checks.h"
#include "kernels/norm/batch_norm/batch_norm_kernel.h"

namespace uls {

namespace slots {
KernelSlot<void(const Tensor& x, Tensor& moments)> batch_norm_statistics("batch_norm_statistics");
KernelSlot<void(const Tensor& x, const Tensor& weight, const Tensor& bias, const Tensor& moments,
                const BatchNormOptions& options, BatchNormState& state, Tensor& y)>
    batch_norm_apply("batch_norm_apply");
KernelSlot<void(const Tensor& x, const Tensor& moments, double eps, const Tensor& dy, Tensor& sums)>
    batch_norm_grad_sums("batch_norm_grad_sums");
KernelSlot<void(const Tensor& x, const Tensor& weight, const Tensor& moments, double eps, const Tensor& sums,
                const Tensor& dy, Tensor& dx)>
    batch_norm_grad_apply("batch_norm_grad_apply");
}  // namespace slots

namespace {

void check_state(const char* name, const Tensor& x, DType dtype, const Shape& shape, Device device) {
  ULS_CHECK(x && x.dtype() == dtype && x.shape() == shape && x.device() == device && x.is_contiguous(),
            "batch_norm: {} does not fit; got {}; expected contiguous {} {} on {}", name, describe(x),
            to_string(dtype), to_string(shape), to_string(device));
}

Tensor row(const Tensor& x, std::int64_t index) {
  return x.sliced(0, index, index + 1).reshaped({x.size(1)});
}

// The running statistics in the form of a batch's.
void running_moments(const BatchNormState& state, Tensor& moments) {
  Tensor count = row(moments, 0), mean = row(moments, 1), m2 = row(moments, 2);
  fill_(count, 1);
  copy_(mean, state.running_mean);
  copy_(m2, state.running_var);
}

}  // namespace

Tensor batch_norm(const Tensor& input, const Tensor& weight, const Tensor& bias, BatchNormState& state,
                  const BatchNormOptions& options) {
  const OpScope scope("batch_norm");
  kernels::check_floating("batch_norm", "x", input);
  ULS_CHECK(input.rank() >= 1, "batch_norm: no dimension of channels; got {}; expected at least one",
            describe(input));
  const std::int64_t channels = input.shape().back();
  const std::int64_t rows = count_elements(input.shape().first(input.rank() - 1));
  const DType statistics = input.dtype() == DType::float64 ? DType::float64 : DType::float32;
  kernels::check_same_kind("batch_norm", "weight", weight, input);
  kernels::check_same_kind("batch_norm", "bias", bias, input);
  kernels::check_shape("batch_norm", "weight", weight, {channels});
  kernels::check_shape("batch_norm", "bias", bias, {channels});
  check_state("running_mean", state.running_mean, statistics, {channels}, input.device());
  check_state("running_var", state.running_var, statistics, {channels}, input.device());
  check_state("num_batches_tracked", state.num_batches_tracked, DType::int64, {}, input.device());

  const Tensor x = contiguous(input).reshaped({rows, channels}), w = contiguous(weight);
  Tensor y = empty_like(x), moments = empty({3, channels}, statistics, x.device());
  if (options.training) {
    ULS_CHECK(rows != 1, "batch_norm: training on a single value a channel; got {}; expected at least two",
              describe(input));
    for (Tensor* tracked : {&state.running_mean, &state.running_var, &state.num_batches_tracked})
      check_in_place("batch_norm", *tracked);
    slots::batch_norm_statistics(x.device(), x, moments);
  } else {
    running_moments(state, moments);
  }
  slots::batch_norm_apply(x.device(), x, w, contiguous(bias), moments, options, state, y);

  return record(
      "batch_norm", {input, weight, bias}, y.reshaped(input.shape()),
      [x = save(x), w = save(w), moments = save(moments), options, shape = input.shape()](Gradients& g) {
        const Tensor dy = g.output(0).reshaped(x().shape());
        Tensor sums;
        if (options.training || g.needs(1) || g.needs(2)) {
          sums = empty({2, x().size(1)}, moments().dtype(), dy.device());
          slots::batch_norm_grad_sums(dy.device(), x(), moments(), options.eps, dy, sums);
        }
        if (g.needs(0)) {
          Tensor dx = empty(shape, dy.dtype(), dy.device());
          Tensor dx_rows = dx.reshaped(dy.shape());
          slots::batch_norm_grad_apply(dy.device(), x(), w(), moments(), options.eps,
                                       options.training ? sums : Tensor(), dy, dx_rows);
          dx_rows = Tensor();  // the only handle is moved on, so that a leaf takes it without a copy
          g.add(0, std::move(dx));
        }
        if (g.needs(1)) g.add(1, converted(row(sums, 1), dy.dtype()));
        if (g.needs(2)) g.add(2, converted(row(sums, 0), dy.dtype()));
      });
}

}  // namespace uls
