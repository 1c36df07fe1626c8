// SPDX-License-Identifier: Apache-2.0
#include "kernels/primitives/reduce/reduce.h"

#include <limits>

#include "core/autograd/autograd.h"
#include "core/tensor/primitives.h"
#include "kernels/common/checks.h"
#include "kernels/primitives/reduce/reduce_kernel.h"

namespace uls {

namespace slots {
KernelSlot<void(const Tensor& x, Tensor& y)> reduce_sum("reduce_sum");
KernelSlot<void(const Tensor& x, Tensor& y)> reduce_max("reduce_max");
KernelSlot<void(const Tensor& x, const Tensor& y, const Tensor& dy, Tensor& dx)> reduce_max_grad(
    "reduce_max_grad");
}  // namespace slots

namespace {

// A reduction brought to the form of the kernels.
struct Plan {
  Dims order;             // kept dimensions with those that go in one place, as a permutation of x's
  Shape kept, kept_ones;  // the result's shape without and with sizes of 1
  std::int64_t outer = 1, reduced = 1, inner = 1;

  Plan(const char* op, const Shape& shape, const Dims& dims) {
    unsigned gone = dims.empty() ? (1u << shape.size()) - 1 : 0;
    for (const auto dim : dims) {
      const unsigned bit = 1u << normalize_dim(op, int(dim), shape.size());
      ULS_CHECK(!(gone & bit), "{}: a dimension twice; got {}; expected each once", op, to_string(dims));
      gone |= bit;
    }
    int first = 0;
    while (first < shape.size() && !(gone >> first & 1u)) ++first;
    // Kept dimensions before the first that goes stay in front; the others follow all that go.
    for (int d = 0; d < first; ++d) order.push_back(d), outer *= shape[d];
    for (int d = first; d < shape.size(); ++d)
      if (gone >> d & 1u) order.push_back(d), reduced *= shape[d];
    for (int d = first; d < shape.size(); ++d)
      if (!(gone >> d & 1u)) order.push_back(d), inner *= shape[d];
    for (int d = 0; d < shape.size(); ++d) {
      kept_ones.push_back(gone >> d & 1u ? 1 : shape[d]);
      if (!(gone >> d & 1u)) kept.push_back(shape[d]);
    }
  }

  Tensor arrange(const Tensor& x) const {
    return contiguous(x.permuted(order)).reshaped({outer, reduced, inner});
  }
};

Tensor run(const KernelSlot<void(const Tensor&, Tensor&)>& slot, const Plan& plan, const Tensor& x) {
  Tensor y = empty({plan.outer, plan.inner}, x.dtype(), x.device());
  slot(x.device(), plan.arrange(x), y);
  return y;
}

// factor dy spread over x's shape; contiguous.
Tensor spread(Tensor dy, const Plan& plan, const Shape& shape, double factor) {
  if (factor != 1) {
    dy = clone(dy);
    scale_(dy, factor);
  }
  return clone(dy.reshaped(plan.kept_ones).expanded(shape));
}

Tensor add_up(const char* name, const Tensor& x, const Dims& dims, bool keep, bool divide) {
  const OpScope scope(name);
  kernels::check_floating(name, "x", x);
  const Plan plan(name, x.shape(), dims);
  Tensor y = run(slots::reduce_sum, plan, x);
  const double factor = !divide        ? 1
                        : plan.reduced ? 1.0 / double(plan.reduced)
                                       : std::numeric_limits<double>::quiet_NaN();
  if (factor != 1) scale_(y, factor);
  y = y.reshaped(keep ? plan.kept_ones : plan.kept);
  return record(name, {x}, y, [plan, factor, shape = x.shape()](Gradients& g) {
    g.add(0, spread(g.output(0), plan, shape, factor));
  });
}

}  // namespace

Tensor sum(const Tensor& x, const Dims& dims, bool keep) { return add_up("sum", x, dims, keep, false); }
Tensor mean(const Tensor& x, const Dims& dims, bool keep) { return add_up("mean", x, dims, keep, true); }

Tensor amax(const Tensor& x, const Dims& dims, bool keep) {
  const OpScope scope("amax");
  kernels::check_floating("amax", "x", x);
  const Plan plan("amax", x.shape(), dims);
  ULS_CHECK(plan.reduced > 0, "amax: nothing to take the maximum of; got {}; expected sizes of at least 1",
            to_string(x.shape()));
  Tensor y = run(slots::reduce_max, plan, x);
  return record("amax", {x}, y.reshaped(keep ? plan.kept_ones : plan.kept),
                [plan, x = save(x), y = save(y)](Gradients& g) {
                  const Tensor arranged = plan.arrange(x());
                  Tensor dx = empty_like(arranged);
                  slots::reduce_max_grad(dx.device(), arranged, y(), g.output(0).reshaped(y().shape()), dx);
                  Shape permuted = x().shape();
                  Dims back = plan.order;
                  for (int d = 0; d < plan.order.size(); ++d)
                    permuted[d] = x().shape()[int(plan.order[d])], back[int(plan.order[d])] = d;
                  g.add(0, dx.reshaped(permuted).permuted(back));
                });
}

Tensor sum_to(Tensor x, const Shape& shape) {
  if (x.shape() == shape) return x;
  Dims dims;
  const int extra = x.rank() - shape.size();
  for (int d = 0; d < x.rank(); ++d)
    if (d < extra || (shape[d - extra] == 1 && x.shape()[d] != 1)) dims.push_back(d);
  const Plan plan("sum_to", x.shape(), dims);
  return run(slots::reduce_sum, plan, x).reshaped(shape);
}

}  // namespace uls
