// SPDX-License-Identifier: Apache-2.0
#include "kernels/common/op_table.h"
#include "kernels/pointwise/dropout/dropout.h"

namespace uls::kernels {
namespace {

const RandomKey kKey{{3, 5}, 7, 11};

// What the contract says of each element, by a plain loop.
Doubles reference(const OpArgument& x, double p, bool by_sample) {
  Doubles y = x.values;
  const std::size_t elements = y.size() / std::size_t(std::max<std::int64_t>(1, x.shape[0]));
  for (std::size_t i = 0; i < y.size(); ++i) {
    const std::size_t element = by_sample ? 0 : i % elements;
    const std::uint32_t word = kKey.words(std::int64_t(i / elements), element / 4)[element % 4];
    y[i] *= double(word >> 8) / (1 << 24) < double(float(p)) ? 0 : 1 / (1 - p);
  }
  return y;
}

void add_case(OpTable& table, const Shape& shape, double p) {
  const std::string label = to_string(shape) + " " + std::to_string(p).substr(0, 3);
  table.add(OpCase{"dropout",
                   label,
                   {{shape}},
                   [p](const std::vector<Tensor>& in) { return dropout(in[0], p, kKey); },
                   [p](const std::vector<OpArgument>& in) { return reference(in[0], p, false); }});
  table.add(OpCase{"drop_path",
                   label,
                   {{shape}},
                   [p](const std::vector<Tensor>& in) { return drop_path(in[0], p, kKey); },
                   [p](const std::vector<OpArgument>& in) { return reference(in[0], p, true); }});
}

}  // namespace

void dropout_cases(OpTable& table) {
  add_case(table, {4, 5, 7}, 0.5);
  add_case(table, {3, 2}, 0.1);
  add_case(table, {1}, 0.3);
  add_case(table, {0, 4}, 0.3);
  add_case(table, {3, 0}, 0.3);
  add_case(table, {2, 67}, 0.9);
  for (const Shape& shape : {Shape{4, 14400, 128}, Shape{4, 900, 512}}) {
    const double bytes = 2 * double(count_elements(shape)) * sizeof(float);
    const std::string label = to_string(shape);
    table.add(OpTiming{"dropout",
                       label,
                       {{shape}},
                       [](const std::vector<Tensor>& in) { return dropout(in[0], 0.1, kKey); },
                       0,
                       0,
                       bytes,
                       bytes});
    table.add(OpTiming{"drop_path",
                       label,
                       {{shape}},
                       [](const std::vector<Tensor>& in) { return drop_path(in[0], 0.2, kKey); },
                       0,
                       0,
                       bytes,
                       bytes});
  }
}

}  // namespace uls::kernels
