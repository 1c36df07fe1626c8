// SPDX-License-Identifier: Apache-2.0
#include "models/boundary/boundary.h"
#include "models/clip/image_encoder.h"
#include "models/swin/swin.h"

namespace uls {
namespace {

struct SwinKind {
  using Config = SwinConfig;
  using Model = Swin;
  static constexpr const auto& table = swin_table;

  static NamedTensors forward(const Model& model, const Config&, const NamedTensors& in, const Pass& pass) {
    NamedTensors out;
    const std::vector<Tensor> maps = model(channels_last(in.at("image")), pass);
    for (std::size_t i = 0; i < maps.size(); ++i) out["stage" + std::to_string(i)] = channels_first(maps[i]);
    return out;
  }
  static NamedTensors examples(const Config&, std::int64_t b, std::int64_t h, std::int64_t w) {
    return {{"image", example({b, 3, h, w})}};
  }
};

struct TextKind {
  using Config = TextEncoderConfig;
  using Model = TextEncoder;
  static constexpr const auto& table = text_encoder_table;

  static NamedTensors forward(const Model& model, const Config&, const NamedTensors& in, const Pass& pass) {
    const TextEncoder::Output out = model(in.at("words"), pass);
    return {{"words", out.words}, {"state", out.state}};
  }
  static NamedTensors examples(const Config& c, std::int64_t b, std::int64_t, std::int64_t) {
    return {{"words", example({b, c.word_len}, DType::int64)}};
  }
};

struct ClipKind {
  using Config = ClipConfig;
  using Model = Clip;
  static constexpr const auto& table = clip_table;

  static NamedTensors forward(const Model& model, const Config&, const NamedTensors& in, const Pass& pass) {
    const Tensor image = model.image()(channels_last(in.at("image")), pass);
    const Tensor text = model.text()(in.at("words"), pass).state;
    return {
        {"image_embedding", image}, {"text_embedding", text}, {"similarity", model.similarity(image, text)}};
  }
  static NamedTensors examples(const Config& c, std::int64_t b, std::int64_t, std::int64_t) {
    return {{"image", example({b, 3, c.image.image_size, c.image.image_size})},
            {"words", example({b, c.text.word_len}, DType::int64)}};
  }
};

}  // namespace

NetworkKind swin_kind() { return kind_of_network<SwinKind>("swin", "the image tower", {"image"}); }
NetworkKind text_kind() { return kind_of_network<TextKind>("text", "CLIP's text tower", {"words"}); }
NetworkKind clip_kind() {
  return kind_of_network<ClipKind>("clip", "both of CLIP's towers, and their score", {"image", "words"});
}

}  // namespace uls
