// SPDX-License-Identifier: Apache-2.0
#include "core/autograd/checkpoint.h"

#include "core/random/random_state.h"
#include "core/tensor/primitives.h"

namespace uls {

std::vector<Tensor> checkpoint(const TensorFunction& fn, const std::vector<Tensor>& inputs) {
  if (!grad_enabled()) return fn(inputs);
  const RandomState draws = RandomState::current();
  std::vector<Tensor> outputs;
  {
    const NoGrad no_grad;
    // Handles of their own: fn may return one of its inputs as it is.
    for (const Tensor& output : fn(inputs)) outputs.push_back(output.detached());
  }
  const OpScope scope("checkpoint");
  std::vector<Saved> saved;
  for (const Tensor& input : inputs) saved.push_back(save(input));
  // One more input, a leaf of its own, so that the call is recorded where only captured parameters need
  // gradients.
  std::vector<Tensor> recorded_inputs = inputs;
  recorded_inputs.push_back(empty({0}).set_requires_grad());

  record("checkpoint", recorded_inputs, outputs, [fn, saved, draws, count = outputs.size()](Gradients& g) {
    std::vector<Tensor> leaves;
    for (std::size_t i = 0; i < saved.size(); ++i) {
      const Tensor& input = saved[i]();
      leaves.push_back(g.needs(int(i)) ? input.detached().set_requires_grad() : input);
    }
    std::vector<Tensor> roots, gradients;
    {
      const GradMode recording(true);
      const RandomStateScope same_draws(draws);
      const std::vector<Tensor> again = fn(leaves);
      for (std::size_t i = 0; i < count; ++i)
        if (g.has_output(int(i)) && again[i].requires_grad()) {
          roots.push_back(again[i]);
          gradients.push_back(g.output(int(i)));
        }
    }
    if (!roots.empty()) backward(roots, gradients);
    for (std::size_t i = 0; i < leaves.size(); ++i)
      if (g.needs(int(i)) && leaves[i].grad()) g.add(int(i), leaves[i].grad());
  });
  return outputs;
}

}  // namespace uls
