// SPDX-License-Identifier: Apache-2.0
#include "kernels/attention/mask_head/mask_head.h"
#include "kernels/common/op_table.h"

namespace uls::kernels {
namespace {

Tensor run(const std::vector<Tensor>& in) { return mask_head(in[0], in[1]); }

Doubles reference(const std::vector<OpArgument>& in) {
  const Shape &query = in[0].shape, &pixel = in[1].shape;
  const std::int64_t points = pixel[1] * pixel[2], channels = query[3];
  Doubles maps;
  for (std::int64_t layer = 0; layer < query[0]; ++layer)
    for (std::int64_t b = 0; b < query[1]; ++b)
      for (std::int64_t q = 0; q < query[2]; ++q)
        for (std::int64_t point = 0; point < points; ++point) {
          double sum = 0;
          for (std::int64_t c = 0; c < channels; ++c)
            sum += in[0].values[std::size_t(((layer * query[1] + b) * query[2] + q) * channels + c)] *
                   in[1].values[std::size_t((b * points + point) * channels + c)];
          maps.push_back(sum);
        }
  return maps;
}

void add_case(OpTable& table, const Shape& query, const Shape& pixel) {
  const std::int64_t terms =
      std::max({query[3], pixel[1] * pixel[2], query[0] * query[2]});  // of maps and gradients
  table.add(OpCase{
      "mask_head", to_string(query) + " by " + to_string(pixel), {{query}, {pixel}}, run, reference, terms});
}

}  // namespace

void mask_head_cases(OpTable& table) {
  add_case(table, {2, 3, 2, 5}, {3, 2, 3, 5});
  add_case(table, {1, 1, 1, 1}, {1, 1, 1, 1});
  add_case(table, {3, 1, 1, 17}, {1, 5, 7, 17});
  add_case(table, {2, 0, 1, 4}, {0, 2, 2, 4});
  add_case(table, {2, 2, 1, 4}, {2, 0, 3, 4});
  add_case(table, {0, 2, 1, 4}, {2, 2, 1, 4});

  const Shape query{6, 4, 1, 256}, pixel{4, 120, 120, 256};
  const double maps = 6 * 4 * 120 * 120, pixels = 4 * 120 * 120 * 256, queries = 6 * 4 * 256;
  const double flops = 2 * 256 * maps, bytes = (maps + pixels + queries) * sizeof(float);
  table.add(OpTiming{"mask_head",
                     "6 layers, 4x120x120x256",
                     {{query}, {pixel}},
                     run,
                     flops,
                     2 * flops,
                     bytes,
                     bytes + (pixels + queries) * sizeof(float)});
}

}  // namespace uls::kernels
