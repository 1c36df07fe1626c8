// SPDX-License-Identifier: Apache-2.0
#include "eval/metrics/saliency.h"

#include <algorithm>
#include <cmath>

#include "core/base/error.h"
#include "eval/metrics/saliency_map.h"
#include "eval/metrics/score_json.h"

namespace uls {
namespace {

constexpr double kBetaSquare = 0.3;

// Pixels of a map that was cut at a threshold.
struct Cut {
  double hits = 0, misses = 0;  // marked pixels within and outside of the truth
};

double f_measure(const Cut& cut, double foreground) {
  const double precision = cut.hits / std::max(cut.hits + cut.misses, 1.0),
               recall = cut.hits / std::max(foreground, 1.0);
  const double numerator = (1 + kBetaSquare) * precision * recall;
  return numerator == 0 ? 0 : numerator / (kBetaSquare * precision + recall);
}

double e_measure(const Cut& cut, double foreground, double pixels) {
  const double marked = cut.hits + cut.misses;
  double sum = 0;
  if (foreground == 0) {
    sum = pixels - marked;
  } else if (foreground == pixels) {
    sum = marked;
  } else {
    const double map = marked / pixels, truth = foreground / pixels;
    const auto add = [&](double m, double t, double count) {
      const double align =
          2 * (m - map) * (t - truth) / ((m - map) * (m - map) + (t - truth) * (t - truth) + kSaliencyEps);
      sum += (align + 1) * (align + 1) / 4 * count;
    };
    add(1, 1, cut.hits);
    add(1, 0, cut.misses);
    add(0, 1, foreground - cut.hits);
    add(0, 0, pixels - foreground - cut.misses);
  }
  return sum / (pixels - 1 + kSaliencyEps);
}

// The map stretched to [0, 1] unless it is constant, and the truth as 0 and 1.
SaliencyPair prepared(std::span<const std::uint8_t> map, std::span<const std::uint8_t> truth,
                      std::int64_t height, std::int64_t width) {
  SaliencyPair pair{.height = height, .width = width};
  const auto [least, most] = std::ranges::minmax(map);
  const double low = double(least) / 255, high = double(most) / 255;
  for (std::size_t i = 0; i < map.size(); ++i) {
    const double value = double(map[i]) / 255;
    pair.map.push_back(least == most ? value : (value - low) / (high - low));
    pair.truth.push_back(truth[i] > 128);
    pair.foreground += pair.truth.back();
  }
  return pair;
}

Cut cut_at(const SaliencyPair& pair, double threshold) {
  Cut cut;
  for (std::size_t i = 0; i < pair.map.size(); ++i)
    if (pair.map[i] >= threshold) (pair.truth[i] ? cut.hits : cut.misses) += 1;
  return cut;
}

}  // namespace

SaliencySample saliency_sample(std::span<const std::uint8_t> map, std::span<const std::uint8_t> truth,
                               std::int64_t height, std::int64_t width) {
  const std::size_t pixels = std::size_t(height * width);
  ULS_CHECK(pixels > 0 && map.size() == pixels && truth.size() == pixels,
            "metrics: saliency map and truth do not fit; got {} and {} pixels; expected {} by {}", map.size(),
            truth.size(), height, width);
  const SaliencyPair pair = prepared(map, truth, height, width);
  const double count = double(pixels), foreground = double(pair.foreground);
  SaliencySample sample{.s_measure = structure_measure(pair), .weighted_f = weighted_f_measure(pair)};
  double sum = 0;
  std::array<Cut, 256> histogram{};
  for (std::size_t i = 0; i < pixels; ++i) {
    const double value = pair.map[i], target = double(pair.truth[i]);
    sample.mae += std::abs(value - target) / count;
    sample.mae_raw += std::abs(double(map[i]) / 255 - target) / count;
    sum += value;
    Cut& bin = histogram[std::size_t(value * 255)];
    (pair.truth[i] ? bin.hits : bin.misses) += 1;
  }
  const Cut adaptive = cut_at(pair, std::min(2 * sum / count, 1.0));
  sample.adaptive_f = adaptive.hits == 0 ? 0 : f_measure(adaptive, foreground);
  sample.adaptive_e = e_measure(adaptive, foreground, count);
  Cut cut;
  for (std::size_t i = 0; i < histogram.size(); ++i) {
    cut.hits += histogram[255 - i].hits;
    cut.misses += histogram[255 - i].misses;
    sample.f[i] = f_measure(cut, foreground);
    sample.e[i] = e_measure(cut, foreground, count);
  }
  return sample;
}

SaliencyScores saliency_scores(const std::vector<SaliencySample>& samples) {
  SaliencyScores scores{.images = std::int64_t(samples.size())};
  const double count = double(samples.size());
  ThresholdCurve f{}, e{};
  for (const SaliencySample& sample : samples) {
    scores.mae += sample.mae / count;
    scores.mae_raw += sample.mae_raw / count;
    scores.s_measure += sample.s_measure / count;
    scores.weighted_f += sample.weighted_f / count;
    scores.adaptive_f += sample.adaptive_f / count;
    scores.adaptive_e += sample.adaptive_e / count;
    for (std::size_t i = 0; i < f.size(); ++i) {
      f[i] += sample.f[i] / count;
      e[i] += sample.e[i] / count;
    }
  }
  for (std::size_t i = 0; i < f.size(); ++i) {
    scores.mean_f += f[i] / double(f.size());
    scores.mean_e += e[i] / double(e.size());
  }
  scores.max_f = std::ranges::max(f);
  scores.max_e = std::ranges::max(e);
  return scores;
}

Json to_json(const SaliencyScores& scores) {
  return Json::object({{"images", scores.images},
                       {"mae", score_json(scores.mae)},
                       {"mae_raw", score_json(scores.mae_raw)},
                       {"s_measure", score_json(scores.s_measure)},
                       {"weighted_f", score_json(scores.weighted_f)},
                       {"adaptive_f", score_json(scores.adaptive_f)},
                       {"mean_f", score_json(scores.mean_f)},
                       {"max_f", score_json(scores.max_f)},
                       {"adaptive_e", score_json(scores.adaptive_e)},
                       {"mean_e", score_json(scores.mean_e)},
                       {"max_e", score_json(scores.max_e)}});
}

}  // namespace uls
