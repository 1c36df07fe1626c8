// SPDX-License-Identifier: Apache-2.0
#include "kernels/common/op_table.h"
#include "kernels/primitives/take_rows/take_rows.h"

namespace uls::kernels {
namespace {

void add_case(OpTable& table, const Shape& shape, const std::vector<std::int64_t>& rows) {
  const auto run = [index = from_values({shape[0]}, rows)](const std::vector<Tensor>& in) {
    return take_rows(in[0], in[0].device() == kMeta ? empty(index.shape(), DType::int64, kMeta) : index);
  };
  const auto reference = [rows](const std::vector<OpArgument>& in) {
    const std::int64_t length = in[0].shape[1], channels = in[0].shape[2];
    Doubles y;
    for (std::size_t b = 0; b < rows.size(); ++b)
      for (std::int64_t c = 0; c < channels; ++c)
        y.push_back(in[0].values[std::size_t((std::int64_t(b) * length + rows[b]) * channels + c)]);
    return y;
  };
  table.add(OpCase{"take_rows", to_string(shape), {{shape}}, run, reference});
}

}  // namespace

void take_rows_cases(OpTable& table) {
  add_case(table, {3, 4, 5}, {3, 0, 2});
  add_case(table, {1, 1, 1}, {0});
  add_case(table, {0, 4, 5}, {});
  add_case(table, {2, 3, 0}, {1, 2});
  add_case(table, {2, 3, 67}, {2, 2});
}

}  // namespace uls::kernels
