// SPDX-License-Identifier: Apache-2.0
#include "train/step/slab_state.h"

#include "core/io/file_layout.h"
#include "core/tensor/primitives.h"

namespace uls {

SlabState::SlabState(std::string kind, const Parameters& parameters)
    : kind_(std::move(kind)), parameters_(&parameters) {
  for (const ParameterSlab& slab : parameters.slabs())
    slabs_[slab.values.storage().get()] = zeros_like(slab.values);
}

Tensor SlabState::beside(const Tensor& x) const {
  return slabs_.at(x.storage().get()).sliced(0, x.offset(), x.offset() + x.numel()).reshaped(x.shape());
}

template <typename Use>
void SlabState::for_each_parameter(Use use) const {
  for (const Parameter& p : parameters_->all()) use(kind_ + "." + p.name, beside(p.value), p);
}

void SlabState::save(NamedTensors& tensors) const {
  for_each_parameter([&](const std::string& name, const Tensor& part, const Parameter& p) {
    tensors[name] = to_file_layout(part, p.layout);
  });
}

void SlabState::restore(const NamedTensors& tensors) {
  for_each_parameter([&](const std::string& name, Tensor part, const Parameter& p) {
    const auto found = tensors.find(name);
    ULS_CHECK(found != tensors.end(), "training step: the state is incomplete; got no {}; expected one",
              name);
    const Tensor value = from_file_layout(found->second, p.layout);
    ULS_CHECK(value.shape() == part.shape(), "training step: {} does not fit; got {}; expected {}", name,
              to_string(value.shape()), to_string(part.shape()));
    copy_(part, value);
  });
}

}  // namespace uls
