// SPDX-License-Identifier: Apache-2.0
#include "train/trainer.h"

#include <chrono>
#include <limits>
#include <optional>

#include "core/base/log.h"
#include "core/base/parallel.h"
#include "core/base/strings.h"
#include "core/config/config_node.h"
#include "core/io/atomic_file.h"
#include "core/memory/device_memory.h"
#include "core/random/random_state.h"
#include "models/weights.h"
#include "train/checkpoint/checkpoint.h"
#include "train/init.h"
#include "train/log/metrics_log.h"
#include "train/step/training_step.h"
#include "train/stop_request.h"

namespace uls {
namespace {

double seconds_now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

StepOptions step_options(const TrainConfig& config) {
  const OptimizerConfig& o = config.optimizer;
  return {.adam = {.beta1 = o.beta1, .beta2 = o.beta2, .eps = o.eps, .decoupled = o.kind == "adamw"},
          .learning_rate = o.lr,
          .backbone_factor = o.backbone_factor,
          .weight_decay = o.weight_decay,
          .max_norm = o.max_norm > 0 ? o.max_norm : std::numeric_limits<double>::infinity(),
          .loss = config.loss.options(),
          .recompute = config.recompute};
}

// What may differ between the config of a checkpoint and of the run that goes on from it: how long and how
// often, not what.
bool same_run(const Json& before, const Json& now) {
  for (const char* section : {"model", "data", "optimizer", "schedule", "loss", "seed"})
    if (!(before.at(section) == now.at(section))) return false;
  return true;
}

// Means since the last line of the log.
struct Interval {
  double loss = 0, gradient_norm = 0, waited = 0, began = seconds_now();
  std::int64_t steps = 0, samples = 0, skipped = 0;
};

}  // namespace

struct Trainer::State {
  TrainConfig config;
  Json resolved;
  Parameters parameters;
  UniLSeg model;
  TrainingStep step;
  Loader loader;
  CheckpointFolder checkpoints;
  std::int64_t done = 0;

  explicit State(const TrainConfig& c)
      : config(c),
        resolved(train_table().to_json(c)),
        parameters({.seed = std::uint64_t(c.seed)}),
        model(build_model<UniLSeg>(parameters, c.model)),
        step(model, parameters, step_options(c)),
        loader(parse_loader_sets(c.data.sets), c.data, Loader::Mode::train),
        checkpoints(c.run, c.keep) {
    set_num_threads(int(split_cores(num_threads(), c.data.threads).compute));
    if (const std::optional<Checkpoint> newest = checkpoints.newest())
      resume(*newest);
    else
      begin();
  }

  void begin() {
    init_weights(parameters, config.init);
    write_atomically(config.run + "/config.yaml", to_yaml(resolved));
  }

  void resume(const Checkpoint& checkpoint) {
    const std::string& path = checkpoint.path;
    ULS_CHECK(same_run(checkpoint.config, resolved),
              "train: {} was written with another configuration; got changes of model, data, optimizer, "
              "schedule, loss "
              "or seed; expected those of {}/config.yaml, or another folder (run=DIR)",
              path, config.run);
    require_complete(load_weights(parameters, checkpoint.weights), path);
    done = checkpoint.step;
    step.restore(checkpoint.training, checkpoint.state.at("updates").as_int64());
    loader.restore(checkpoint.state.at("loader"));
    log_info("train: goes on after step {} of {}", done, path);
  }

  void save() {
    checkpoints.save({.step = done,
                      .config = resolved,
                      .weights = state_dict(parameters),
                      .training = step.moments(),
                      .state = Json::object({{"updates", step.steps()}, {"loader", loader.state()}})},
                     false);
  }

  void train_one(Interval& interval) {
    const double before = seconds_now();
    const std::optional<LoadedBatch> batch = loader.next();
    ULS_ASSERT(batch, "training data ended");
    interval.waited += seconds_now() - before;
    RandomState::current().begin_step(std::uint64_t(config.seed), std::uint32_t(done));
    const StepResult result = step.run(
        {.image = batch->image, .ids = batch->ids, .target = batch->target, .weights = {batch->weight, {}}},
        config.schedule.factor(done, config.steps));
    ++done;
    interval.loss += result.loss;
    interval.gradient_norm += result.gradient_norm;
    interval.samples += std::int64_t(batch->items.size());
    interval.skipped += result.skipped;
    ++interval.steps;
  }

  void report(MetricsLog& log, const Interval& interval) const {
    const double seconds = seconds_now() - interval.began, steps = double(interval.steps),
                 rate = config.optimizer.lr * config.schedule.factor(done - 1, config.steps),
                 memory = double(device_allocator(kCpu).statistics().peak_reserved);
    log.add("train", done,
            {{"loss", interval.loss / steps},
             {"grad_norm", interval.gradient_norm / steps},
             {"lr", rate},
             {"skipped", double(interval.skipped)},
             {"samples_per_second", double(interval.samples) / seconds},
             {"waiting_for_data", interval.waited / seconds},
             {"memory_mib", memory / (1 << 20)}});
    log_info("step {}/{}  loss {:.4f}  lr {:.2e}  {:.1f} samples/s  waiting {:.0f} %  left {:.0f} s", done,
             config.steps, interval.loss / steps, rate, double(interval.samples) / seconds,
             100 * interval.waited / seconds, seconds / steps * double(config.steps - done));
  }

  bool run() {
    const StopRequest stop;
    MetricsLog log(config.run, done);
    Interval interval;
    while (done < config.steps && !stop.signal()) {
      train_one(interval);
      if (done % config.log_every == 0 || done == config.steps) {
        report(log, interval);
        interval = {};
      }
      if (done % config.save_every == 0 || done == config.steps) save();
    }
    if (done < config.steps) {
      log_info("train: signal {}: saves after step {} and ends; the same command goes on", stop.signal(),
               done);
      if (done % config.save_every != 0) save();
    }
    return done == config.steps;
  }
};

Trainer::Trainer(const TrainConfig& config) : state_(std::make_unique<State>(config)) {}
Trainer::~Trainer() = default;
bool Trainer::run() { return state_->run(); }
std::int64_t Trainer::step() const { return state_->done; }

}  // namespace uls
