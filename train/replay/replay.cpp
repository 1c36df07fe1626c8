// SPDX-License-Identifier: Apache-2.0
#include "train/replay/replay.h"

#include <cmath>

#include "core/autograd/grad_mode.h"
#include "core/base/error.h"
#include "core/base/strings.h"
#include "core/tensor/primitives.h"
#include "models/weights.h"
#include "train/step/gradient_norms.h"

namespace uls {
namespace {

class AnomalyScope {
 public:
  AnomalyScope() : before_(anomaly_mode()) { set_anomaly_mode(true); }
  ~AnomalyScope() { set_anomaly_mode(before_); }
  AnomalyScope(const AnomalyScope&) = delete;
  AnomalyScope& operator=(const AnomalyScope&) = delete;

 private:
  bool before_;
};

// "NAME, element 3 of float32 [4]", or "".
std::string non_finite(const std::string& name, const Tensor& x) {
  const std::int64_t element = x && is_floating(x.dtype()) ? find_non_finite(x) : -1;
  return element < 0 ? "" : fmt::format("{}, element {} of {}", name, element, describe(x));
}

std::string first_bad_weight(const Parameters& parameters, const std::vector<TrainingBatch>& micro_batches) {
  for (std::size_t i = 0; i < micro_batches.size(); ++i)
    for (const auto& [name, x] :
         {std::pair("image", micro_batches[i].image), std::pair("target", micro_batches[i].target)})
      if (std::string bad = non_finite(fmt::format("{}.{}", i, name), x); !bad.empty()) return bad;
  for (const Parameter& p : parameters.all())
    if (std::string bad = non_finite(p.name, p.value.detached()); !bad.empty()) return bad;
  for (const Buffer& buffer : parameters.buffers())
    if (std::string bad = non_finite(buffer.name, buffer.value); !bad.empty()) return bad;
  return "";
}

std::string first_bad_gradient(const Parameters& parameters) {
  for (const Parameter& p : parameters.all())
    if (std::string bad = non_finite(p.name, p.value.grad()); !bad.empty()) return bad;
  return "";
}

// The message of the first operation that anomaly mode stops at.
std::string first_bad_operation(TrainingStep& step, const std::vector<TrainingBatch>& micro_batches,
                                std::int64_t number) {
  const AnomalyScope scope;
  try {
    step.run(micro_batches, number);
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

std::string or_none(const std::string& text) { return text.empty() ? "none" : text; }

std::string row(const std::string& name, double a, double b) {
  return fmt::format("| {:28} | {:>12.6g} | {:>12.6g} |\n", name, a, b);
}

}  // namespace

bool Replay::is_finite() const {
  return std::isfinite(loss) && std::isfinite(gradient_norm) && weight.empty() && gradient.empty();
}

Replay replay_step(const StepDump& dump, DType dtype) {
  const TrainConfig config = dump.config();
  Parameters parameters({.dtype = dtype, .seed = std::uint64_t(config.seed)});
  const UniLSeg model = build_model<UniLSeg>(parameters, config.model);
  require_complete(load_weights(parameters, dump.before.weights), dump.before.path);
  std::vector<TrainingBatch> micro_batches;
  for (const TrainingBatch& batch : dump.micro_batches)
    micro_batches.push_back({.image = converted(batch.image, dtype),
                             .ids = batch.ids,
                             .target = converted(batch.target, dtype),
                             .weights = batch.weights});

  Replay replay;
  replay.weight = first_bad_weight(parameters, micro_batches);
  TrainingStep step(model, parameters, config.step_options());
  step.on_gradients([&] {
    replay.block_norms = gradient_norms(parameters);
    replay.gradient = first_bad_gradient(parameters);
  });
  const StepResult result = step.run(micro_batches, dump.before.step);
  replay.loss = result.loss;
  for (const auto& [block, norm] : replay.block_norms)
    replay.gradient_norm = std::hypot(replay.gradient_norm, norm);
  // Only a step that was not finite left the weights as they were.
  if (result.skipped) replay.operation = first_bad_operation(step, micro_batches, dump.before.step);
  return replay;
}

std::string replay_text(const std::string& path) {
  const StepDump dump = read_step_dump(path);
  const Replay narrow = replay_step(dump, DType::float32), wide = replay_step(dump, DType::float64);
  std::string text =
      fmt::format("step {} of {}: the run saw {}\n", dump.before.step + 1, dump.config().run, dump.seen);
  for (const std::string& sample : dump.samples) text += "  " + sample + "\n";
  text += fmt::format("\n| {:28} | {:>12} | {:>12} |\n|{:-<30}|{:->13}:|{:->13}:|\n", "", "float32",
                      "float64", "", "", "");
  text += row("loss", narrow.loss, wide.loss);
  text += row("gradient norm", narrow.gradient_norm, wide.gradient_norm);
  for (const auto& [block, norm] : wide.block_norms)
    text += row("gradient norm, " + block, narrow.block_norms.at(block), norm);
  text += "\nfirst that is not finite:\n";
  for (const auto& [name, replay] : {std::pair("float32", &narrow), std::pair("float64", &wide)})
    text += fmt::format("  {}  operation: {}\n           weight or input: {}\n           gradient: {}\n",
                        name, or_none(replay->operation), or_none(replay->weight), or_none(replay->gradient));
  return text + (wide.is_finite()
                     ? "float64 is finite: the numbers are beyond float32's range\n"
                     : "float64 is not finite either: the weights, the data or the loss are wrong\n");
}

}  // namespace uls
