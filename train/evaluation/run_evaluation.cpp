// SPDX-License-Identifier: Apache-2.0
#include "train/evaluation/run_evaluation.h"

#include <algorithm>
#include <map>
#include <set>

#include "core/base/error.h"
#include "core/base/strings.h"
#include "core/random/random_state.h"
#include "eval/expressions.h"
#include "train/evaluation/shown_samples.h"
#include "train/evaluation/task_losses.h"

namespace uls {
namespace {

using CountsByTask = std::map<Task, std::vector<MaskCounts>>;

// The mean over the tasks, then each of them.
void add_scores(Scalars& scores, const std::string& name, const std::map<Task, double>& of_tasks) {
  double sum = 0;
  for (const auto& [task, score] : of_tasks) sum += score;
  scores.emplace_back(name, sum / double(of_tasks.size()));
  for (const auto& [task, score] : of_tasks) scores.emplace_back(name + "/" + to_string(task), score);
}

}  // namespace

RunEvaluation::RunEvaluation(const TrainConfig& config)
    : config_(config), sets_(parse_loader_sets(config.eval.sets)) {
  std::set<std::string> tasks;
  for (const LoaderSet& set : sets_) {
    ULS_CHECK(set.weight == 0 && set.cap == 0,
              "eval.sets: {}: weight and cap mean nothing here; expected split and tasks alone (and "
              "eval.max_targets)",
              set.data->path());
    for (const Expression& expression : expressions_of(*set.data, request_of(set)))
      tasks.insert(to_string(expression.task));
  }
  const std::string& metric = config.eval.metric;
  const std::size_t slash = metric.find('/');
  ULS_CHECK(slash == std::string::npos || tasks.contains(metric.substr(slash + 1)),
            "eval.metric: no such task in eval.sets; got '{}'; expected one of {}", metric,
            join({tasks.begin(), tasks.end()}, ", "));
}

EvalRequest RunEvaluation::request_of(const LoaderSet& set) const {
  return {.split = set.split, .tasks = set.tasks, .max_targets = config_.eval.max_targets};
}

RunEvaluation::Result RunEvaluation::run(const UniLSeg& model) const {
  const RandomStateScope own_draws{RandomState{}};
  TaskLosses losses(config_.loss.options(), config_.data.transform);
  // No more at once than training has, whose memory is there.
  const Predictor predictor(model, config_.data.transform, config_.data.word_len, config_.data.batch,
                            [&](const UniLSeg::Output& output) { losses.add_pass(output); });
  ShownSamples shown;
  std::map<std::string, CountsByTask> by_set;
  CountsByTask all;
  for (const LoaderSet& set : sets_) {
    const std::string& name = set.data->manifest().name;
    EvalRequest request = request_of(set);
    request.show = [&](const EvalView& view) {
      losses.add_truth(view);
      shown.add(name, view);
    };
    for (const EvalRow& row : evaluate(*set.data, request, predictor).rows) {
      all[row.task].push_back(row.counts);
      by_set[name][row.task].push_back(row.counts);
    }
  }
  Result result{.samples = shown.to_json()};
  std::map<Task, double> overall, mean;
  for (const auto& [task, counts] : all) {
    overall[task] = referring_scores(counts).overall_iou;
    mean[task] = referring_scores(counts).mean_iou;
  }
  add_scores(result.scores, "iou", overall);
  add_scores(result.scores, "mean_iou", mean);
  add_scores(result.scores, "loss", losses.means());
  if (by_set.size() > 1)
    for (const auto& [set, tasks] : by_set)
      for (const auto& [task, counts] : tasks)
        result.scores.emplace_back(fmt::format("set_iou/{}/{}", set, to_string(task)),
                                   referring_scores(counts).overall_iou);
  return result;
}

double score_of(const Scalars& scores, const std::string& name) {
  const auto found = std::ranges::find(scores, name, &Scalars::value_type::first);
  ULS_ASSERT(found != scores.end(), "no score {}", name);
  return found->second;
}

}  // namespace uls
