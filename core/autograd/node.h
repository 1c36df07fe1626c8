// SPDX-License-Identifier: Apache-2.0
// The tape: a Node for every recorded call of an operation, and one for every leaf.
//
// A node knows the nodes that made its inputs (its edges), the function that turns gradients of its outputs
// into gradients of its inputs, and the gradients of its outputs as they arrive. A leaf has no function: what
// arrives stays, and is the leaf's gradient. Ownership runs from results to inputs alone, so there are no
// cycles.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/tensor/tensor.h"

namespace uls {

class Backward;
class Gradients;

/// Turns the gradients of an op's outputs into those of its inputs.
using GradientFunction = std::function<void(Gradients&)>;
/// Makes the buffer for a leaf's gradient, with what the leaf has so far in it.
using GradientSource = std::function<Tensor()>;
/// Sees a finished gradient.
using GradientHook = std::function<void(const Tensor& gradient)>;

class Node {
 public:
  struct Edge {
    std::shared_ptr<Node> node;  // null where the input needs no gradient
    int output = 0;
  };
  struct OutputSpec {
    Shape shape;
    DType dtype;
    Device device;
  };

  static std::shared_ptr<Node> make_leaf(const Tensor& leaf);
  Node(const char* name, std::vector<Edge> edges, std::vector<OutputSpec> outputs, GradientFunction function);
  /// Lets go of long chains in a loop: a graph may be deeper than the stack.
  ~Node();
  Node(const Node&) = delete;
  Node& operator=(const Node&) = delete;

  const char* name() const { return name_; }
  bool is_leaf() const { return leaf_; }
  /// Order of creation, over all threads: inputs come before results.
  std::uint64_t sequence() const { return sequence_; }
  const std::vector<Edge>& edges() const { return edges_; }
  const std::vector<OutputSpec>& outputs() const { return outputs_; }

  Tensor leaf_gradient() const { return gradients_[0]; }
  void set_leaf_gradient(const Tensor& buffer);
  /// Asked when a gradient arrives and the leaf has no buffer.
  void set_gradient_source(GradientSource source) { source_ = std::move(source); }

  /// Calls `hook` with the gradient of output `index` once it is complete, at each backward.
  void add_hook(int index, GradientHook hook) { hooks_.push_back({index, std::move(hook)}); }

 private:
  friend class Gradients;
  friend class Backward;

  struct Hook {
    int index;
    GradientHook call;
  };

  /// Adds to what has arrived for output `index`; takes the tensor over where it is the first and nobody
  /// else's.
  void add_gradient(int index, Tensor gradient);
  /// What has arrived for output `index`; undefined where nothing has and the leaf has no source.
  Tensor& held_gradient(int index);
  /// A buffer to write into for output `index`, and whether it holds something to add to.
  std::pair<Tensor, bool> gradient_buffer(int index);
  void call_hooks() const;

  const char* name_;
  std::uint64_t sequence_;
  std::vector<Edge> edges_;
  std::vector<OutputSpec> outputs_;
  std::vector<Tensor> gradients_;
  GradientFunction function_;
  std::vector<Hook> hooks_;
  GradientSource source_;  // of a leaf; may be none
  bool leaf_ = false;
  bool used_ = false;  // backward ran and let the function go

  // Of the backward that is running; see engine.cpp.
  std::int64_t waiting_for_ = 0;
  const Backward* walk_ = nullptr;
};

}  // namespace uls
