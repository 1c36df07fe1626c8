// SPDX-License-Identifier: Apache-2.0
#include "train/config/train_config.h"

#include "core/base/error.h"
#include "kernels/optim/schedule/schedule.h"

namespace uls {

const FieldTable<OptimizerConfig>& optimizer_table() {
  using C = OptimizerConfig;
  static const FieldTable<C> table = [] {
    FieldTable<C> t("optimizer");
    t.add("kind", &C::kind, "update rule").choices({"adamw", "adam", "sgd"});
    t.add("lr", &C::lr, "learning rate of the head at its peak").range(0, 100);
    t.add("backbone_factor", &C::backbone_factor, "of the learning rate, for the image and text towers")
        .range(0, 100);
    t.add("weight_decay", &C::weight_decay, "of matrices, kernels and tables; biases and norms have none")
        .range(0, 10);
    t.add("beta1", &C::beta1, "of adam: memory of the mean").range(0, 1);
    t.add("beta2", &C::beta2, "of adam: memory of the squares").range(0, 1);
    t.add("eps", &C::eps, "of adam: added to the root of the squares").range(0, 1);
    t.add("momentum", &C::momentum, "of sgd").range(0, 1);
    t.add("max_norm", &C::max_norm, "gradients are scaled to this norm of all together; 0: never")
        .range(0, 1e9);
    return t;
  }();
  return table;
}

const FieldTable<ScheduleConfig>& schedule_table() {
  using C = ScheduleConfig;
  static const FieldTable<C> table = [] {
    FieldTable<C> t("schedule");
    t.add("kind", &C::kind, "learning rate over the steps")
        .choices({"constant", "multi_step", "poly", "cosine"});
    t.add("warm_up", &C::warm_up, "steps of a linear start").range(0, 1e9);
    t.add("milestones", &C::milestones, "of multi_step: steps at which the rate drops").range(0, 1e12);
    t.add("gamma", &C::gamma, "of multi_step: factor of each drop").range(0, 1);
    t.add("power", &C::power, "of poly").range(0, 10);
    t.add("last", &C::last, "of cosine: share of the rate that stays at the end").range(0, 1);
    return t;
  }();
  return table;
}

const FieldTable<LossConfig>& loss_table() {
  using C = LossConfig;
  static const FieldTable<C> table = [] {
    FieldTable<C> t("loss");
    t.add("bce", &C::bce, "weight of binary cross-entropy").range(0, 1e6);
    t.add("dice", &C::dice, "weight of the dice loss").range(0, 1e6);
    t.add("focal", &C::focal, "weight of the focal loss").range(0, 1e6);
    t.add("focal_alpha", &C::focal_alpha, "of the focal loss: weight of the foreground").range(0, 1);
    t.add("focal_gamma", &C::focal_gamma, "of the focal loss: how little easy pixels count").range(0, 10);
    t.add("layer_weights", &C::layer_weights, "of the query decoder's layers; empty: all 1").range(0, 1e6);
    return t;
  }();
  return table;
}

double ScheduleConfig::factor(std::int64_t step, std::int64_t total) const {
  // From 1 / warm_up, so that the first step moves something.
  const double start = warm_up ? schedule::linear_warm_up(step + 1, warm_up, 0) : 1;
  if (kind == "constant") return start * schedule::constant(step);
  if (kind == "multi_step") return start * schedule::multi_step(step, milestones, gamma);
  if (kind == "poly") return start * schedule::poly(step, total, power);
  if (kind == "cosine") return start * schedule::cosine(step, total, last);
  fail("schedule: unknown kind; got '{}'; expected constant, multi_step, poly or cosine", kind);
}

MaskLossOptions LossConfig::options() const {
  return {.bce = bce,
          .dice = dice,
          .focal = focal,
          .alpha = focal_alpha,
          .gamma = focal_gamma,
          .layer_weights = layer_weights};
}

}  // namespace uls
