// SPDX-License-Identifier: Apache-2.0
// The backward walk: from the roots to the leaves, each node once, after all gradients of its outputs are in.
#include <algorithm>
#include <queue>

#include "core/autograd/autograd.h"
#include "core/tensor/primitives.h"

namespace uls {

class Backward {
 public:
  explicit Backward(bool retain) : retain_(retain) {}

  // Also after an error: nothing of this walk stays behind in nodes that live on.
  ~Backward() {
    for (const auto& node : nodes_) {
      if (!node->leaf_) std::fill(node->gradients_.begin(), node->gradients_.end(), Tensor());
      node->waiting_for_ = 0;
      node->walk_ = nullptr;
    }
  }

  void run(const std::vector<Tensor>& roots, const std::vector<Tensor>& gradients) {
    for (std::size_t i = 0; i < roots.size(); ++i) {
      check_root(roots[i], gradients[i]);
      visit(roots[i].node());
    }
    find_nodes();
    for (std::size_t i = 0; i < roots.size(); ++i) {
      const Tensor& root = roots[i];
      root.node()->add_gradient(
          root.output_index(),
          gradients[i] ? gradients[i] : full(root.shape(), 1, root.dtype(), root.device()));
    }
    for (const auto& node : nodes_)
      if (node->waiting_for_ == 0) ready_.push(node.get());
    while (!ready_.empty()) {
      Node& node = *ready_.top();
      ready_.pop();
      node.call_hooks();
      if (node.leaf_) continue;
      call_function(node);
      for (const auto& edge : node.edges_)
        if (edge.node && is_mine(*edge.node) && --edge.node->waiting_for_ == 0) ready_.push(edge.node.get());
    }
  }

 private:
  // Leaves first, so that their hooks are called at once; then the latest call, which frees memory soonest.
  struct Later {
    bool operator()(const Node* a, const Node* b) const {
      return std::pair(a->is_leaf(), a->sequence()) < std::pair(b->is_leaf(), b->sequence());
    }
  };

  static void check_root(const Tensor& root, const Tensor& gradient) {
    ULS_CHECK(root.requires_grad(),
              "backward: nothing to differentiate; got {}; expected the result of inputs that require grad",
              describe(root));
    ULS_CHECK(
        gradient || root.numel() == 1,
        "backward: no gradient for a root of several elements; got {}; expected one element, or a gradient",
        describe(root));
    ULS_CHECK(!gradient || (gradient.shape() == root.shape() && gradient.dtype() == root.dtype() &&
                            gradient.device() == root.device()),
              "backward: the gradient does not fit the root; got {}; expected {}", describe(gradient),
              describe(root));
  }

  void visit(const std::shared_ptr<Node>& node) {
    if (node->walk_) return;
    node->walk_ = this;
    nodes_.push_back(node);
  }

  // A recomputation walks inside of the walk that asked for it. Calls before it that the outer walk has still
  // to come to are left to that; leaves have nothing to be called.
  bool is_mine(const Node& node) const { return node.walk_ == this || node.leaf_; }

  // Counts, for every node, the nodes whose functions add to its gradients. nodes_ grows while it is walked.
  void find_nodes() {
    for (std::size_t i = 0; i < nodes_.size(); ++i) {
      const auto node = nodes_[i];
      ULS_CHECK(!node->used_,
                "backward: the graph was walked before; got a second walk through '{}'; expected retain = "
                "true in the first",
                node->name());
      for (const auto& edge : node->edges_) {
        if (!edge.node) continue;
        visit(edge.node);
        if (is_mine(*edge.node)) ++edge.node->waiting_for_;
      }
    }
  }

  void call_function(Node& node) {
    const auto& arrived = node.gradients_;
    if (std::any_of(arrived.begin(), arrived.end(), [](const Tensor& g) { return bool(g); })) {
      ULS_CHECK(node.function_,
                "backward: '{}' is not differentiable; got a gradient for its result; expected none",
                node.name());
      const OpScope scope(node.name());
      Gradients gradients(node);
      node.function_(gradients);
      check_finite(node);
    }
    std::fill(node.gradients_.begin(), node.gradients_.end(), Tensor());
    if (retain_) return;
    node.function_ = nullptr;
    node.used_ = true;
  }

  static void check_finite(const Node& node) {
    if (!anomaly_mode()) return;
    for (std::size_t i = 0; i < node.edges_.size(); ++i) {
      const auto& [input, output] = node.edges_[i];
      if (!input || !input->gradients_[std::size_t(output)]) continue;
      const Tensor& gradient = input->gradients_[std::size_t(output)];
      const std::int64_t position = find_non_finite(gradient);
      ULS_CHECK(position < 0,
                "{}: the gradient of input {} has a NaN or an infinity; got it at element {} of {}; expected "
                "finite values",
                node.name(), i, position, describe(gradient));
    }
  }

  bool retain_;
  std::vector<std::shared_ptr<Node>> nodes_;
  std::priority_queue<Node*, std::vector<Node*>, Later> ready_;
};

void backward(const std::vector<Tensor>& roots, const std::vector<Tensor>& gradients, bool retain) {
  ULS_CHECK(roots.size() == gradients.size(),
            "backward: lists differ; got {} roots and {} gradients; expected as many", roots.size(),
            gradients.size());
  const NoGrad no_grad;
  Backward(retain).run(roots, gradients);
}

void backward(const Tensor& root, const Tensor& gradient, bool retain) {
  backward(std::vector{root}, {gradient}, retain);
}

}  // namespace uls
