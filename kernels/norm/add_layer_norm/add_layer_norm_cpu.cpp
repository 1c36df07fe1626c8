// SPDX-License-Identifier: Apache-2.0
#include "kernels/norm/add_layer_norm/add_layer_norm_kernel.h"
#include "kernels/norm/layer_norm_rows_cpu.h"
#include "kernels/pointwise/dropout/mask_cpu.h"

namespace uls::kernels {
namespace {

using slots::BranchDrop;

// What the elements of a row of the branch are multiplied by.
template <typename A>
class RowScales {
 public:
  RowScales(const BranchDrop& drop, const Tensor& x)
      : drop_(drop), rows_(x.size(1)), channels_(x.size(2)), scales_(std::size_t(channels_), A(1)) {}

  // Valid until the next call.
  const A* of(std::int64_t row) {
    const std::int64_t sample = row / rows_;
    A kept = A(1);
    if (drop_.drop_path > 0) {
      kept = drop_path_scale(drop_.drop_path, drop_.drop_path_key, sample, A(1 / (1 - drop_.drop_path)));
      std::fill(scales_.begin(), scales_.end(), kept);
    }
    if (drop_.dropout > 0 && kept != A(0))
      dropout_scales(drop_.dropout, drop_.dropout_key, sample, row % rows_ * channels_, channels_,
                     kept * A(1 / (1 - drop_.dropout)), scales_.data());
    return scales_.data();
  }

 private:
  const BranchDrop& drop_;
  std::int64_t rows_, channels_;
  std::vector<A> scales_;
};

template <typename T, typename A>
void add_row(const T* __restrict x, const T* __restrict branch, const A* __restrict scales,
             std::int64_t channels, T* __restrict sum) {
  for (std::int64_t i = 0; i < channels; ++i)
    sum[i] = convert<T>(load(x[i]) + dropped(load(branch[i]), scales[i]));
}

template <typename T, typename A>
void scale_row(const T* __restrict x, const A* __restrict scales, std::int64_t channels, T* __restrict y) {
  for (std::int64_t i = 0; i < channels; ++i) y[i] = convert<T>(dropped(load(x[i]), scales[i]));
}

void add_layer_norm(const Tensor& x, const Tensor& branch, const BranchDrop& drop, const Tensor& weight,
                    const Tensor& bias, double eps, Tensor& sum, Tensor& y, Tensor& mean, Tensor& rstd) {
  const std::int64_t rows = mean.numel(), channels = x.size(2);
  dispatch_floating("add_layer_norm", x.dtype(), [&](auto tag) {
    using T = typename decltype(tag)::type;
    using A = ComputeType<T>;
    const T *px = x.data<T>(), *pb = branch.data<T>(), *w = weight ? weight.data<T>() : nullptr,
            *b = bias ? bias.data<T>() : nullptr;
    T *sums = sum.data<T>(), *to = y.data<T>();
    A *means = mean.data<A>(), *rstds = rstd.data<A>();
    parallel_for(0, rows, rows_a_piece(channels), [&](std::int64_t first, std::int64_t last) {
      RowScales<A> scales(drop, x);
      for (std::int64_t r = first; r < last; ++r) {
        const std::int64_t at = r * channels;
        add_row(px + at, pb + at, scales.of(r), channels, sums + at);
        const auto moments = normalize_row(sums + at, w, b, channels, A(eps), to + at);
        means[r] = moments.mean;
        rstds[r] = moments.rstd;
      }
    });
  });
}

void add_layer_norm_grad(const Tensor& sum, const Tensor& weight, const Tensor& mean, const Tensor& rstd,
                         const BranchDrop& drop, const Tensor& dy, Tensor& dx, bool add, Tensor& dbranch,
                         Tensor& dweight, Tensor& dbias) {
  const std::int64_t channels = sum.size(2);
  dispatch_floating("add_layer_norm", sum.dtype(), [&](auto tag) {
    using T = typename decltype(tag)::type;
    using A = ComputeType<T>;
    const T *sums = sum.data<T>(), *pg = dy.data<T>(), *w = weight ? weight.data<T>() : nullptr;
    T *to = dx ? dx.data<T>() : nullptr, *to_branch = dbranch ? dbranch.data<T>() : nullptr;
    const A *means = mean.data<A>(), *rstds = rstd.data<A>();
    const auto row_grad = w ? normalize_row_grad<T, true, A> : normalize_row_grad<T, false, A>;
    const auto row = [&, scales = RowScales<A>(drop, sum)](std::int64_t r, A* sum_w, A* sum_b) mutable {
      const std::int64_t at = r * channels;
      row_grad(sums + at, pg + at, w, channels, {means[r], rstds[r]}, to ? to + at : nullptr, add, sum_w,
               sum_b);
      if (to_branch) scale_row(to + at, scales.of(r), channels, to_branch + at);
    };
    layer_norm_grad_rows<T>(mean.numel(), channels, row, dweight, dbias);
  });
}

}  // namespace

void bind_add_layer_norm_cpu() {
  slots::add_layer_norm.bind(DeviceType::cpu, add_layer_norm);
  slots::add_layer_norm_grad.bind(DeviceType::cpu, add_layer_norm_grad);
}

}  // namespace uls::kernels
