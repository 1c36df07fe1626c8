// SPDX-License-Identifier: Apache-2.0
#include "train/trainer.h"

#include <optional>

#include "core/base/duration.h"
#include "core/base/log.h"
#include "core/base/parallel.h"
#include "core/base/status_line.h"
#include "core/base/stopwatch.h"
#include "core/base/strings.h"
#include "core/config/config_node.h"
#include "core/io/atomic_file.h"
#include "core/memory/device_memory.h"
#include "models/weights.h"
#include "train/checkpoint/checkpoint.h"
#include "train/config/same_run.h"
#include "train/config/task_weights.h"
#include "train/evaluation/run_evaluation.h"
#include "train/evaluation/score_watch.h"
#include "train/init.h"
#include "train/log/interval.h"
#include "train/log/metrics_log.h"
#include "train/plan/training_plan.h"
#include "train/step/gradient_norms.h"
#include "train/step/training_step.h"
#include "train/stop_request.h"
#include "train/survive/fingerprint.h"
#include "train/survive/finite_guard.h"

namespace uls {
namespace {

// The plan comes before anything that it counts.
Parameters planned_parameters(const TrainConfig& config, std::int64_t epoch) {
  announce_plan(config, epoch);
  return Parameters({.seed = std::uint64_t(config.seed)});
}

}  // namespace

struct Trainer::State {
  TrainConfig config;
  Json resolved;
  std::vector<LoaderSet> sets;
  Loader loader;
  Parameters parameters;
  UniLSeg model;
  TrainingStep step;
  TaskWeights task_weights;
  CheckpointFolder checkpoints;
  FiniteGuard guard;
  Json prints;                              // fingerprint.h
  std::optional<RunEvaluation> evaluation;  // where the run evaluates
  ScoreWatch scores;
  Interval interval;
  std::map<std::string, double> block_norms;  // of the gradients of the last step of the interval before
  std::int64_t done = 0;
  int ended_by = 0;  // a signal

  explicit State(const TrainConfig& c)
      : config(c),
        resolved(train_table().to_json(c)),
        sets(parse_loader_sets(c.data.sets)),
        loader(sets, c.data, Loader::Mode::train),
        parameters(planned_parameters(c, loader.epoch_size())),
        model(build_model<UniLSeg>(parameters, c.model)),
        step(model, parameters, c.step_options()),
        task_weights(c.loss.task_weights),
        checkpoints(c.run, c.keep),
        guard(c.run, c.on_nan),
        scores(c.eval) {
    set_num_threads(int(split_cores(num_threads(), c.data.threads).compute));
    prints = fingerprint(sets, resolved);
    if (c.eval.every > 0) evaluation.emplace(c);
    step.on_gradients([this] {
      if (ends_interval(done + 1)) block_norms = gradient_norms(parameters);
    });
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
    interval.restore(checkpoint.state.at("interval"));
    scores.restore(checkpoint.state.at("scores"));
    // A kill may have come between the checkpoint and its mark.
    if (scores.best_step() == done) checkpoints.mark_best(done);
    log_info("train: goes on after step {} of {}", done, path);
  }

  bool is_last(std::int64_t number) const { return number == config.steps; }
  bool ends_interval(std::int64_t number) const { return number % config.log_every == 0 || is_last(number); }
  bool has_ended() const { return done >= config.steps || scores.out_of_patience(); }

  Checkpoint snapshot() const {
    return {.step = done,
            .config = resolved,
            .weights = state_dict(parameters),
            .training = step.state(),
            .state = Json::object({{"updates", step.steps()},
                                   {"loader", loader.state()},
                                   {"interval", interval.state()},
                                   {"scores", scores.state()}}),
            .fingerprint = prints};
  }

  void save(bool best) {
    const Stopwatch saving;
    checkpoints.save(snapshot(), best);
    interval.add_saving(saving.seconds());
  }

  void train_one() {
    const Stopwatch wait;
    std::vector<TrainingBatch> micro_batches;
    std::vector<BatchItem> items;
    for (std::int64_t i = 0; i < config.accumulate; ++i) {
      const std::optional<LoadedBatch> batch = loader.next();
      ULS_ASSERT(batch, "training data ended");
      micro_batches.push_back({.image = batch->image,
                               .ids = batch->ids,
                               .target = batch->target,
                               .weights = {batch->weight, task_weights.of(batch->items)}});
      items.insert(items.end(), batch->items.begin(), batch->items.end());
    }
    const double waited = wait.seconds();
    const StepResult result = step.run(micro_batches, done, config.schedule.factor(done, config.steps));
    guard.check(result, micro_batches, items, [this] { return snapshot(); });
    ++done;
    interval.add(result, items, waited);
  }

  double rate() const { return config.optimizer.lr * config.schedule.factor(done - 1, config.steps); }

  std::string progress_text() const {
    const double seconds_a_step = interval.seconds() / double(interval.steps());
    return fmt::format("step {}/{}  loss {:.4f}  lr {:.2e}  {:.1f} samples/s  waiting {:.0f} %  left {}",
                       done, config.steps, interval.loss(), rate(), interval.samples_per_second(),
                       100 * interval.waiting_share(),
                       format_seconds(seconds_a_step * double(config.steps - done)));
  }

  void report(MetricsLog& log) {
    Scalars scalars = interval.scalars();
    for (const auto& [block, norm] : block_norms) scalars.emplace_back("grad_norm/" + block, norm);
    scalars.emplace_back("lr", rate());
    scalars.emplace_back("memory_mib", double(device_allocator(kCpu).statistics().peak_reserved) / (1 << 20));
    log.add("train", done, scalars);
    if (!StatusLine::is_shown()) log_info("{}", progress_text());
    interval = {};
  }

  // True where the model is the best so far.
  bool evaluate(MetricsLog& log) {
    const Stopwatch evaluating;
    RunEvaluation::Result result = [&] {
      const AveragedWeights weights = step.averaged();
      return evaluation->run(model);
    }();
    const double score = score_of(result.scores, config.eval.metric);
    const bool best = scores.add(done, score);
    log_info("step {}: {} {:.4f}; best {}", done, config.eval.metric, score, scores.text());
    write_atomically(config.run + "/samples.json", result.samples.set("step", done).dump());
    result.scores.emplace_back("seconds", evaluating.seconds());
    log.add("eval", done, result.scores);
    interval.add_pause(evaluating.seconds());
    return best;
  }

  bool run(std::int64_t until) {
    const StopRequest stop;
    StatusLine status;
    MetricsLog log(config.run, done);
    bool saved = true;
    while (!has_ended() && done < until && !stop.signal()) {
      train_one();
      status.show(progress_text());
      if (ends_interval(done)) report(log);
      const bool best = evaluation && (done % config.eval.every == 0 || is_last(done)) && evaluate(log);
      saved = best || done % config.save_every == 0 || has_ended();
      if (saved) save(best);
    }
    if (scores.out_of_patience())
      log_info("train: ends early, after step {}: {} evaluations brought nothing better; best {}", done,
               config.eval.patience, scores.text());
    if (!has_ended() && (ended_by = stop.signal()))
      log_info("train: signal {}: saves after step {} and ends; the same command goes on", ended_by, done);
    if (!saved) save(false);
    return has_ended();
  }
};

Trainer::Trainer(const TrainConfig& config) : state_(std::make_unique<State>(config)) {}
Trainer::~Trainer() = default;
bool Trainer::run(std::int64_t until) { return state_->run(until); }
int Trainer::signal() const { return state_->ended_by; }
std::int64_t Trainer::step() const { return state_->done; }

}  // namespace uls
