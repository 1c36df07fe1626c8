// SPDX-License-Identifier: Apache-2.0
#include "models/parameters.h"

#include "core/tensor/primitives.h"

namespace uls {
namespace {

// The author's groups (reference_quirks, build_segmenter): the towers, but for CLIP's positions.
bool is_backbone(const std::string& name) {
  return name.starts_with("backbone") && name.find("positional_embedding") == std::string::npos;
}

}  // namespace

const Parameter& Parameters::at(const std::string& name) const {
  const auto found = index_.find(name);
  ULS_CHECK(found != index_.end(), "parameters: no such name; got '{}'; expected one of the model's {}", name,
            parameters_.size());
  return parameters_[found->second];
}

std::int64_t Parameters::count() const {
  std::int64_t elements = 0;
  for (const ParameterSlab& slab : slabs_) elements += slab.values.numel();
  return elements;
}

void Parameters::clear_gradients() const {
  for (const Parameter& parameter : parameters_) parameter.value.set_grad({});
}

Tensor Parameters::parameter(std::string name, const Shape& shape, const InitialValues& init,
                             FileLayout layout) {
  if (!counting_) return at(name).value;
  ULS_ASSERT(index_.emplace(name, parameters_.size()).second, "parameter {} is named twice", name);
  const bool backbone = is_backbone(name);
  parameters_.push_back(
      {std::move(name), empty(shape, options_.dtype, kMeta), layout, backbone, shape.size() >= 2});
  initial_.push_back(init);
  return parameters_.back().value;
}

Tensor Parameters::buffer(std::string name, const Shape& shape, DType dtype, double value) {
  if (!counting_) return buffers_[buffer_index_.at(name)].value;
  ULS_ASSERT(buffer_index_.emplace(name, buffers_.size()).second, "buffer {} is named twice", name);
  buffers_.push_back({std::move(name), full(shape, value, dtype, options_.device)});
  return buffers_.back().value;
}

void Parameters::allocate() {
  ULS_ASSERT(counting_, "parameters of a model that is built already");
  for (const bool backbone : {true, false})
    for (const bool decays : {true, false}) {
      const auto belongs = [&](const Parameter& p) { return p.backbone == backbone && p.decays == decays; };
      std::int64_t elements = 0;
      for (const Parameter& p : parameters_)
        if (belongs(p)) elements += p.value.numel();
      if (elements == 0) continue;
      const Tensor slab = empty({elements}, options_.dtype, options_.device);
      std::int64_t at = 0;
      for (Parameter& p : parameters_)
        if (belongs(p)) {
          const Shape shape = p.value.shape();
          p.value = slab.sliced(0, at, at + p.value.numel()).reshaped(shape);
          at += p.value.numel();
        }
      slabs_.push_back({backbone, decays, slab});
    }
  for (std::size_t i = 0; i < parameters_.size(); ++i) {
    Parameter& parameter = parameters_[i];
    set_initial_values(parameter.value, initial_[i], options_.seed, parameter.name);
    parameter.value.set_requires_grad();
  }
  counting_ = false;
}

ModelBuilder ModelBuilder::operator/(std::string_view name) const {
  return ModelBuilder(parameters_, path_.empty() ? std::string(name) : path_ + "." + std::string(name));
}

Tensor ModelBuilder::parameter(std::string_view name, const Shape& shape, const InitialValues& init,
                               FileLayout layout) const {
  return parameters_.parameter((*this / name).path_, shape, init, layout);
}

Tensor ModelBuilder::buffer(std::string_view name, const Shape& shape, double value) const {
  return parameters_.buffer((*this / name).path_, shape, parameters_.dtype(), value);
}

Tensor ModelBuilder::counter(std::string_view name) const {
  return parameters_.buffer((*this / name).path_, {}, DType::int64, 0);
}

}  // namespace uls
