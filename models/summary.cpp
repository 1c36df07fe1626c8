// SPDX-License-Identifier: Apache-2.0
#include "models/summary.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/autograd/autograd.h"
#include "core/base/strings.h"
#include "core/tensor/primitives.h"
#include "models/profile.h"

namespace uls {
namespace {

struct Cost {
  double forward_flops = 0, backward_flops = 0;
  std::int64_t peak_bytes = 0;  // beside what was there before
};

// Runs the network on meta; with gradients of the sum of its floating outputs where `training`.
Cost run_on_meta(const Network& network, const NamedTensors& in, bool training, NamedTensors& out) {
  const GradMode mode(training);
  Profile forward, backward_pass;
  const std::int64_t before = meta_bytes().live;
  reset_meta_peak();
  {
    const SlotObserverScope scope(&forward);
    forward.begin_phase("forward");
    out = network.forward(in, {.training = training});
  }
  if (training) {
    const SlotObserverScope scope(&backward_pass);
    backward_pass.begin_phase("backward");
    std::vector<Tensor> roots, cotangents;
    for (const auto& [name, y] : out)
      if (y.requires_grad()) {
        roots.push_back(y);
        cotangents.push_back(empty_like(y));
      }
    backward(roots, cotangents);
    network.parameters().clear_gradients();
  }
  return {forward.flops(), backward_pass.flops(), meta_bytes().peak - before};
}

// The first part of each name, and its parameters, in the order of the model.
std::vector<std::pair<std::string, std::int64_t>> parts_of(const Parameters& parameters) {
  std::vector<std::pair<std::string, std::int64_t>> parts;
  for (const Parameter& p : parameters.all()) {
    const std::string name = p.name.substr(0, p.name.find('.'));
    auto part = std::ranges::find(parts, name, &std::pair<std::string, std::int64_t>::first);
    if (part == parts.end()) part = parts.insert(parts.end(), {name, 0});
    part->second += p.value.numel();
  }
  return parts;
}

}  // namespace

std::string summary_text(const ModelConfig& config, const SummarySize& size) {
  const auto network = config.build({.device = kMeta});
  const Parameters& parameters = network->parameters();
  std::string text =
      fmt::format("{}: {}\n\n{:<36} {:>14}\n", config.kind->name, config.kind->meaning, "part", "parameters");
  for (const auto& [part, count] : parts_of(parameters)) text += fmt::format("{:<36} {:>14}\n", part, count);
  text += fmt::format("{:<36} {:>14}  {} in float32\n", "all", parameters.count(),
                      format_bytes(parameters.count() * 4));

  const NamedTensors in = network->example_inputs(size.batch, size.height, size.width);
  NamedTensors out;
  const Cost evaluation = run_on_meta(*network, in, false, out);
  text += "\ntensor                               shape\n";
  for (const auto& [name, x] : in) text += fmt::format("in.{:<33} {}\n", name, to_string(x.shape()));
  for (const auto& [name, x] : out) text += fmt::format("out.{:<32} {}\n", name, to_string(x.shape()));
  text += fmt::format("\nevaluation   {:.1f} GFLOP, {} for activations\n", evaluation.forward_flops * 1e-9,
                      format_bytes(evaluation.peak_bytes));
  if (size.batch < 2)
    return text + "training     not shown: statistics over a batch need at least 2 images\n";
  const Cost training = run_on_meta(*network, in, true, out);
  text += fmt::format(
      "training     {:.1f} GFLOP forward, {:.1f} backward, {} for activations and gradients\n",
      training.forward_flops * 1e-9, training.backward_flops * 1e-9, format_bytes(training.peak_bytes));
  return text;
}

}  // namespace uls
