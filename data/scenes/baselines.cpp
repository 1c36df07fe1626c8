// SPDX-License-Identifier: Apache-2.0
#include "data/scenes/baselines.h"

#include <algorithm>
#include <map>
#include <sstream>
#include <utility>

#include "core/base/error.h"
#include "core/base/parallel.h"
#include "core/base/strings.h"

namespace uls {
namespace {

using Scores = std::array<BaselineScore, kBaselineNames.size()>;

struct Tally {
  std::int64_t sentences = 0;
  Scores scores{};

  void add(const Scores& more, std::int64_t count) {
    sentences += count;
    for (std::size_t b = 0; b < scores.size(); ++b) {
      scores[b].intersection += more[b].intersection;
      scores[b].united += more[b].united;
      scores[b].over_half += more[b].over_half;
    }
  }
};

// By task, kind and sentence.
using Tallies = std::map<std::pair<Task, std::string>, std::map<std::string, Tally>>;

const std::string& colour_of(const Region& region) {
  static const std::string none;
  const Json* colour = region.source.is_object() ? region.source.find("colour") : nullptr;
  return colour && colour->is_string() ? colour->as_string() : none;
}

// The first word of the text that is some region's colour.
std::string named_colour(const std::string& text, const Sample& sample) {
  std::istringstream words(text);
  for (std::string word; words >> word;)
    if (std::ranges::any_of(sample.regions, [&](const Region& region) { return colour_of(region) == word; }))
      return word;
  return "";
}

// The sample's sentences, in what a baseline answers and what is true.
class SampleScorer {
 public:
  SampleScorer(const Dataset& set, const Sample& sample) : set_(set), sample_(sample) {
    Target all;
    for (std::size_t r = 0; r < sample.regions.size(); ++r) all.regions.push_back(std::int32_t(r));
    everything_ = set.target_mask(sample, all);
  }

  Scores operator()(const Target& target) const {
    const auto truth = set_.target_mask(sample_, target);
    const std::vector<std::uint8_t> nothing(truth.size());
    Target coloured;
    if (const std::string colour = named_colour(target.texts[0], sample_); !colour.empty())
      for (std::size_t r = 0; r < sample_.regions.size(); ++r)
        if (colour_of(sample_.regions[r]) == colour) coloured.regions.push_back(std::int32_t(r));
    const auto by_colour = coloured.regions.empty() ? everything_ : set_.target_mask(sample_, coloured);
    return {score(truth, nothing), score(truth, everything_), score(truth, by_colour)};
  }

 private:
  static BaselineScore score(const std::vector<std::uint8_t>& truth,
                             const std::vector<std::uint8_t>& answer) {
    BaselineScore score;
    for (std::size_t i = 0; i < truth.size(); ++i) {
      score.intersection += truth[i] & answer[i];
      score.united += truth[i] | answer[i];
    }
    score.over_half = score.overall_iou() > 0.5;
    return score;
  }

  const Dataset& set_;
  const Sample& sample_;
  std::vector<std::uint8_t> everything_;
};

Tallies tally_samples(const Dataset& set, const std::string& split) {
  return parallel_reduce(
      0, set.size(), 16, Tallies{},
      [&](std::int64_t first, std::int64_t last) {
        Tallies tallies;
        for (std::int64_t i = first; i < last; ++i) {
          const Sample sample = set.sample(i);
          if (!split.empty() && sample.split != split) continue;
          const SampleScorer scorer(set, sample);
          for (const Target& target : sample.targets)
            tallies[{target.task, target.kind}][target.texts[0]].add(scorer(target), 1);
        }
        return tallies;
      },
      [](Tallies into, const Tallies& more) {
        for (const auto& [key, texts] : more)
          for (const auto& [text, tally] : texts) into[key][text].add(tally.scores, tally.sentences);
        return into;
      });
}

BaselineRow row_of(Task task, const std::string& kind, const std::map<std::string, Tally>& texts) {
  BaselineRow row{.task = task, .kind = kind};
  Tally sum;
  for (const auto& [text, tally] : texts) {
    sum.add(tally.scores, tally.sentences);
    for (std::size_t b = 0; b < row.mean_iou.size(); ++b)
      row.mean_iou[b] += tally.scores[b].overall_iou() / double(texts.size());
  }
  row.sentences = sum.sentences;
  row.scores = sum.scores;
  return row;
}

}  // namespace

std::vector<BaselineRow> baseline_rows(const Dataset& set, const std::string& split) {
  ULS_CHECK(split.empty() || std::ranges::find(set.splits(), split) != set.splits().end(),
            "baselines: {} has no split '{}'{}; expected one of {}", set.path(), split,
            did_you_mean(split, set.splits()), join(set.splits(), ", "));
  const Tallies tallies = tally_samples(set, split);
  std::map<Task, std::map<std::string, Tally>> by_task;
  for (const auto& [key, texts] : tallies)
    for (const auto& [text, tally] : texts) by_task[key.first][text].add(tally.scores, tally.sentences);

  std::vector<BaselineRow> rows;
  for (const auto& [task, all_texts] : by_task) {
    rows.push_back(row_of(task, "", all_texts));
    for (const auto& [key, texts] : tallies)
      if (key.first == task) rows.push_back(row_of(task, key.second, texts));
  }
  return rows;
}

}  // namespace uls
