// SPDX-License-Identifier: Apache-2.0
#include "eval/evaluator.h"

#include <algorithm>
#include <cmath>

#include "data/tools/progress.h"
#include "eval/expressions.h"
#include "eval/label_map_evaluator.h"

namespace uls {
namespace {

std::vector<std::uint8_t> map_in_bytes(const std::vector<float>& probabilities) {
  std::vector<std::uint8_t> bytes(probabilities.size());
  std::ranges::transform(probabilities, bytes.begin(),
                         [](float p) { return std::uint8_t(std::lround(std::clamp(p, 0.0f, 1.0f) * 255)); });
  return bytes;
}

// What a task's sentences have shown so far.
struct TaskTally {
  std::vector<SaliencySample> saliency{};
  std::optional<LabelMapEvaluator> label_maps{};
};

class Evaluation {
 public:
  Evaluation(const Dataset& set, const EvalRequest& request, const Predict& predict)
      : set_(set), request_(request), predict_(predict) {}

  // `first` to `last`: the expressions of one sample.
  void add_sample(const Expression* first, const Expression* last) {
    const Sample sample = set_.sample(first->sample);
    const Image image = set_.image(sample);
    const std::vector<std::uint8_t> ignored = ignored_pixels(sample);
    std::vector<std::string> asked;
    for (const Expression* e = first; e != last; ++e) asked.push_back(e->asked);
    const std::vector<std::vector<float>> maps = predict_(image, asked);
    for (const Expression* e = first; e != last; ++e)
      add_map(sample, image, *e, ignored, maps.at(std::size_t(e - first)));
    if (request_.label_maps) add_label_maps(sample, image, first, last);
  }

  EvalResult finish() &&;

 private:
  void add_map(const Sample& sample, const Image& image, const Expression& expression,
               const std::vector<std::uint8_t>& ignored, const std::vector<float>& map) {
    const Target& target = sample.targets[std::size_t(expression.target)];
    std::vector<std::uint8_t> truth = set_.target_mask(sample, target);
    std::vector<std::uint8_t> mask = threshold_mask(map, request_.threshold);
    ULS_CHECK(mask.size() == truth.size(),
              "evaluate: a map of another size than its image; got {} pixels; expected {}", mask.size(),
              truth.size());
    drop_ignored(ignored, truth);
    drop_ignored(ignored, mask);
    result_.rows.push_back({.sample = sample.id,
                            .target = target.id,
                            .kind = target.kind,
                            .category = class_name(target, set_.manifest()),
                            .task = target.task,
                            .text = expression.text,
                            .asked = expression.asked,
                            .counts = count_masks(mask, truth)});
    if (request_.show)
      request_.show({.row = result_.rows.back(),
                     .image = image,
                     .truth = truth,
                     .prediction = mask,
                     .ignored = ignored});
    TaskTally& tally = tallies_[target.task];
    if (target.task != Task::salient) return;
    std::vector<std::uint8_t> bytes = map_in_bytes(map);
    drop_ignored(ignored, bytes);
    for (std::uint8_t& pixel : truth) pixel = std::uint8_t(pixel * 255);
    tally.saliency.push_back(saliency_sample(bytes, truth, sample.height, sample.width));
  }

  void add_label_maps(const Sample& sample, const Image& image, const Expression* first,
                      const Expression* last) {
    for (const auto& entry : set_.manifest().class_lists) {
      const Task task = entry.first;
      if (std::none_of(first, last, [&](const Expression& e) { return e.task == task; })) continue;
      TaskTally& tally = tallies_[task];
      if (!tally.label_maps) tally.label_maps.emplace(set_, task, request_.threshold);
      tally.label_maps->add(sample, image, predict_);
    }
  }

  const Dataset& set_;
  const EvalRequest& request_;
  const Predict& predict_;
  std::map<Task, TaskTally> tallies_{};
  EvalResult result_{};
};

std::vector<MaskCounts> counts_of(const std::vector<const EvalRow*>& rows) {
  std::vector<MaskCounts> counts;
  for (const EvalRow* row : rows) counts.push_back(row->counts);
  return counts;
}

GroupScores group_scores(const std::vector<const EvalRow*>& rows) {
  std::map<std::string, std::vector<MaskCounts>> by_text;
  for (const EvalRow* row : rows) by_text[row->text].push_back(row->counts);
  double sum = 0;
  std::int64_t texts = 0;
  for (const auto& [text, counts] : by_text)
    if (const double iou = referring_scores(counts).overall_iou; !std::isnan(iou)) {
      sum += iou;
      ++texts;
    }
  return {.masks = referring_scores(counts_of(rows)), .mean_iou_of_sentences = sum / double(texts)};
}

std::map<std::string, GroupScores> scores_by(const std::vector<const EvalRow*>& rows,
                                             std::string EvalRow::*group) {
  std::map<std::string, std::vector<const EvalRow*>> groups;
  for (const EvalRow* row : rows)
    if (!(row->*group).empty()) groups[row->*group].push_back(row);
  std::map<std::string, GroupScores> scores;
  for (const auto& [name, of_group] : groups) scores[name] = group_scores(of_group);
  return scores;
}

EvalResult Evaluation::finish() && {
  for (const auto& [task, tally] : tallies_) {
    std::vector<const EvalRow*> rows;
    for (const EvalRow& row : result_.rows)
      if (row.task == task) rows.push_back(&row);
    TaskScores scores{.task = task,
                      .all = group_scores(rows),
                      .kinds = scores_by(rows, &EvalRow::kind),
                      .classes = scores_by(rows, &EvalRow::category)};
    if (std::ranges::any_of(rows, [](const EvalRow* row) { return row->counts.empty_truth; }))
      scores.generalized = generalized_scores(counts_of(rows));
    if (!tally.saliency.empty()) scores.saliency = saliency_scores(tally.saliency);
    if (tally.label_maps) scores.label_map = tally.label_maps->scores();
    result_.tasks.push_back(std::move(scores));
  }
  return std::move(result_);
}

}  // namespace

EvalResult evaluate(const Dataset& set, const EvalRequest& request, const Predict& predict) {
  ULS_CHECK(!request.shuffle || !request.label_maps,
            "evaluate: label maps of shuffled sentences mean nothing; got both; expected one of them");
  const std::vector<Expression> expressions = expressions_of(set, request);
  Evaluation evaluation(set, request, predict);
  const auto samples = std::ranges::count_if(expressions, [&](const Expression& e) {
    return &e == expressions.data() || (&e)[-1].sample != e.sample;
  });
  Progress progress("evaluate", samples);
  std::int64_t done = 0;
  const Expression* const end = expressions.data() + expressions.size();
  for (const Expression *first = expressions.data(), *last = first; first != end; first = last) {
    last = std::find_if(first, end, [&](const Expression& e) { return e.sample != first->sample; });
    evaluation.add_sample(first, last);
    progress.show(++done);
  }
  return std::move(evaluation).finish();
}

}  // namespace uls
