// SPDX-License-Identifier: Apache-2.0
#include "core/autograd/autograd.h"

#include "core/tensor/primitives.h"

namespace uls {
namespace {

void check_finite(const char* op, std::size_t index, const Tensor& x) {
  if (!anomaly_mode()) return;
  const std::int64_t position = find_non_finite(x);
  ULS_CHECK(position < 0,
            "{}: result {} has a NaN or an infinity; got it at element {} of {}; expected finite values", op,
            index, position, describe(x));
}

}  // namespace

Saved::Saved(const Tensor& x) : op_(OpScope::current()) {
  if (!x) return;
  tensor_ = x.detached();
  version_ = x.storage()->version();
}

const Tensor& Saved::operator()() const {
  ULS_CHECK(!tensor_ || tensor_.storage()->version() == version_,
            "{}: a tensor saved for the gradient was changed in place; got version {}; expected {}",
            op_ ? op_ : "backward", tensor_.storage()->version(), version_);
  return tensor_;
}

Tensor Gradients::output(int index) const {
  const auto& spec = node_.outputs_[std::size_t(index)];
  const Tensor& gradient = node_.gradients_[std::size_t(index)];
  return gradient ? gradient : zeros(spec.shape, spec.dtype, spec.device);
}

Tensor Gradients::take_output(int index) {
  Tensor gradient = std::exchange(node_.gradients_[std::size_t(index)], Tensor());
  return !gradient || gradient.is_sole_owner() ? gradient : clone(gradient);
}

void Gradients::add(int index, Tensor gradient) {
  if (!needs(index)) return;
  const auto& edge = node_.edges_[std::size_t(index)];
  edge.node->add_gradient(edge.output, std::move(gradient));
}

std::pair<Tensor, bool> Gradients::buffer(int index) {
  ULS_ASSERT(needs(index), "{}: buffer({}) of an input that needs no gradient", node_.name(), index);
  const auto& edge = node_.edges_[std::size_t(index)];
  return edge.node->gradient_buffer(edge.output);
}

void record(const char* name, const std::vector<Tensor>& inputs, std::vector<Tensor>& outputs,
            GradientFunction function) {
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    check_finite(name, i, outputs[i]);
    ULS_ASSERT(!outputs[i].requires_grad(), "record: result {} of '{}' has a history already", i, name);
  }
  if (!grad_enabled()) return;
  bool wanted = false;
  std::vector<Node::Edge> edges;
  for (const Tensor& input : inputs) {
    const bool needs = input.requires_grad();
    edges.push_back(needs ? Node::Edge{input.node(), input.output_index()} : Node::Edge{});
    wanted |= needs;
  }
  if (!wanted) return;
  std::vector<Node::OutputSpec> specs;
  for (const Tensor& output : outputs) specs.push_back({output.shape(), output.dtype(), output.device()});
  const auto node = std::make_shared<Node>(name, std::move(edges), std::move(specs), std::move(function));
  for (std::size_t i = 0; i < outputs.size(); ++i)
    if (is_floating(outputs[i].dtype())) outputs[i].set_node(node, int(i));
}

Tensor record(const char* name, const std::vector<Tensor>& inputs, Tensor output, GradientFunction function) {
  std::vector<Tensor> outputs{std::move(output)};
  record(name, inputs, outputs, std::move(function));
  return std::move(outputs[0]);
}

void add_gradient_hook(const Tensor& x, GradientHook hook) {
  ULS_CHECK(x.requires_grad(),
            "add_gradient_hook: the tensor has no gradient; got {}; expected one that requires grad",
            describe(x));
  x.node()->add_hook(x.output_index(), std::move(hook));
}

}  // namespace uls
