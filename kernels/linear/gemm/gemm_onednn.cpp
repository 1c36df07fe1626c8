// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "core/tensor/primitives.h"
#include "kernels/common/onednn.h"
#include "kernels/linear/gemm/gemm_kernel.h"

namespace uls::kernels {
namespace {

using dnnl::memory;
constexpr auto kFloat = memory::data_type::f32;
constexpr std::int64_t kLong = 4096;  // rows, or terms of a sum

onednn::Primitive make_matmul(std::int64_t m, std::int64_t k, std::int64_t n, bool bias,
                              const slots::GemmOptions& options) {
  using Tag = memory::format_tag;
  // Many rows pay for a kernel that repacks b at each call.
  const bool repack = options.transpose_b && m >= kLong && m >= 4 * std::min(n, k);
  const memory::desc a({m, k}, kFloat, options.transpose_a ? Tag::ba : Tag::ab);
  const memory::desc b({k, n}, kFloat, options.transpose_b ? Tag::ba : Tag::ab);
  const memory::desc c({m, n}, kFloat, Tag::ab), row({1, n}, kFloat, Tag::ab);
  const memory::desc any({k, n}, kFloat, Tag::any);
  const dnnl::matmul::desc description =
      bias ? dnnl::matmul::desc(a, repack ? any : b, row, c) : dnnl::matmul::desc(a, repack ? any : b, c);
  dnnl::primitive_attr attributes;
  if (options.accumulate) {
    dnnl::post_ops sum;
    sum.append_sum(1.0f);
    attributes.set_post_ops(sum);
  }
  const dnnl::matmul::primitive_desc chosen(description, attributes, onednn::engine());
  onednn::Primitive result{dnnl::matmul(chosen)};
  result.arguments.emplace(DNNL_ARG_SRC, onednn::Argument(a, a, true));
  result.arguments.emplace(DNNL_ARG_WEIGHTS, onednn::Argument(b, chosen.weights_desc(), true));
  if (bias) result.arguments.emplace(DNNL_ARG_BIAS, onednn::Argument(row, row, true));
  result.arguments.emplace(DNNL_ARG_DST, onednn::Argument(c, c, false));
  return result;
}

void gemm(const Tensor& a, const Tensor& b, const Tensor& bias, const slots::GemmOptions& options,
          Tensor& c) {
  const std::int64_t m = c.size(0), n = c.size(1), k = a.size(options.transpose_a ? 0 : 1);
  if (m == 0 || n == 0) return;
  if (k == 0) {  // an empty sum, which the library refuses
    if (bias)
      slots::copy(kCpu, bias.expanded(c.shape()), c);
    else if (!options.accumulate)
      slots::fill(kCpu, c, 0.0);
    return;
  }
  // Measured: the classic interface, which knows no bias, is the fastest but for long products.
  if (!bias && std::max(m, k) < kLong) {
    const dnnl_status_t status =
        dnnl_sgemm(options.transpose_a ? 'T' : 'N', options.transpose_b ? 'T' : 'N', m, n, k, 1.0f,
                   a.data<float>(), options.transpose_a ? m : k, b.data<float>(), options.transpose_b ? k : n,
                   options.accumulate ? 1.0f : 0.0f, c.data<float>(), n);
    ULS_ASSERT(status == dnnl_success, "dnnl_sgemm of {} x {} x {} returned {}", m, k, n, int(status));
    return;
  }
  const onednn::Key key{1, m, k, n, bool(bias), options.transpose_a, options.transpose_b, options.accumulate};
  onednn::cached(key, [&] { return make_matmul(m, k, n, bool(bias), options); })
      .run({{DNNL_ARG_SRC, a.raw_data()},
            {DNNL_ARG_WEIGHTS, b.raw_data()},
            {DNNL_ARG_BIAS, bias ? bias.raw_data() : nullptr},
            {DNNL_ARG_DST, c.raw_data()}});
}

}  // namespace

void bind_gemm_onednn() { slots::gemm_onednn.bind(DeviceType::cpu, gemm); }

}  // namespace uls::kernels
