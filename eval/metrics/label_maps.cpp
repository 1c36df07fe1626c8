// SPDX-License-Identifier: Apache-2.0
#include "eval/metrics/label_maps.h"

#include <cmath>
#include <limits>

#include "core/base/error.h"
#include "eval/metrics/score_json.h"

namespace uls {
namespace {

constexpr double kLeftOut = std::numeric_limits<double>::quiet_NaN();

double mean_of_defined(const std::vector<double>& values) {
  double sum = 0;
  std::int64_t count = 0;
  for (const double value : values)
    if (!std::isnan(value)) {
      sum += value;
      ++count;
    }
  return count ? sum / double(count) : kLeftOut;
}

}  // namespace

ConfusionMatrix::ConfusionMatrix(std::int64_t classes)
    : classes_(classes), counts_(std::size_t(classes * classes)) {
  ULS_CHECK(classes > 0, "metrics: no classes; got {}; expected at least 1", classes);
}

void ConfusionMatrix::add(std::span<const std::uint16_t> prediction, std::span<const std::uint16_t> truth,
                          std::int64_t ignore) {
  ULS_CHECK(prediction.size() == truth.size(),
            "metrics: label maps of other sizes; got {} pixels; expected {}", prediction.size(),
            truth.size());
  for (std::size_t i = 0; i < truth.size(); ++i) {
    if (truth[i] == ignore) continue;
    ULS_CHECK(truth[i] < classes_ && prediction[i] < classes_,
              "metrics: label out of range; got truth {} and prediction {}; expected less than {}", truth[i],
              prediction[i], classes_);
    ++counts_[std::size_t(truth[i] * classes_ + prediction[i])];
  }
}

LabelMapScores ConfusionMatrix::scores(AbsentClass absent) const {
  LabelMapScores scores;
  double pixels = 0, right = 0, weighted = 0;
  for (std::int64_t c = 0; c < classes_; ++c) {
    double truth = 0, predicted = 0;
    for (std::int64_t other = 0; other < classes_; ++other) {
      truth += double(at(c, other));
      predicted += double(at(other, c));
    }
    const double hit = double(at(c, c)), either = truth + predicted - hit;
    const bool counts = truth > 0 || (absent == AbsentClass::zero_if_predicted && predicted > 0);
    scores.iou.push_back(counts ? hit / either : kLeftOut);
    scores.accuracy.push_back(truth > 0 ? hit / truth : kLeftOut);
    pixels += truth;
    right += hit;
    if (truth > 0) weighted += truth * hit / either;
  }
  scores.mean_iou = mean_of_defined(scores.iou);
  scores.mean_accuracy = mean_of_defined(scores.accuracy);
  scores.pixel_accuracy = pixels > 0 ? right / pixels : kLeftOut;
  scores.frequency_weighted_iou = pixels > 0 ? weighted / pixels : kLeftOut;
  return scores;
}

Json to_json(const LabelMapScores& scores) {
  return Json::object({{"mean_iou", score_json(scores.mean_iou)},
                       {"frequency_weighted_iou", score_json(scores.frequency_weighted_iou)},
                       {"mean_accuracy", score_json(scores.mean_accuracy)},
                       {"pixel_accuracy", score_json(scores.pixel_accuracy)},
                       {"iou", score_json(scores.iou)},
                       {"accuracy", score_json(scores.accuracy)}});
}

}  // namespace uls
