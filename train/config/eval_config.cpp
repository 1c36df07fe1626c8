// SPDX-License-Identifier: Apache-2.0
#include "train/config/eval_config.h"

#include "core/base/error.h"
#include "core/base/strings.h"
#include "data/format/sample.h"

namespace uls {
namespace {

std::vector<std::string> metric_names() {
  std::vector<std::string> names;
  for (const std::string kind : {"iou", "mean_iou", "loss"}) {
    names.push_back(kind);
    for (std::size_t task = 0; task < kTasks; ++task) names.push_back(kind + "/" + to_string(Task(task)));
  }
  return names;
}

}  // namespace

bool EvalConfig::lower_is_better() const { return metric.starts_with("loss"); }

const FieldTable<EvalConfig>& eval_table() {
  using C = EvalConfig;
  static const FieldTable<C> table = [] {
    FieldTable<C> t("eval");
    t.add("every", &C::every, "steps between evaluations, of which the last step has one; 0: never")
        .range(0, 1e12);
    t.add("sets", &C::sets, "each: DIR [split=NAME] [tasks=NAME,NAME]");
    t.add("max_targets", &C::max_targets, "of each task and set, spread evenly; 0: all").range(0, 1e12);
    t.add("metric", &C::metric,
          "what the best checkpoint is best in: iou (overall), mean_iou or loss, the mean over tasks, or "
          "iou/TASK and so on");
    t.add("patience", &C::patience, "evaluations without a better one until the run ends; 0: never")
        .range(0, 1e9);
    return t;
  }();
  return table;
}

void check(const EvalConfig& config) {
  const std::vector<std::string> names = metric_names();
  ULS_CHECK(
      std::ranges::find(names, config.metric) != names.end(),
      "eval.metric: unknown{}; got '{}'; expected iou, mean_iou or loss, or one of them with a task, such "
      "as iou/referring",
      did_you_mean(config.metric, names), config.metric);
  ULS_CHECK(config.every == 0 || !config.sets.empty(),
            "eval.sets: nothing to evaluate on; got an empty list and eval.every {}; expected folders",
            config.every);
}

}  // namespace uls
