// SPDX-License-Identifier: Apache-2.0
#include "core/autograd/node.h"

#include <atomic>

#include "core/autograd/grad_mode.h"
#include "core/tensor/primitives.h"

namespace uls {
namespace {

thread_local bool recording = true;
std::atomic<bool> anomalies_wanted{false};
std::atomic<std::uint64_t> next_sequence{0};

}  // namespace

bool grad_enabled() { return recording; }
GradMode::GradMode(bool enabled) : previous_(recording) { recording = enabled; }
GradMode::~GradMode() { recording = previous_; }

void set_anomaly_mode(bool on) { anomalies_wanted = on; }
bool anomaly_mode() { return anomalies_wanted; }

std::shared_ptr<Node> Node::make_leaf(const Tensor& leaf) {
  auto node =
      std::make_shared<Node>("leaf", std::vector<Edge>{},
                             std::vector<OutputSpec>{{leaf.shape(), leaf.dtype(), leaf.device()}}, nullptr);
  node->leaf_ = true;
  return node;
}

Node::Node(const char* name, std::vector<Edge> edges, std::vector<OutputSpec> outputs,
           GradientFunction function)
    : name_(name),
      sequence_(next_sequence++),
      edges_(std::move(edges)),
      outputs_(std::move(outputs)),
      gradients_(outputs_.size()),
      function_(std::move(function)) {}

Node::~Node() {
  // The destructor that starts the chain empties it; those it sets off only add to its list.
  static thread_local std::vector<std::shared_ptr<Node>>* chain = nullptr;
  std::vector<std::shared_ptr<Node>> own_chain;
  const bool starts = chain == nullptr;
  if (starts) chain = &own_chain;
  for (auto& edge : edges_)
    if (edge.node) chain->push_back(std::move(edge.node));
  if (!starts) return;
  while (!own_chain.empty()) {
    const auto node = std::move(own_chain.back());
    own_chain.pop_back();
  }
  chain = nullptr;
}

void Node::set_leaf_gradient(const Tensor& buffer) {
  const OutputSpec& spec = outputs_[0];
  ULS_CHECK(!buffer || (buffer.shape() == spec.shape && buffer.dtype() == spec.dtype &&
                        buffer.device() == spec.device && buffer.is_contiguous()),
            "set_grad: the buffer does not fit; got {}; expected {} {} on {}, contiguous", describe(buffer),
            to_string(spec.dtype), to_string(spec.shape), to_string(spec.device));
  gradients_[0] = buffer;
}

Tensor& Node::held_gradient(int index) {
  Tensor& held = gradients_[std::size_t(index)];
  if (!held && source_) set_leaf_gradient(source_());
  return held;
}

void Node::add_gradient(int index, Tensor gradient) {
  const OutputSpec& spec = outputs_[std::size_t(index)];
  ULS_ASSERT(
      gradient.shape() == spec.shape && gradient.dtype() == spec.dtype && gradient.device() == spec.device,
      "gradient of '{}': got {}; expected {} {} on {}", name_, describe(gradient), to_string(spec.dtype),
      to_string(spec.shape), to_string(spec.device));
  Tensor& held = held_gradient(index);
  if (!held) {
    // A leaf keeps its gradient: it must not share memory with another tensor's.
    const bool take = gradient.is_contiguous() && (!leaf_ || gradient.is_sole_owner());
    held = take ? std::move(gradient) : clone(gradient);
    return;
  }
  if (!held.is_sole_owner() && !leaf_) held = clone(held);
  accumulate_(held, gradient);
}

std::pair<Tensor, bool> Node::gradient_buffer(int index) {
  const OutputSpec& spec = outputs_[std::size_t(index)];
  Tensor& held = held_gradient(index);
  const bool add = bool(held);
  if (!held) held = empty(spec.shape, spec.dtype, spec.device);
  if (add && !leaf_ && !held.is_sole_owner()) held = clone(held);
  held.storage()->bump_version();
  return {held, add};
}

void Node::call_hooks() const {
  for (const Hook& hook : hooks_)
    if (const Tensor& gradient = gradients_[std::size_t(hook.index)]) hook.call(gradient);
}

}  // namespace uls
