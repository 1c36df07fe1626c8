// SPDX-License-Identifier: Apache-2.0
// Where gradients of a step lie: in buckets, each beside a part of a slab of parameters.
#pragma once

#include <memory>
#include <vector>

#include "models/parameters.h"

namespace uls {

/// A part of a slab. Its gradient has memory from the first contribution to release() alone: buckets of late
/// gradients take what activations left, so that both are never there in full.
class GradientBucket {
 public:
  GradientBucket(const ParameterSlab& slab, std::int64_t first, std::int64_t last)
      : slab_(slab), first_(first), last_(last) {}

  const ParameterSlab& slab() const { return slab_; }
  /// The bucket's part of a tensor of the slab's size.
  Tensor part_of(const Tensor& whole) const { return whole.sliced(0, first_, last_); }
  /// [elements], zeros at first.
  const Tensor& gradient();
  void release() { gradient_ = Tensor(); }

  /// The part of gradient() beside the parameter of this shape at `offset` of the slab.
  Tensor gradient_of(std::int64_t offset, const Shape& shape);

 private:
  ParameterSlab slab_;
  std::int64_t first_, last_;
  Tensor gradient_;
};

/// Cuts the slabs into buckets of at least `bytes`, at borders of parameters, and makes them the places of
/// the parameters' gradients.
std::vector<std::shared_ptr<GradientBucket>> make_gradient_buckets(const Parameters& parameters,
                                                                   std::int64_t bytes = 25 << 20);

}  // namespace uls
