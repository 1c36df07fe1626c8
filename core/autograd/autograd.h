// SPDX-License-Identifier: Apache-2.0
// How an operation joins the tape, and how gradients are taken.
//
//   Tensor relu(const Tensor& x) {
//     const OpScope scope("relu");
//     Tensor y = empty_like(x);
//     slots::relu(x.device(), x, y);
//     return record("relu", {x}, y, [y = save(y)](Gradients& g) {
//       Tensor dx = empty_like(y());
//       slots::relu_grad(dx.device(), y(), g.output(0), dx);
//       g.add(0, dx);
//     });
//   }
//
// A gradient function runs without recording, is called only where some input needs a gradient, and may rely
// on contiguous gradients of its outputs.
#pragma once

#include <utility>
#include <vector>

#include "core/autograd/grad_mode.h"
#include "core/autograd/node.h"
#include "core/base/op_scope.h"

namespace uls {

/// What a gradient function sees.
class Gradients {
 public:
  explicit Gradients(Node& node) : node_(node) {}

  /// Gradient of output `index`; zeros where none arrived.
  Tensor output(int index) const;
  /// False where no gradient arrived for this output of an op with several.
  bool has_output(int index) const { return bool(node_.gradients_[std::size_t(index)]); }
  /// Whether nobody else holds the gradient of output `index`, which may then be written over.
  bool owns_output(int index) const { return node_.gradients_[std::size_t(index)].is_sole_owner(); }
  /// The gradient of output `index` as the caller's own, to write to and to pass on; undefined where none
  /// arrived. Once: it is gone afterwards.
  Tensor take_output(int index);
  /// Whether input `index` needs a gradient: work for others is wasted.
  bool needs(int index) const { return node_.edges_[std::size_t(index)].node != nullptr; }
  /// Adds to the gradient of input `index`. Pass with std::move where nobody else keeps the tensor.
  void add(int index, Tensor gradient);
  /// Where the gradient of input `index` is to be written, for kernels that can add to what is there:
  /// (buffer, true) means "add", (buffer, false) "write".
  std::pair<Tensor, bool> buffer(int index);

 private:
  Node& node_;
};

/// A tensor kept for a gradient function: shares the memory, carries no history (so a result may be saved by
/// its own node without a cycle), and notices when the contents were changed in place meanwhile.
class Saved {
 public:
  Saved() = default;
  explicit Saved(const Tensor& x);
  /// The tensor, undefined where an undefined one was saved. Raises Error where it was changed in place.
  const Tensor& operator()() const;

 private:
  Tensor tensor_;
  std::uint64_t version_ = 0;
  const char* op_ = nullptr;
};
inline Saved save(const Tensor& x) { return Saved(x); }

/// For results that have no gradient; backward that reaches one raises Error with the op's name.
inline constexpr std::nullptr_t kNotDifferentiable = nullptr;

/// Puts a call on the tape: `outputs` become results of `inputs` (undefined ones stand for absent arguments).
/// Nothing is recorded, and `function` is dropped, where no input needs a gradient or under NoGrad.
/// `name` must live as long as the program.
void record(const char* name, const std::vector<Tensor>& inputs, std::vector<Tensor>& outputs,
            GradientFunction function);
Tensor record(const char* name, const std::vector<Tensor>& inputs, Tensor output, GradientFunction function);

/// Gradients of `root` with respect to all leaves that it came from, added to their grad().
/// `gradient` weighs the elements of root (ones where it is left out: root must have one element then).
/// The graph is let go as it is walked unless `retain`: a second walk of a used graph raises Error.
void backward(const Tensor& root, const Tensor& gradient = {}, bool retain = false);
/// The same from several roots at once; gradients[i] belongs to roots[i].
void backward(const std::vector<Tensor>& roots, const std::vector<Tensor>& gradients, bool retain = false);

/// Calls `hook` with the complete gradient of x in each backward; x may be a leaf or a result. For a leaf it
/// is called as soon as its last contribution is in, while the walk goes on: how reducers overlap.
void add_gradient_hook(const Tensor& x, GradientHook hook);

}  // namespace uls
