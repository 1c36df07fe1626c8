// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>

#include "eval/metrics/saliency_map.h"

namespace uls {
namespace {

// How uniform the map is over the pixels where truth == side, and how near to that side.
double object_score(const SaliencyPair& pair, std::uint8_t side) {
  const auto value = [&](std::int64_t i) {
    return side ? pair.map[std::size_t(i)] : 1 - pair.map[std::size_t(i)];
  };
  double sum = 0, count = 0;
  for (std::int64_t i = 0; i < pair.pixels(); ++i)
    if (pair.truth[std::size_t(i)] == side) {
      sum += value(i);
      ++count;
    }
  const double mean = sum / count;
  double squares = 0;
  for (std::int64_t i = 0; i < pair.pixels(); ++i)
    if (pair.truth[std::size_t(i)] == side) squares += (value(i) - mean) * (value(i) - mean);
  // A single pixel has no deviation; numpy's NaN would spoil the whole table.
  const double deviation = count > 1 ? std::sqrt(squares / (count - 1)) : 0;
  return 2 * mean / (mean * mean + 1 + deviation + kSaliencyEps);
}

// Structural similarity of a quadrant, with variances over n - 1; 0 for one without pixels, which has no
// weight.
double similarity(const SaliencyPair& pair, std::int64_t top, std::int64_t bottom, std::int64_t left,
                  std::int64_t right) {
  const double count = double(bottom - top) * double(right - left);
  if (count == 0) return 0;
  const auto each = [&](auto use) {
    for (std::int64_t y = top; y < bottom; ++y)
      for (std::int64_t x = left; x < right; ++x) {
        const std::size_t i = std::size_t(y * pair.width + x);
        use(pair.map[i], double(pair.truth[i]));
      }
  };
  double map = 0, truth = 0;
  each([&](double m, double t) {
    map += m / count;
    truth += t / count;
  });
  double map_square = 0, truth_square = 0, product = 0;
  each([&](double m, double t) {
    map_square += (m - map) * (m - map);
    truth_square += (t - truth) * (t - truth);
    product += (m - map) * (t - truth);
  });
  const double spare = std::max(count - 1, 1.0);
  const double numerator = 4 * map * truth * product / spare,
               denominator = (map * map + truth * truth) * (map_square + truth_square) / spare;
  if (numerator != 0) return numerator / (denominator + kSaliencyEps);
  return denominator == 0 ? 1 : 0;
}

// Four quadrants around the truth's centroid, weighted by their areas.
double region_score(const SaliencyPair& pair) {
  double rows = 0, columns = 0;
  for (std::int64_t i = 0; i < pair.pixels(); ++i)
    if (pair.truth[std::size_t(i)]) {
      rows += double(i / pair.width);
      columns += double(i % pair.width);
    }
  const double count = double(pair.foreground), area = double(pair.pixels());
  // nearbyint rounds halves to even, as numpy does.
  const std::int64_t y = std::int64_t(std::nearbyint(rows / count)) + 1,
                     x = std::int64_t(std::nearbyint(columns / count)) + 1;
  const std::int64_t h = pair.height, w = pair.width;
  return (double(y * x) * similarity(pair, 0, y, 0, x) + double(y * (w - x)) * similarity(pair, 0, y, x, w) +
          double((h - y) * x) * similarity(pair, y, h, 0, x) +
          double((h - y) * (w - x)) * similarity(pair, y, h, x, w)) /
         area;
}

}  // namespace

double structure_measure(const SaliencyPair& pair) {
  constexpr double kAlpha = 0.5;
  const double share = double(pair.foreground) / double(pair.pixels());
  if (share == 0 || share == 1) {
    double mean = 0;
    for (const double value : pair.map) mean += value / double(pair.pixels());
    return share == 0 ? 1 - mean : mean;
  }
  const double object = share * object_score(pair, 1) + (1 - share) * object_score(pair, 0);
  return std::max(0.0, kAlpha * object + (1 - kAlpha) * region_score(pair));
}

}  // namespace uls
