// SPDX-License-Identifier: Apache-2.0
// Views and the engine's copy and fill: every element of the result is written once.
#include "kernels/primitives/pad/pad.h"

#include "core/autograd/autograd.h"
#include "core/tensor/primitives.h"

namespace uls {

void write_padded(const Tensor& x, const Dims& before, Tensor& y) {
  Tensor inner = y;
  for (int d = 0; d < x.rank(); ++d) {
    const std::int64_t first = before[d], last = first + x.size(d);
    Tensor ahead = inner.sliced(d, 0, first), behind = inner.sliced(d, last, inner.size(d));
    if (ahead.numel()) fill_(ahead, 0);
    if (behind.numel()) fill_(behind, 0);
    inner = inner.sliced(d, first, last);
  }
  copy_(inner, x);
}

Tensor pad(const Tensor& x, const Dims& before, const Dims& after) {
  const OpScope scope("pad");
  ULS_CHECK(x, "pad: nothing to pad; got {}; expected a defined one", describe(x));
  ULS_CHECK(before.size() == x.rank() && after.size() == x.rank(),
            "pad: wrong number of dimensions; got {} and {} for {}; expected {} numbers each",
            to_string(before), to_string(after), to_string(x.shape()), x.rank());
  Shape shape = x.shape();
  for (int d = 0; d < x.rank(); ++d) {
    ULS_CHECK(before[d] >= 0 && after[d] >= 0, "pad: below 0; got {} and {}; expected at least 0",
              to_string(before), to_string(after));
    shape[d] += before[d] + after[d];
  }
  if (shape == x.shape()) return x;
  Tensor y = empty(shape, x.dtype(), x.device());
  write_padded(x, before, y);
  return record("pad", {x}, y, [before, from = x.shape()](Gradients& g) {
    Tensor inner = g.output(0);
    for (int d = 0; d < from.size(); ++d) inner = inner.sliced(d, before[d], before[d] + from[d]);
    g.add(0, clone(inner));
  });
}

}  // namespace uls
