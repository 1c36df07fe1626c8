// SPDX-License-Identifier: Apache-2.0
#include "eval/eval_report.h"

#include <fmt/format.h>

#include <utility>

#include "eval/metrics/score_json.h"

namespace uls {
namespace {

Json group_json(const GroupScores& scores) {
  Json json = to_json(scores.masks);
  json.set("mean_iou_of_sentences", score_json(scores.mean_iou_of_sentences));
  return json;
}

Json groups_json(const std::map<std::string, GroupScores>& groups) {
  Json json = Json::object();
  for (const auto& [name, scores] : groups) json.set(name, group_json(scores));
  return json;
}

// The table's lines, with a column of constant masks where there are some.
struct Lines {
  const std::vector<ConstantRow>& constants;
  std::string text{};

  void add(Task task, const std::string& shown, const std::string& group, const GroupScores& scores) {
    text += fmt::format("| {:<15} | {:<18} | {:>9} | {:>11.3f} | {:>8.3f} | {:>8.3f} | {:>16.3f} |",
                        to_string(task), shown, scores.masks.expressions, scores.masks.overall_iou,
                        scores.masks.mean_iou, scores.masks.above[0], scores.mean_iou_of_sentences);
    if (const ConstantRow* row = constant(task, group))
      text += fmt::format(" {:>13.3f} |", row->overall_iou());
    else if (!constants.empty())
      text += fmt::format(" {:>13} |", "-");
    text += "\n";
  }

  const ConstantRow* constant(Task task, const std::string& group) const {
    for (const ConstantRow& row : constants)
      if (row.task == task && row.group == group) return &row;
    return nullptr;
  }
};

}  // namespace

std::string report_text(const EvalResult& result, const std::vector<ConstantRow>& constants) {
  const bool beside = !constants.empty();
  Lines lines{constants, fmt::format("| {:<15} | {:<18} | {:>9} | {} | {} | {} | {} |{}\n", "task",
                                     "sentences of", "sentences", "overall IoU", "mean IoU", "IoU > .5",
                                     "IoU of sentences", beside ? " constant mask |" : "")};
  lines.text += "| --- | --- | --- | --- | --- | --- | --- |";
  lines.text += beside ? " --- |\n" : "\n";
  for (const TaskScores& task : result.tasks) {
    lines.add(task.task, "all", "all", task.all);
    for (const auto& [kind, scores] : task.kinds) lines.add(task.task, kind, "kind " + kind, scores);
    for (const auto& [name, scores] : task.classes)
      lines.add(task.task, "class " + name, "class " + name, scores);
  }
  std::string text = std::move(lines.text);
  for (const TaskScores& task : result.tasks)
    if (const ConstantRow* row = lines.constant(task.task, "by class"))
      text += fmt::format("{}: constant masks, one for each class: overall IoU {:.3f}\n",
                          to_string(task.task), row->overall_iou());
  for (const TaskScores& task : result.tasks) {
    if (task.saliency)
      text += fmt::format(
          "{}: MAE {:.4f}, S {:.3f}, weighted F {:.3f}, max F {:.3f}, max E {:.3f} of {} maps\n",
          to_string(task.task), task.saliency->mae, task.saliency->s_measure, task.saliency->weighted_f,
          task.saliency->max_f, task.saliency->max_e, task.saliency->images);
    if (task.label_map)
      text += fmt::format("{}: label maps: mean IoU {:.3f}, pixel accuracy {:.3f}\n", to_string(task.task),
                          task.label_map->mean_iou, task.label_map->pixel_accuracy);
  }
  return text;
}

Json to_json(const EvalResult& result) {
  Json json = Json::object();
  for (const TaskScores& task : result.tasks) {
    Json entry = group_json(task.all);
    entry.set("kinds", groups_json(task.kinds));
    entry.set("classes", groups_json(task.classes));
    if (task.generalized) entry.set("generalized", to_json(*task.generalized));
    if (task.saliency) entry.set("saliency", to_json(*task.saliency));
    if (task.label_map) entry.set("label_map", to_json(*task.label_map));
    json.set(to_string(task.task), std::move(entry));
  }
  return json;
}

Json to_json(const EvalRow& row) {
  Json json = Json::object(
      {{"sample", row.sample}, {"target", row.target}, {"task", to_string(row.task)}, {"text", row.text}});
  if (!row.kind.empty()) json.set("kind", row.kind);
  if (!row.category.empty()) json.set("class", row.category);
  if (row.asked != row.text) json.set("asked", row.asked);
  json.set("iou", row.counts.iou());
  json.set("intersection", row.counts.intersection);
  json.set("union", row.counts.either);
  return json;
}

}  // namespace uls
