// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <sstream>
#include <utility>
#include <vector>

#include "core/base/duration.h"
#include "core/base/log.h"
#include "core/base/strings.h"
#include "core/memory/host_memory.h"
#include "train/plan/training_plan.h"

namespace uls {
namespace {

using Row = std::pair<const char*, std::int64_t>;

std::vector<Row> rows_of(const PlannedMemory& memory) {
  return {{"weights", memory.weights},     {"optimizer", memory.optimizer},     {"average", memory.average},
          {"gradients", memory.gradients}, {"activations", memory.activations}, {"batches", memory.batches}};
}

std::string millions(std::int64_t count) { return fmt::format("{:.2f} M", double(count) * 1e-6); }

}  // namespace

std::string plan_text(const TrainingPlan& plan, std::int64_t at_hand, double rate) {
  std::string text = fmt::format("parameters   {}: towers {} (learning rate x {:g}), head {}\n",
                                 millions(plan.backbone + plan.head), millions(plan.backbone),
                                 plan.backbone_factor, millions(plan.head));
  for (const auto& [name, bytes] : rows_of(plan.memory))
    text += fmt::format("{:<12} {:>10}\n", name, format_bytes(bytes));
  text += fmt::format("memory       {:>10} at the peak, of {} at hand\n", format_bytes(plan.memory.total()),
                      format_bytes(at_hand));
  const double samples = double(plan.steps) * double(plan.samples);
  text += fmt::format("steps        {} of {} samples: {:.0f} samples, {:.2f} epochs of {}\n", plan.steps,
                      plan.samples, samples, samples / double(plan.epoch), plan.epoch);
  text += fmt::format(
      "arithmetic   {:.1f} GFLOP a step: at least {} at the {:.0f} GFLOP/s of matrix products here\n",
      plan.flops() * 1e-9, format_seconds(double(plan.steps) * plan.flops() / rate), rate * 1e-9);
  return text;
}

Json to_json(const TrainingPlan& plan) {
  Json memory = Json::object();
  for (const auto& [name, bytes] : rows_of(plan.memory)) memory.set(name, bytes);
  memory.set("total", plan.memory.total());
  return Json::object({{"backbone", plan.backbone},
                       {"head", plan.head},
                       {"memory", memory},
                       {"forward_flops", plan.forward_flops},
                       {"backward_flops", plan.backward_flops},
                       {"steps", plan.steps},
                       {"samples_a_step", plan.samples},
                       {"epoch", plan.epoch}});
}

void announce_plan(const TrainConfig& config, std::int64_t epoch) {
  const TrainingPlan plan = plan_training(config, epoch);
  const std::int64_t at_hand = memory_at_hand();
  std::istringstream lines(plan_text(plan, at_hand, measured_flop_rate()));
  for (std::string line; std::getline(lines, line);) log_info("plan: {}", line);
  if (plan.memory.total() > at_hand)
    log_warning("plan: more memory than there is; `train --fit-batch` finds a batch that fits");
}

}  // namespace uls
