// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include "kernels/attention/attention/attention.h"
#include "kernels/common/op_table.h"

namespace uls::kernels {
namespace {

struct Row {
  std::int64_t batch, queries, keys, channels;
  AttentionOptions options;
  std::int64_t padded = 0;  // keys that are ignored: at the end of even samples, at the start of odd ones
};

bool ignored(const Row& row, std::int64_t b, std::int64_t j) {
  return b % 2 ? j < row.padded : j >= row.keys - row.padded;
}

Tensor mask_of(const Row& row, Device device) {
  if (row.padded == 0) return {};
  Tensor mask = zeros({row.batch, row.keys}, DType::boolean, device);
  for (std::int64_t b = 0; b < row.batch; ++b) {
    Tensor part =
        mask.sliced(0, b, b + 1).sliced(1, b % 2 ? 0 : row.keys - row.padded, b % 2 ? row.padded : row.keys);
    fill_(part, 1);
  }
  return mask;
}

std::vector<OpInput> inputs_of(const Row& row) {
  const Shape keys{row.batch, row.keys, row.channels};
  return {{{row.batch, row.queries, row.channels}, -2, 2}, {keys, -2, 2}, {keys}};
}

auto run_of(const Row& row) {
  return [row](const std::vector<Tensor>& in) {
    return attention(in[0], in[1], in[2], row.options, mask_of(row, in[0].device()));
  };
}

Doubles reference(const Row& row, const Doubles& q, const Doubles& k, const Doubles& v) {
  Doubles y(q.size());
  const std::int64_t size = row.channels / row.options.heads;
  for (std::int64_t b = 0; b < row.batch; ++b)
    for (std::int64_t i = 0; i < row.queries; ++i)
      for (std::int64_t n = 0; n < row.options.heads; ++n) {
        const auto at = [&](std::int64_t length, std::int64_t l, std::int64_t d) {
          return std::size_t((b * length + l) * row.channels + n * size + d);
        };
        double total = 0;
        for (std::int64_t j = 0; j < row.keys; ++j) {
          if (ignored(row, b, j) || (row.options.causal && j > i)) continue;
          double score = 0;
          for (std::int64_t d = 0; d < size; ++d) score += q[at(row.queries, i, d)] * k[at(row.keys, j, d)];
          const double weight = std::exp(score / std::sqrt(double(size)));
          total += weight;
          for (std::int64_t d = 0; d < size; ++d) y[at(row.queries, i, d)] += weight * v[at(row.keys, j, d)];
        }
        for (std::int64_t d = 0; d < size && row.keys > 0; ++d) y[at(row.queries, i, d)] /= total;
      }
  return y;
}

std::string label_of(const Row& row) {
  return std::to_string(row.batch) + "x" + std::to_string(row.queries) + " by " + std::to_string(row.keys) +
         "x" + std::to_string(row.channels) + ", " + std::to_string(row.options.heads) + " heads" +
         (row.options.causal ? ", causal" : "") + (row.options.dropout > 0 ? ", dropout" : "") +
         (row.padded ? ", " + std::to_string(row.padded) + " padded" : "");
}

}  // namespace

void attention_cases(OpTable& table) {
  for (const Row& row :
       {Row{2, 5, 7, 6, {.heads = 2}}, Row{2, 7, 5, 15, {.heads = 3}, 2}, Row{1, 1, 1, 1, {}},
        Row{1, 9, 9, 4, {.heads = 2, .causal = true}}, Row{1, 3, 8, 2, {.causal = true}},
        Row{1, 8, 3, 2, {.causal = true}}, Row{1, 59, 3, 1, {}},  // more queries than a block has
        Row{2, 2, 231, 2, {}, 225},  // more keys than a block has, and one without any
        Row{0, 2, 3, 4, {.heads = 2}}, Row{2, 0, 3, 4, {.heads = 2}}, Row{2, 3, 0, 4, {.heads = 2}},
        Row{1, 2, 3, 70, {}}})
    table.add(OpCase{"attention", label_of(row), inputs_of(row), run_of(row),
                     [row](const std::vector<OpArgument>& in) {
                       return reference(row, in[0].values, in[1].values, in[2].values);
                     },
                     row.channels / row.options.heads + row.keys});
  // The text encoder; words into stages 1 and 3 at their widths and into the pixel decoder; words and the
  // resized map of a pixel decoder's layer; one query of the query decoder.
  for (const Row& row :
       {Row{8, 17, 17, 512, {.heads = 8, .causal = true}}, Row{1, 14400, 17, 128, {.heads = 8}, 5},
        Row{1, 14400, 17, 128, {.heads = 8, .dropout = 0.1}, 5}, Row{1, 14400, 17, 512, {.heads = 8}},
        Row{1, 14400, 17, 512, {.heads = 8}, 5}, Row{1, 242, 242, 512, {.heads = 8}},
        Row{2, 242, 242, 512, {.heads = 8}, 5}, Row{1, 900, 900, 512, {.heads = 8}},
        Row{1, 1, 225, 256, {.heads = 8}}}) {
    const double products = 2 * double(row.batch * row.queries) * double(row.keys * row.channels);
    const double bytes =
        2 * double(row.batch) * double(row.queries + row.keys) * double(row.channels) * sizeof(float);
    table.add(OpTiming{"attention", label_of(row), inputs_of(row), run_of(row), 2 * products, 5 * products,
                       bytes, 2 * bytes});
  }
}

}  // namespace uls::kernels
