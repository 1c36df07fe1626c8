// SPDX-License-Identifier: Apache-2.0
#include "train/trainer.h"

#include <algorithm>
#include <optional>

#include "core/base/log.h"
#include "core/base/parallel.h"
#include "core/base/stopwatch.h"
#include "core/base/strings.h"
#include "core/config/config_node.h"
#include "core/io/atomic_file.h"
#include "core/memory/device_memory.h"
#include "models/weights.h"
#include "train/checkpoint/checkpoint.h"
#include "train/init.h"
#include "train/log/metrics_log.h"
#include "train/step/training_step.h"
#include "train/stop_request.h"
#include "train/survive/fingerprint.h"
#include "train/survive/finite_guard.h"

namespace uls {
namespace {

// What may differ between the config of a checkpoint and of the run that goes on from it: how long and how
// often, not what.
bool same_run(const Json& before, const Json& now) {
  for (const char* section : {"model", "data", "optimizer", "schedule", "loss", "seed", "accumulate", "ema"})
    if (!(before.at(section) == now.at(section))) return false;
  return true;
}

// Means since the last line of the log.
struct Interval {
  Stopwatch watch{};
  double loss = 0, gradient_norm = 0;
  double waited = 0, passes = 0, update = 0, saving = 0;  // seconds
  std::int64_t steps = 0, samples = 0, skipped = 0;
};

}  // namespace

struct Trainer::State {
  TrainConfig config;
  Json resolved;
  Parameters parameters;
  UniLSeg model;
  TrainingStep step;
  std::vector<LoaderSet> sets;
  Loader loader;
  CheckpointFolder checkpoints;
  FiniteGuard guard;
  Json prints;  // fingerprint.h
  int ended_by = 0;
  std::int64_t done = 0;

  explicit State(const TrainConfig& c)
      : config(c),
        resolved(train_table().to_json(c)),
        parameters({.seed = std::uint64_t(c.seed)}),
        model(build_model<UniLSeg>(parameters, c.model)),
        step(model, parameters, c.step_options()),
        sets(parse_loader_sets(c.data.sets)),
        loader(sets, c.data, Loader::Mode::train),
        checkpoints(c.run, c.keep),
        guard(c.run, c.on_nan) {
    set_num_threads(int(split_cores(num_threads(), c.data.threads).compute));
    prints = fingerprint(sets, resolved);
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
              "schedule, loss, seed, accumulate or ema; expected those of {}/config.yaml, or another folder "
              "(run=DIR)",
              path, config.run);
    check_fingerprint(checkpoint, resolved, prints);
    require_complete(load_weights(parameters, checkpoint.weights), path);
    done = checkpoint.step;
    step.restore(checkpoint.training, checkpoint.state.at("updates").as_int64());
    loader.restore(checkpoint.state.at("loader"));
    log_info("train: goes on after step {} of {}", done, path);
  }

  Checkpoint snapshot() const {
    return {.step = done,
            .config = resolved,
            .weights = state_dict(parameters),
            .training = step.state(),
            .state = Json::object({{"updates", step.steps()}, {"loader", loader.state()}}),
            .fingerprint = prints};
  }

  void save(Interval& interval) {
    const Stopwatch saving;
    checkpoints.save(snapshot(), false);
    interval.saving += saving.seconds();
  }

  void train_one(Interval& interval) {
    const Stopwatch wait;
    std::vector<TrainingBatch> micro_batches;
    std::vector<BatchItem> items;
    for (std::int64_t i = 0; i < config.accumulate; ++i) {
      const std::optional<LoadedBatch> batch = loader.next();
      ULS_ASSERT(batch, "training data ended");
      micro_batches.push_back({.image = batch->image, .ids = batch->ids, .target = batch->target});
      items.insert(items.end(), batch->items.begin(), batch->items.end());
    }
    interval.samples += std::int64_t(items.size());
    interval.waited += wait.seconds();
    const StepResult result = step.run(micro_batches, done, config.schedule.factor(done, config.steps));
    guard.check(result, micro_batches, items, [this] { return snapshot(); });
    ++done;
    interval.loss += result.loss;
    interval.gradient_norm += result.gradient_norm;
    interval.passes += result.passes_s;
    interval.update += result.update_s;
    interval.skipped += result.skipped;
    ++interval.steps;
  }

  void report(MetricsLog& log, const Interval& interval) const {
    const double seconds = interval.watch.seconds(), steps = double(interval.steps),
                 told = interval.waited + interval.passes + interval.update + interval.saving,
                 rate = config.optimizer.lr * config.schedule.factor(done - 1, config.steps),
                 memory = double(device_allocator(kCpu).statistics().peak_reserved);
    log.add("train", done,
            {{"loss", interval.loss / steps},
             {"grad_norm", interval.gradient_norm / steps},
             {"lr", rate},
             {"skipped", double(interval.skipped)},
             {"samples_per_second", double(interval.samples) / seconds},
             {"time/step", seconds / steps},
             {"time/waiting", interval.waited / steps},
             {"time/passes", interval.passes / steps},
             {"time/update", interval.update / steps},
             {"time/saving", interval.saving / steps},
             {"time/other", (seconds - told) / steps},
             {"memory_mib", memory / (1 << 20)}});
    log_info("step {}/{}  loss {:.4f}  lr {:.2e}  {:.1f} samples/s  waiting {:.0f} %  left {:.0f} s", done,
             config.steps, interval.loss / steps, rate, double(interval.samples) / seconds,
             100 * interval.waited / seconds, seconds / steps * double(config.steps - done));
  }

  bool run(std::int64_t until) {
    const StopRequest stop;
    MetricsLog log(config.run, done);
    Interval interval;
    while (done < std::min(config.steps, until) && !stop.signal()) {
      train_one(interval);
      if (done % config.log_every == 0 || done == config.steps) {
        report(log, interval);
        interval = {};
      }
      if (done % config.save_every == 0 || done == config.steps) save(interval);
    }
    if ((ended_by = stop.signal()))
      log_info("train: signal {}: saves after step {} and ends; the same command goes on", ended_by, done);
    if (done < config.steps && done % config.save_every != 0) save(interval);
    return done == config.steps;
  }
};

Trainer::Trainer(const TrainConfig& config) : state_(std::make_unique<State>(config)) {}
Trainer::~Trainer() = default;
bool Trainer::run(std::int64_t until) { return state_->run(until); }
int Trainer::signal() const { return state_->ended_by; }
std::int64_t Trainer::step() const { return state_->done; }

}  // namespace uls
