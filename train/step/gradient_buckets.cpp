// SPDX-License-Identifier: Apache-2.0
#include "train/step/gradient_buckets.h"

#include "core/tensor/primitives.h"

namespace uls {

const Tensor& GradientBucket::gradient() {
  if (!gradient_) gradient_ = zeros_like(part_of(slab_.values));
  return gradient_;
}

Tensor GradientBucket::gradient_of(std::int64_t offset, const Shape& shape) {
  const std::int64_t at = offset - first_;
  return gradient().sliced(0, at, at + count_elements(shape)).reshaped(shape);
}

std::vector<std::shared_ptr<GradientBucket>> make_gradient_buckets(const Parameters& parameters,
                                                                   std::int64_t bytes) {
  std::vector<std::shared_ptr<GradientBucket>> buckets;
  for (const ParameterSlab& slab : parameters.slabs()) {
    const std::int64_t least = bytes / size_of(slab.values.dtype());
    std::int64_t first = 0;
    std::vector<const Parameter*> inside;
    for (const Parameter& p : parameters.all()) {
      if (p.value.storage() != slab.values.storage()) continue;
      inside.push_back(&p);
      const std::int64_t last = p.value.offset() + p.value.numel();
      if (last - first < least && last < slab.values.numel()) continue;
      const auto bucket = std::make_shared<GradientBucket>(slab, first, last);
      for (const Parameter* in : inside) {
        in->value.set_grad({});
        // Not the parameter itself, which would then own itself.
        in->value.set_grad_source([bucket, offset = in->value.offset(), shape = in->value.shape()] {
          return bucket->gradient_of(offset, shape);
        });
      }
      buckets.push_back(bucket);
      inside.clear();
      first = last;
    }
  }
  return buckets;
}

}  // namespace uls
