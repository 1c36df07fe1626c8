// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numbers>

#include "eval/metrics/saliency_map.h"

namespace uls {
namespace {

// For each pixel the nearest one of the truth: first down each column, then along rows over the columns'
// answers (Maurer et al. 2003). Of several at one distance the leftmost column counts.
struct NearestForeground {
  std::vector<std::int64_t> index;
  std::vector<double> distance;
};

// The foreground row nearest to each pixel within its column; -1 where the column has none.
std::vector<std::int64_t> nearest_rows(const SaliencyPair& pair) {
  std::vector<std::int64_t> rows(std::size_t(pair.pixels()), -1);
  for (std::int64_t x = 0; x < pair.width; ++x) {
    std::int64_t last = -1;
    for (std::int64_t y = 0; y < pair.height; ++y) {
      if (pair.truth[std::size_t(y * pair.width + x)]) last = y;
      rows[std::size_t(y * pair.width + x)] = last;
    }
    std::int64_t next = -1;
    for (std::int64_t y = pair.height - 1; y >= 0; --y) {
      if (pair.truth[std::size_t(y * pair.width + x)]) next = y;
      std::int64_t& row = rows[std::size_t(y * pair.width + x)];
      if (next >= 0 && (row < 0 || next - y < y - row)) row = next;
    }
  }
  return rows;
}

NearestForeground nearest_foreground(const SaliencyPair& pair) {
  const std::vector<std::int64_t> rows = nearest_rows(pair);
  NearestForeground nearest{std::vector<std::int64_t>(rows.size()), std::vector<double>(rows.size())};
  std::vector<std::int64_t> columns;  // whose parabolas make the lower envelope, from left to right
  std::vector<double> starts;         // where each begins to be the lowest
  for (std::int64_t y = 0; y < pair.height; ++y) {
    columns.clear();
    starts.clear();
    const auto height = [&](std::int64_t x) {
      const double d = double(rows[std::size_t(y * pair.width + x)] - y);
      return d * d;
    };
    for (std::int64_t x = 0; x < pair.width; ++x) {
      if (rows[std::size_t(y * pair.width + x)] < 0) continue;
      double start = -std::numeric_limits<double>::infinity();
      while (!columns.empty()) {
        const std::int64_t left = columns.back();
        start = (height(x) - height(left) + double(x * x - left * left)) / (2 * double(x - left));
        if (start > starts.back()) break;
        columns.pop_back();
        starts.pop_back();
        start = -std::numeric_limits<double>::infinity();
      }
      columns.push_back(x);
      starts.push_back(start);
    }
    std::size_t at = 0;
    for (std::int64_t x = 0; x < pair.width; ++x) {
      while (at + 1 < columns.size() && starts[at + 1] < double(x)) ++at;
      const std::int64_t column = columns[at], row = rows[std::size_t(y * pair.width + column)];
      nearest.index[std::size_t(y * pair.width + x)] = row * pair.width + column;
      nearest.distance[std::size_t(y * pair.width + x)] = std::hypot(double(row - y), double(column - x));
    }
  }
  return nearest;
}

constexpr std::int64_t kReach = 3;  // of a window of 7 by 7

// A Gaussian of deviation 5 over the window; zeros beyond the image.
std::vector<double> smoothed(const std::vector<double>& from, std::int64_t height, std::int64_t width) {
  std::array<double, 2 * kReach + 1> weights{};
  double total = 0;
  for (std::int64_t i = -kReach; i <= kReach; ++i)
    total += weights[std::size_t(i + kReach)] = std::exp(-double(i * i) / (2 * 5.0 * 5.0));
  for (double& weight : weights) weight /= total;
  const auto pass = [&](const std::vector<double>& in, std::int64_t stride, std::int64_t size) {
    std::vector<double> out(in.size());
    for (std::int64_t i = 0; i < std::int64_t(in.size()); ++i) {
      const std::int64_t place = i / stride % size;
      for (std::int64_t d = std::max(-kReach, -place); d <= std::min(kReach, size - 1 - place); ++d)
        out[std::size_t(i)] += weights[std::size_t(d + kReach)] * in[std::size_t(i + d * stride)];
    }
    return out;
  };
  return pass(pass(from, 1, width), width, height);
}

}  // namespace

double weighted_f_measure(const SaliencyPair& pair) {
  if (pair.foreground == 0) return 0;
  const NearestForeground nearest = nearest_foreground(pair);
  std::vector<double> errors(pair.map.size()), spread(pair.map.size());
  for (std::size_t i = 0; i < errors.size(); ++i) errors[i] = std::abs(pair.map[i] - double(pair.truth[i]));
  for (std::size_t i = 0; i < errors.size(); ++i) spread[i] = errors[std::size_t(nearest.index[i])];
  spread = smoothed(spread, pair.height, pair.width);
  double inside = 0, outside = 0;
  for (std::size_t i = 0; i < errors.size(); ++i) {
    if (pair.truth[i])
      inside += std::min(spread[i], errors[i]);
    else
      outside += errors[i] * (2 - std::exp(std::log(0.5) / 5 * nearest.distance[i]));
  }
  const double foreground = double(pair.foreground), hits = foreground - inside;
  const double recall = 1 - inside / foreground, precision = hits / (hits + outside + kSaliencyEps);
  return 2 * recall * precision / (recall + precision + kSaliencyEps);
}

}  // namespace uls
