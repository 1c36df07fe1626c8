// SPDX-License-Identifier: Apache-2.0
#include "models/forward.h"

#include "core/autograd/autograd.h"
#include "core/tensor/primitives.h"

namespace uls {
namespace {

void take_gradients(const NamedTensors& out, const NamedTensors& tensors) {
  std::vector<Tensor> roots, cotangents;
  if (const auto loss = out.find("loss"); loss != out.end()) {
    roots.push_back(loss->second);
    cotangents.push_back(full({}, 1, loss->second.dtype(), loss->second.device()));
  } else {
    for (const auto& [name, y] : out) {
      const auto cotangent = tensors.find("cot." + name);
      if (cotangent == tensors.end()) continue;
      ULS_CHECK(cotangent->second.shape() == y.shape(),
                "forward: cot.{} has the wrong shape; got {}; expected {}", name,
                to_string(cotangent->second.shape()), to_string(y.shape()));
      roots.push_back(y);
      cotangents.push_back(converted(cotangent->second, y.dtype()));
    }
  }
  ULS_CHECK(!roots.empty(),
            "forward: no objective to take gradients of; got {} outputs; expected in.target for "
            "a loss, or a cot.NAME for an output",
            out.size());
  backward(roots, cotangents);
}

}  // namespace

NamedTensors run_forward(const Network& network, const NamedTensors& tensors, const ForwardRequest& request,
                         Profile* profile) {
  const Parameters& parameters = network.parameters();
  NamedTensors in;
  for (const auto& [key, x] : tensors) {
    if (!key.starts_with("in.")) continue;
    Tensor input = is_floating(x.dtype()) ? converted(x, parameters.dtype()).detached() : x;
    if (request.gradients && is_floating(x.dtype())) input.set_requires_grad();
    in[key.substr(3)] = input;
  }
  parameters.clear_gradients();
  const GradMode mode(request.gradients);
  const SlotObserverScope watched(profile);
  if (profile) profile->begin_phase("forward");
  const NamedTensors out = network.forward(in, request.pass);

  NamedTensors results;
  for (const auto& [name, y] : out) results["out." + name] = y.detached();
  if (request.gradients) {
    if (profile) profile->begin_phase("backward");
    take_gradients(out, tensors);
    for (const auto& [name, x] : in)
      if (x.requires_grad() && x.grad()) results["grad.in." + name] = x.grad();
    for (const Parameter& p : parameters.all())
      if (p.value.grad()) results["grad.param." + p.name] = to_file_layout(p.value.grad(), p.layout);
  }
  if (profile) profile->finish();
  if (request.pass.training)
    for (const Buffer& b : parameters.buffers()) results["buffer_after." + b.name] = b.value;
  return results;
}

}  // namespace uls
