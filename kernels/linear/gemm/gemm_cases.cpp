// SPDX-License-Identifier: Apache-2.0
#include "kernels/common/op_table.h"
#include "kernels/linear/gemm/gemm.h"

namespace uls::kernels {
namespace {

Doubles reference(const OpArgument& a, const OpArgument& b, bool ta, bool tb) {
  const std::int64_t m = a.shape[ta ? 1 : 0], k = a.shape[ta ? 0 : 1], n = b.shape[tb ? 0 : 1];
  Doubles c;
  for (std::int64_t i = 0; i < m; ++i)
    for (std::int64_t j = 0; j < n; ++j) {
      double sum = 0;
      for (std::int64_t l = 0; l < k; ++l)
        sum += a.values[std::size_t(ta ? l * m + i : i * k + l)] *
               b.values[std::size_t(tb ? j * k + l : l * n + j)];
      c.push_back(sum);
    }
  return c;
}

}  // namespace

void gemm_cases(OpTable& table) {
  const std::vector<Dims> sizes{{5, 3, 4}, {1, 7, 1}, {0, 3, 2}, {3, 0, 2}, {17, 9, 33}};
  for (const Dims& size : sizes)
    for (const bool ta : {false, true})
      for (const bool tb : {false, true}) {
        const std::int64_t m = size[0], k = size[1], n = size[2];
        table.add(OpCase{"matmul",
                         to_string(size) + (ta ? " aT" : "") + (tb ? " bT" : ""),
                         {{ta ? Shape{k, m} : Shape{m, k}}, {tb ? Shape{n, k} : Shape{k, n}}},
                         [=](const std::vector<Tensor>& in) { return matmul(in[0], in[1], ta, tb); },
                         [=](const std::vector<OpArgument>& in) { return reference(in[0], in[1], ta, tb); },
                         k});
      }
  for (const std::int64_t n : {256, 512, 1024}) {
    const double cube = double(n) * double(n) * double(n), bytes = 3 * double(n) * double(n) * sizeof(float);
    table.add(OpTiming{"matmul",
                       std::to_string(n) + "^3",
                       {{{n, n}}, {{n, n}}},
                       [](const std::vector<Tensor>& in) { return matmul(in[0], in[1]); },
                       2 * cube,
                       4 * cube,
                       bytes,
                       2 * bytes});
  }
}

}  // namespace uls::kernels
