// SPDX-License-Identifier: Apache-2.0
// Against PySODMetrics 1.6, which computed the numbers of the table from the same formulas.
#include "eval/metrics/saliency.h"

#include <catch2/catch.hpp>

#include <algorithm>

#include "tests/support/support.h"

namespace uls {
namespace {

struct Pair {
  std::vector<std::uint8_t> map, truth;
};

// Number 0: a disc under a good map; 1: stripes under noise; 2 and 3: nothing and all; 4: a box under a
// constant.
Pair pair_of(int number, std::int64_t height, std::int64_t width) {
  Pair pair;
  for (std::int64_t y = 0; y < height; ++y)
    for (std::int64_t x = 0; x < width; ++x) {
      const double dx = double(x) - double(width) * 0.4, dy = double(y) - double(height) * 0.55,
                   radius = double(std::min(height, width)) * 0.3;
      const bool inside = number == 0   ? dx * dx + dy * dy < radius * radius
                          : number == 1 ? (x * 5 + y * 3) % 11 < 3
                          : number == 4 ? x > 2 && x < 7 && y > 1 && y < 5
                                        : number == 3;
      const std::int64_t noise = (x * 37 + y * 101 + x * y * 7) % 256;
      pair.truth.push_back(inside ? 255 : 0);
      pair.map.push_back(std::uint8_t(number == 4   ? 77
                                      : number == 0 ? (inside ? 200 - x % 40 : noise / 3)
                                                    : noise));
    }
  return pair;
}

struct Row {
  int number;
  std::int64_t height, width;
  double mae, s, weighted_f, adaptive_f, mean_f, max_f, adaptive_e, mean_e, max_e;
};

constexpr Row kRows[] = {
    {0, 40, 50, 0.18385078534031413, 0.8434221903117392, 0.5837836836455459, 1.0, 0.7354357650130323, 1.0,
     1.0005002501250606, 0.7362094861461794, 1.0005002501250606},
    {1, 33, 21, 0.4959228135698724, 0.32890447426470243, 0.4214776942099574, 0.02009273570324575,
     0.2868680850763201, 0.3301463997609799, 0.27683710829237346, 0.4025234992819774, 0.6514153282343519},
    {2, 12, 17, 0.5067666282199155, 0.49323337178008453, 0.0, 0.0, 0.0, 0.0, 0.9950738916256158,
     0.4937269088669951, 0.9950738916256158},
    {3, 12, 17, 0.49323337178008453, 0.5067666282199155, 0.822259736214672, 0.04113924050632911,
     0.7368089436221392, 1.0, 0.009852216748768473, 0.5111991995073891, 1.0049261083743843},
    {4, 16, 9, 0.33496732026143783, 0.45329471636505964, 0.11385046788976912, 0.0, 0.032202743902439025,
     0.10569105691056911, 0.2517482517482518, 0.2517482517482517, 0.2517482517482518}};

TEST_CASE("saliency: every measure equals PySODMetrics'") {
  for (const Row& row : kRows) {
    INFO("pair " << row.number);
    const Pair pair = pair_of(row.number, row.height, row.width);
    const SaliencyScores scores =
        saliency_scores({saliency_sample(pair.map, pair.truth, row.height, row.width)});
    const auto near = [](double expected) { return Approx(expected).margin(1e-12).epsilon(1e-12); };
    CHECK(scores.mae == near(row.mae));
    CHECK(scores.s_measure == near(row.s));
    CHECK(scores.weighted_f == near(row.weighted_f));
    CHECK(scores.adaptive_f == near(row.adaptive_f));
    CHECK(scores.mean_f == near(row.mean_f));
    CHECK(scores.max_f == near(row.max_f));
    CHECK(scores.adaptive_e == near(row.adaptive_e));
    CHECK(scores.mean_e == near(row.mean_e));
    CHECK(scores.max_e == near(row.max_e));
  }
}

TEST_CASE("saliency: maxima and means are those of the mean curve") {
  const Pair disc = pair_of(0, 40, 50), box = pair_of(4, 16, 9);
  const SaliencySample a = saliency_sample(disc.map, disc.truth, 40, 50),
                       b = saliency_sample(box.map, box.truth, 16, 9);
  const SaliencyScores both = saliency_scores({a, b});
  double most = 0;
  for (std::size_t i = 0; i < a.f.size(); ++i) most = std::max(most, (a.f[i] + b.f[i]) / 2);
  CHECK(both.images == 2);
  CHECK(both.max_f == Approx(most));
  CHECK(both.max_f < (saliency_scores({a}).max_f + saliency_scores({b}).max_f) / 2);
  CHECK(both.mae_raw == Approx((saliency_scores({a}).mae_raw + saliency_scores({b}).mae_raw) / 2));
}

TEST_CASE("saliency: sizes that do not fit are refused") {
  const std::vector<std::uint8_t> four(4), five(5);
  CHECK(test::error_of([&] { saliency_sample(four, five, 2, 2); }) ==
        "metrics: saliency map and truth do not fit; got 4 and 5 pixels; expected 2 by 2");
  CHECK(test::error_of([&] { saliency_sample({}, {}, 0, 0); }) ==
        "metrics: saliency map and truth do not fit; got 0 and 0 pixels; expected 0 by 0");
}

}  // namespace
}  // namespace uls
