// SPDX-License-Identifier: Apache-2.0
#include "data/transforms/grid_target.h"

#include <algorithm>

#include "core/base/error.h"
#include "data/transforms/axis_warp.h"

namespace uls {
namespace {

// Calls fn(i, share) for the pixels of [0, length) that cell `c` covers; shares sum to 1. The whole length is
// kGridStride * cells pixels of the input.
template <typename Fn>
void for_covered(std::int64_t c, std::int64_t cells, std::int64_t length, Fn&& fn) {
  const double side = double(kGridStride * cells), all = double(length);
  const double apart = cells > 1 ? (side - 1) / double(cells - 1) : 2 * side;
  const auto bound = [&](double cell) { return std::clamp((cell * apart + 0.5) * all / side, 0.0, all); };
  const double first = bound(double(c) - 0.5), last = bound(double(c) + 0.5);
  for (auto i = std::int64_t(first); double(i) < last; ++i)
    fn(i, float((std::min(last, double(i + 1)) - std::max(first, double(i))) / (last - first)));
}

// The mean of each cell of `value(y, x)` over [height, width].
template <typename Value>
void mean_of_cells(std::int64_t height, std::int64_t width, std::int64_t cells, std::span<float> to,
                   Value value) {
  std::vector<float> column(static_cast<std::size_t>(width));
  for (std::int64_t y = 0; y < cells; ++y) {
    std::ranges::fill(column, 0.0f);
    for_covered(y, cells, height, [&](std::int64_t row, float share) {
      for (std::int64_t x = 0; x < width; ++x) column[std::size_t(x)] += share * value(row, x);
    });
    for (std::int64_t x = 0; x < cells; ++x) {
      float sum = 0;
      for_covered(x, cells, width,
                  [&](std::int64_t i, float share) { sum += share * column[std::size_t(i)]; });
      to[std::size_t(y * cells + x)] = std::min(sum, 1.0f);
    }
  }
}

void letterbox_target(std::span<const std::uint8_t> mask, const Fit& fit, TargetKind kind,
                      std::span<float> to) {
  const std::int64_t step = kind == TargetKind::nearest ? kGridStride : 1;
  const std::vector<std::uint8_t> warped = warp_mask(
      mask, fit.height, fit.width, inverted(letterbox_matrix(fit)), fit.side, MaskWarp::linear, step);
  if (kind == TargetKind::nearest)
    std::ranges::transform(warped, to.begin(), [](std::uint8_t byte) { return float(byte) / 255; });
  else
    mean_of_cells(fit.side, fit.side, fit.side / kGridStride, to, [&](std::int64_t y, std::int64_t x) {
      return float(warped[std::size_t(y * fit.side + x)]) / 255;
    });
}

void squash_target(std::span<const std::uint8_t> mask, const Fit& fit, TargetKind kind, std::span<float> to) {
  const auto value = [&](std::int64_t y, std::int64_t x) {
    return float(mask[std::size_t(y * fit.width + x)] != 0);
  };
  const std::int64_t cells = fit.side / kGridStride;
  if (kind == TargetKind::area) return mean_of_cells(fit.height, fit.width, cells, to, value);
  for (std::int64_t y = 0; y < cells; ++y)
    for (std::int64_t x = 0; x < cells; ++x)
      to[std::size_t(y * cells + x)] = value(y * fit.height / cells, x * fit.width / cells);
}

// Shares of a cell are sums in float32 that may end this far below 1.
constexpr float kRounding = 1e-4f;

}  // namespace

TargetKind parse_target(std::string_view word) {
  ULS_CHECK(word == "nearest" || word == "area", "target: unknown word; got '{}'; expected nearest or area",
            word);
  return word == "nearest" ? TargetKind::nearest : TargetKind::area;
}

void grid_target(std::span<const std::uint8_t> mask, const Fit& fit, TargetKind kind, std::span<float> to) {
  const std::int64_t cells = fit.side / kGridStride;
  ULS_CHECK(std::int64_t(mask.size()) == fit.height * fit.width && fit.side % kGridStride == 0 &&
                std::int64_t(to.size()) == cells * cells,
            "grid_target: sizes do not fit; got a mask of {} pixels, {} cells and a side of {}; expected "
            "{}x{}, {} and a multiple of {}",
            mask.size(), to.size(), fit.side, fit.height, fit.width, cells * cells, kGridStride);
  fit.kind == FitKind::letterbox ? letterbox_target(mask, fit, kind, to) : squash_target(mask, fit, kind, to);
}

void ignore_in_target(std::span<const std::uint8_t> ignored, const Fit& fit, TargetKind kind,
                      std::span<float> target, std::span<float> weight) {
  ULS_CHECK(target.size() == weight.size(),
            "ignore_in_target: sizes do not fit; got {} cells of the target and {} of the weight; expected "
            "the same",
            target.size(), weight.size());
  grid_target(ignored, fit, kind, weight);
  for (std::size_t i = 0; i < weight.size(); ++i) {
    weight[i] = weight[i] > 1 - kRounding ? 0 : 1 - weight[i];
    target[i] = weight[i] > 0 ? std::min(target[i] / weight[i], 1.0f) : 0.0f;
  }
}

}  // namespace uls
