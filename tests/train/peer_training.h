// SPDX-License-Identifier: Apache-2.0
// A training of ours beside the same one in PyTorch.
#pragma once

#include <catch2/catch.hpp>

#include <string>
#include <vector>

#include "core/config/settings.h"
#include "core/io/safetensors.h"
#include "core/tensor/primitives.h"
#include "models/weights.h"
#include "tests/core/io_fixture.h"
#include "tests/support/process.h"
#include "train/step/training_step.h"

namespace uls::test {

/// The steps run(0), run(1) ... of a model with these parameters, in float64, against check_training.py's of
/// the case PATH.json and PATH.safetensors.
template <typename Run>
void check_peer_training(const std::string& path, std::int64_t steps, const Parameters& parameters, Run run) {
  std::vector<double> losses, norms;
  for (std::int64_t i = 0; i < steps; ++i) {
    const StepResult result = run(i);
    losses.push_back(result.loss);
    norms.push_back(result.gradient_norm);
  }
  NamedTensors ours{{"loss", from_values({steps}, losses)}, {"gradient_norm", from_values({steps}, norms)}};
  for (const auto& [name, x] : state_dict(parameters)) ours["state." + name] = x;
  const Folder folder;
  write_safetensors(folder / "ours.safetensors", {ours.begin(), ours.end()});
  const ProcessResult compared =
      run_process({settings().peer, ULS_SOURCE_DIR "/scripts/peers/check_training.py", path,
                   folder / "ours.safetensors"});
  INFO(compared.out << compared.err);
  CHECK(compared.code == 0);
}

}  // namespace uls::test
