// SPDX-License-Identifier: Apache-2.0
// How a module becomes a network that files can speak to. A kind says how, in a struct:
//
//   struct SwinKind {
//     using Config = SwinConfig;                            // with a table of fields
//     using Model = Swin;                                   // Model(ModelBuilder, Config)
//     static constexpr const auto& table = swin_table;
//     static NamedTensors forward(const Model&, const Config&, const NamedTensors& in, const Pass&);
//     static NamedTensors examples(const Config&, batch, height, width);
//   };
#pragma once

#include <memory>

#include "core/base/strings.h"
#include "core/tensor/primitives.h"
#include "kernels/primitives/views/views.h"
#include "models/registry.h"

namespace uls {

// Files to memory, and back: images; sequences of a part.
inline Tensor channels_last(const Tensor& x) { return permute(x, {0, 2, 3, 1}); }
inline Tensor channels_first(const Tensor& x) { return permute(x, {0, 3, 1, 2}); }
inline Tensor swap_batch(const Tensor& x) { return transpose(x, 0, 1); }
// [L, B, C] with L = h w, to [B, h, w, C], and back.
inline Tensor to_map(const Tensor& x, std::int64_t height, std::int64_t width) {
  return reshape(swap_batch(x), {x.size(1), height, width, x.size(2)});
}
inline Tensor to_sequence(const Tensor& map) {
  return swap_batch(reshape(map, {map.size(0), map.size(1) * map.size(2), map.size(3)}));
}

inline Tensor example(const Shape& shape, DType dtype = DType::float32) { return empty(shape, dtype, kMeta); }

template <typename Kind>
class NetworkOf : public Network {
 public:
  NetworkOf(const typename Kind::Config& config, const ParameterOptions& options, const NetworkKind& kind)
      : Network(options),
        config_(config),
        kind_(kind),
        model_(build_model<typename Kind::Model>(parameters_, config)) {}

  Json config() const override { return Kind::table().to_json(config_); }

  NamedTensors forward(const NamedTensors& in, const Pass& pass) const override {
    for (const std::string& name : kind_.inputs)
      ULS_CHECK(in.contains(name), "{}: no input '{}'; got {} inputs; expected {}", kind_.name, name,
                in.size(), join(kind_.inputs, ", "));
    return Kind::forward(model_, config_, in, pass);
  }
  NamedTensors example_inputs(std::int64_t batch, std::int64_t height, std::int64_t width) const override {
    return Kind::examples(config_, batch, height, width);
  }

 private:
  typename Kind::Config config_;
  const NetworkKind& kind_;
  typename Kind::Model model_;
};

template <typename Kind>
NetworkKind kind_of_network(std::string name, std::string meaning, std::vector<std::string> inputs) {
  return {name, std::move(meaning), &Kind::table(), std::move(inputs),
          [name](const ConfigNode& node, const std::vector<std::string>& overrides,
                 const ParameterOptions& options) -> std::unique_ptr<Network> {
            typename Kind::Config config;
            Kind::table().load(config, node);
            for (const std::string& assignment : overrides) Kind::table().set(config, assignment);
            return std::make_unique<NetworkOf<Kind>>(config, options, network_kind(name));
          }};
}

// The kinds, each in the file of its group.
NetworkKind swin_kind();
NetworkKind text_kind();
NetworkKind clip_kind();
NetworkKind fusion_kind();
NetworkKind vision_language_block_kind();
NetworkKind pixel_decoder_kind();
NetworkKind query_decoder_kind();
NetworkKind unilseg_kind();

}  // namespace uls
