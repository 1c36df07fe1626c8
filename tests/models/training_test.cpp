// SPDX-License-Identifier: Apache-2.0
// Steps of the reference's optimizer on the golden model: the losses that PyTorch saw.
#include <catch2/catch.hpp>

#include <cmath>

#include "core/autograd/autograd.h"
#include "core/config/config_node.h"
#include "core/io/safetensors.h"
#include "core/tensor/primitives.h"
#include "kernels/optim/adamw/adamw.h"
#include "kernels/optim/clip/clip.h"
#include "models/registry.h"
#include "models/weights.h"
#include "tests/support/golden.h"
#include "tests/support/support.h"

namespace uls {
namespace {

NamedTensors read(const std::string& path) {
  const SafetensorsFile file = SafetensorsFile::open(path);
  NamedTensors tensors;
  for (const std::string& name : file.names()) tensors[name] = file.tensor(name);
  return tensors;
}

TEST_CASE("models: eight steps of AdamW give PyTorch's losses", "[golden]") {
  const std::string steps = test::golden_path("e2e_training"), batch = test::golden_path("e2e_train");
  if (steps.empty() || batch.empty()) {
    ULS_SKIP("golden", "no e2e_training.json and e2e_train.json in " + test::golden_places());
  }
  const Json expected = read_json_file(steps + ".json"), info = read_json_file(batch + ".json");
  const auto network = network_kind("unilseg").build(config_from_json(info.at("config")), {}, {});
  const Parameters& parameters = network->parameters();
  const std::string folder = batch.substr(0, batch.find_last_of('/'));
  require_complete(
      load_weights(parameters, with_plain_names(read(folder + "/" + info.at("weights").as_string()))),
      "test");
  const NamedTensors tensors = read(batch + ".safetensors");
  const NamedTensors in{{"image", tensors.at("in.image")},
                        {"words", tensors.at("in.words")},
                        {"target", tensors.at("in.target")}};

  // What the file's "optimizer" says.
  std::vector<AdamSlab> slabs;
  std::vector<Tensor> gradients;
  for (const Parameter& p : parameters.all()) {
    const Tensor value = p.value.detached();
    const Tensor gradient = zeros_like(value);
    p.value.set_grad(gradient);
    gradients.push_back(gradient);
    slabs.push_back({.parameter = value,
                     .gradient = gradient,
                     .mean = zeros_like(value),
                     .square = zeros_like(value),
                     .weight_decay = p.decays ? 0.01 : 0.0});
  }
  StepValues values;
  values.learning_rates[0] = 1e-3;
  const Json::Array& losses = expected.at("loss").items();
  for (std::size_t i = 0; i < losses.size(); ++i) {
    for (Tensor& gradient : gradients) fill_(gradient, 0);
    const NamedTensors out = network->forward(in, {.training = true, .dropout = false});
    backward(out.at("loss"));
    const double loss = losses[i].as_double(),
                 norm = expected.at("grad_norm_before_clip")[std::int64_t(i)].as_double();
    values.step = double(i + 1);
    Tensor step = to_tensor(values);
    const NoGrad no_grad;
    clip_(step, gradients, 1.0);
    // 1e-4 at the first step, 5 % at the eighth, by a constant factor between.
    const double tolerance = 1e-4 * std::pow(500.0, double(i) / double(losses.size() - 1));
    INFO("step " << i + 1);
    CHECK(double(out.at("loss").item<float>()) == Approx(loss).epsilon(tolerance));
    // Norms of the later steps, near the minimum, are mostly the difference of two paths.
    if (i < losses.size() / 2) CHECK(step_values(step).gradient_norm == Approx(norm).epsilon(10 * tolerance));
    adamw_(slabs, step);
  }
}

}  // namespace
}  // namespace uls
