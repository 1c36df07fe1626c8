// SPDX-License-Identifier: Apache-2.0
#include "kernels/linear/gemm/gemm.h"

#include "core/autograd/autograd.h"
#include "core/tensor/primitives.h"
#include "kernels/common/checks.h"
#include "kernels/linear/gemm/gemm_kernel.h"

namespace uls {

namespace slots {
namespace {

double flops(const Tensor& a, const Tensor&, const Tensor&, const GemmOptions& options, Tensor& c) {
  return 2.0 * double(c.numel()) * double(a.size(options.transpose_a ? 0 : 1));
}

}  // namespace

KernelSlot<void(const Tensor& a, const Tensor& b, const Tensor& bias, const GemmOptions& options, Tensor& c)>
    gemm("gemm", flops);
KernelSlot<void(const Tensor& a, const Tensor& b, const Tensor& bias, const GemmOptions& options, Tensor& c)>
    gemm_onednn("gemm_onednn");
}  // namespace slots

namespace {

void multiply_into(const Tensor& a, bool transpose_a, const Tensor& b, bool transpose_b,
                   std::pair<Tensor, bool> target) {
  slots::gemm(a.device(), a, b, {}, {transpose_a, transpose_b, target.second}, target.first);
}

}  // namespace

Tensor matmul(const Tensor& left, const Tensor& right, bool transpose_a, bool transpose_b) {
  const OpScope scope("matmul");
  kernels::check_floating("matmul", "a", left);
  kernels::check_same_kind("matmul", "b", right, left);
  ULS_CHECK(left.rank() == 2 && right.rank() == 2,
            "matmul: not matrices; got {} and {}; expected two dimensions each", to_string(left.shape()),
            to_string(right.shape()));
  const std::int64_t m = left.size(transpose_a ? 1 : 0), k = left.size(transpose_a ? 0 : 1);
  const std::int64_t n = right.size(transpose_b ? 0 : 1), k_of_b = right.size(transpose_b ? 1 : 0);
  ULS_CHECK(k == k_of_b, "matmul: inner sizes differ; got {}{} and {}{}; expected equal ones",
            to_string(left.shape()), transpose_a ? " transposed" : "", to_string(right.shape()),
            transpose_b ? " transposed" : "");
  const Tensor a = contiguous(left), b = contiguous(right);
  Tensor c = empty({m, n}, a.dtype(), a.device());
  slots::gemm(a.device(), a, b, {}, {transpose_a, transpose_b}, c);
  return record("matmul", {left, right}, c, [=, a = save(a), b = save(b)](Gradients& g) {
    const Tensor dc = g.output(0);
    if (g.needs(0)) {  // dA = dC op(B)^T, or its transpose op(B) dC^T
      if (transpose_a)
        multiply_into(b(), transpose_b, dc, true, g.buffer(0));
      else
        multiply_into(dc, false, b(), !transpose_b, g.buffer(0));
    }
    if (g.needs(1)) {  // dB = op(A)^T dC, or its transpose dC^T op(A)
      if (transpose_b)
        multiply_into(dc, true, a(), transpose_a, g.buffer(1));
      else
        multiply_into(a(), !transpose_a, dc, false, g.buffer(1));
    }
  });
}

}  // namespace uls
