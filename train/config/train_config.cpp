// SPDX-License-Identifier: Apache-2.0
#include "train/config/train_config.h"

#include <filesystem>
#include <limits>

#include "core/base/error.h"
#include "core/config/inheritance.h"
#include "kernels/optim/schedule/schedule.h"
#include "train/config/task_weights.h"

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
    t.add("beta1", &C::beta1, "of adamw and adam: memory of the gradient's mean").range(0, 1);
    t.add("beta2", &C::beta2, "of adamw and adam: memory of its squares").range(0, 1);
    t.add("eps", &C::eps, "of adamw and adam: added to the root of the squares").range(0, 1);
    t.add("momentum", &C::momentum, "of sgd: memory of the gradients' sum; 0: none").range(0, 1);
    t.add("nesterov", &C::nesterov, "of sgd: the momentum looks one gradient ahead");
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
    t.add("task_weights", &C::task_weights, "how much samples of a task count: TASK=NUMBER each; others 1");
    return t;
  }();
  return table;
}

OptimizerOptions OptimizerConfig::options() const {
  return {.kind = kind == "sgd" ? OptimizerKind::sgd : OptimizerKind::adam,
          .adam = {.beta1 = beta1, .beta2 = beta2, .eps = eps, .decoupled = kind == "adamw"},
          .sgd = {.momentum = momentum, .nesterov = nesterov},
          .learning_rate = lr,
          .backbone_factor = backbone_factor,
          .weight_decay = weight_decay,
          .max_norm = max_norm > 0 ? max_norm : std::numeric_limits<double>::infinity()};
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

StepOptions TrainConfig::step_options() const {
  return {.optimizer = optimizer.options(),
          .loss = loss.options(),
          .ema = ema,
          .recompute = recompute,
          .seed = std::uint64_t(seed)};
}

const FieldTable<TrainConfig>& train_table() {
  using C = TrainConfig;
  static const FieldTable<C> table = [] {
    FieldTable<C> t("train");
    t.add("run", &C::run, "folder of the run; runs/<name of the config> if empty");
    t.add("steps", &C::steps, "optimizer steps").range(1, 1e12);
    t.add("seed", &C::seed, "of initial weights, dropout and drop-path").range(0, 9e15);
    t.add("accumulate", &C::accumulate,
          "batches (data.batch) of a step; losses and gradients are their means")
        .range(1, 1e6);
    t.add("ema", &C::ema, "decay a step of the average of weights that evaluation takes; 0: none")
        .range(0, 0.999999999);
    t.add("log_every", &C::log_every, "steps between lines of the log").range(1, 1e9);
    t.add("save_every", &C::save_every, "steps between checkpoints").range(1, 1e9);
    t.add("keep", &C::keep, "newest checkpoints that stay").range(1, 1e6);
    t.add("recompute", &C::recompute, "less memory: blocks run again in backward");
    t.add("on_nan", &C::on_nan,
          "a loss or gradient that is not finite: stop saves the step for --replay, skip goes on without it")
        .choices({"stop", "skip"});
    t.add("init", &C::init, "files whose weights training starts from: FILE, or FILE=PREFIX for one tower");
    t.section("model", &C::model, unilseg_table());
    t.section("data", &C::data, loader_table());
    t.section("optimizer", &C::optimizer, optimizer_table());
    t.section("schedule", &C::schedule, schedule_table());
    t.section("loss", &C::loss, loss_table());
    t.section("eval", &C::eval, eval_table());
    return t;
  }();
  return table;
}

TrainConfig read_train_config(const std::string& path, const std::vector<std::string>& overrides) {
  TrainConfig config;
  train_table().load(config, read_config(path));
  for (const std::string& assignment : overrides) train_table().set(config, assignment);
  if (config.run.empty()) config.run = "runs/" + std::filesystem::path(path).stem().string();
  check(config.model);
  const TaskWeights readable(config.loss.task_weights);
  check(config.eval);
  ULS_CHECK(config.data.word_len == config.model.text.word_len,
            "{}: data.word_len and model.word_len differ; got {} and {}; expected one length", path,
            config.data.word_len, config.model.text.word_len);
  ULS_CHECK(config.loss.layer_weights.empty() ||
                std::int64_t(config.loss.layer_weights.size()) == config.model.num_dec,
            "{}: loss.layer_weights: wrong number; got {}; expected model.num_dec = {}, or none", path,
            config.loss.layer_weights.size(), config.model.num_dec);
  ULS_CHECK(!config.optimizer.nesterov || config.optimizer.momentum > 0,
            "{}: optimizer.nesterov needs momentum; got momentum 0; expected above 0", path);
  ULS_CHECK(!config.data.sets.empty(),
            "{}: data.sets: nothing to train on; got an empty list; expected folders", path);
  return config;
}

}  // namespace uls
