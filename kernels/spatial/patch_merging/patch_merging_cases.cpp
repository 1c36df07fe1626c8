// SPDX-License-Identifier: Apache-2.0
#include "kernels/common/op_table.h"
#include "kernels/spatial/patch_merging/patch_merging.h"

namespace uls::kernels {
namespace {

Tensor run(const std::vector<Tensor>& in) { return patch_merging(in[0]); }

Doubles reference(const std::vector<OpArgument>& in) {
  constexpr int kRows[] = {0, 1, 0, 1}, kColumns[] = {0, 0, 1, 1};
  const Shape& x = in[0].shape;
  Doubles y;
  for (std::int64_t b = 0; b < x[0]; ++b)
    for (std::int64_t r = 0; r < x[1]; r += 2)
      for (std::int64_t s = 0; s < x[2]; s += 2)
        for (int corner = 0; corner < 4; ++corner)
          for (std::int64_t c = 0; c < x[3]; ++c) {
            const std::int64_t h = r + kRows[corner], w = s + kColumns[corner];
            const bool inside = h < x[1] && w < x[2];
            y.push_back(inside ? in[0].values[std::size_t(((b * x[1] + h) * x[2] + w) * x[3] + c)] : 0);
          }
  return y;
}

}  // namespace

void patch_merging_cases(OpTable& table) {
  for (const Shape& shape : {Shape{2, 4, 6, 3}, Shape{1, 5, 4, 2}, Shape{1, 2, 7, 1}, Shape{1, 3, 3, 5},
                             Shape{2, 1, 1, 3}, Shape{0, 4, 4, 2}})
    table.add(OpCase{"patch_merging", to_string(shape), {{shape}}, run, reference});
  for (const auto& [side, channels] : {std::pair{120, 128}, std::pair{30, 512}}) {
    const std::string label =
        std::to_string(side) + "x" + std::to_string(side) + "x" + std::to_string(channels);
    const double bytes = 2.0 * side * side * channels * sizeof(float);
    table.add(OpTiming{"patch_merging", label, {{{1, side, side, channels}}}, run, 0, 0, bytes, bytes});
  }
}

}  // namespace uls::kernels
