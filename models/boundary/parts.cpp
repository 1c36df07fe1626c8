// SPDX-License-Identifier: Apache-2.0
#include "models/boundary/boundary.h"
#include "models/unilseg/fusion.h"
#include "models/unilseg/pixel_decoder.h"
#include "models/unilseg/query_decoder.h"

namespace uls {
namespace {

// A part of a decoder works on maps of a size that its tensors, as sequences, do not show.
struct MapSize {
  std::int64_t h = 0, w = 0, batch = 0, words = 0;

  void check(const Tensor& target, const Tensor& memory) const {
    ULS_CHECK(target.rank() == 3 && (h * w == 0 || target.size(0) == h * w) &&
                  (batch == 0 || target.size(1) == batch),
              "part: tgt is not the map of the config; got {}; expected [{} x {}, {}, C]", describe(target),
              h, w, batch);
    ULS_CHECK(memory.rank() == 3 && (words == 0 || memory.size(0) == words),
              "part: memory is not the text of the config; got {}; expected [{}, B, C]", describe(memory),
              words);
  }
};

const FieldTable<MapSize>& map_size_table() {
  static const FieldTable<MapSize> table = [] {
    FieldTable<MapSize> t("map");
    t.add("h", &MapSize::h, "rows of the map; 0 takes any").range(0, 65536);
    t.add("w", &MapSize::w, "columns of the map; 0 takes any").range(0, 65536);
    t.add("batch", &MapSize::batch, "samples; 0 takes any").range(0, 65536);
    t.add("words", &MapSize::words, "tokens of the text; 0 takes any").range(0, 65536);
    return t;
  }();
  return table;
}

struct FusionPartConfig {
  std::int64_t d_model = 1024, nhead = 8;
  double dropout = 0.1;
  MapSize size{};
};

const FieldTable<FusionPartConfig>& fusion_table() {
  using C = FusionPartConfig;
  static const FieldTable<C> table = [] {
    FieldTable<C> t("fusion");
    t.add("d_model", &C::d_model, "width").range(1, 65536);
    t.add("nhead", &C::nhead, "attention heads").range(1, 4096);
    t.add("dropout", &C::dropout, "of the weights").range(0, 0.99);
    t.section("", &C::size, map_size_table());
    return t;
  }();
  return table;
}

struct FusionPart : FusionModule {
  FusionPart(const ModelBuilder& b, const FusionPartConfig& c)
      : FusionModule(b, c.d_model, c.nhead, c.dropout) {}
};

struct FusionKind {
  using Config = FusionPartConfig;
  using Model = FusionPart;
  static constexpr const auto& table = fusion_table;

  static NamedTensors forward(const Model& model, const Config& c, const NamedTensors& in, const Pass& pass) {
    c.size.check(in.at("tgt"), in.at("memory"));
    return {{"tgt", swap_batch(model(swap_batch(in.at("tgt")), swap_batch(in.at("query_pos")),
                                     swap_batch(in.at("memory")), in.at("mask"), pass))}};
  }
  static NamedTensors examples(const Config& c, std::int64_t b, std::int64_t h, std::int64_t w) {
    return {{"tgt", example({h * w, b, c.d_model})},
            {"query_pos", example({h * w, b, c.d_model})},
            {"memory", example({17, b, c.d_model})},
            {"mask", example({b, 17}, DType::boolean)}};
  }
};

struct BlockPartConfig {
  VisionLanguageBlockConfig block{};
  MapSize size{};
};

const FieldTable<BlockPartConfig>& block_table() {
  using C = BlockPartConfig;
  static const FieldTable<C> table = [] {
    FieldTable<C> t("vision_language_block");
    t.section("", &C::block, vision_language_block_table());
    t.section("", &C::size, map_size_table());
    return t;
  }();
  return table;
}

struct BlockPart : VisionLanguageBlock {
  BlockPart(const ModelBuilder& b, const BlockPartConfig& c) : VisionLanguageBlock(b, c.block) {}
};

struct BlockKind {
  using Config = BlockPartConfig;
  using Model = BlockPart;
  static constexpr const auto& table = block_table;

  static NamedTensors forward(const Model& model, const Config& c, const NamedTensors& in, const Pass& pass) {
    c.size.check(in.at("tgt"), in.at("memory"));
    ULS_CHECK(c.size.h > 0 && c.size.w > 0,
              "vision_language_block: the config has no map; got {} by {}; expected h and w", c.size.h,
              c.size.w);
    return {
        {"tgt", to_sequence(model(to_map(in.at("tgt"), c.size.h, c.size.w),
                                  to_map(in.at("query_pos"), c.size.h, c.size.w), swap_batch(in.at("memory")),
                                  swap_batch(in.at("pos")), in.at("mask"), pass))}};
  }
  static NamedTensors examples(const Config& c, std::int64_t b, std::int64_t h, std::int64_t w) {
    return {{"tgt", example({h * w, b, c.block.d_model})},
            {"query_pos", example({h * w, b, c.block.d_model})},
            {"memory", example({17, b, c.block.d_model})},
            {"pos", example({17, b, c.block.d_model})},
            {"mask", example({b, 17}, DType::boolean)}};
  }
};

struct PixelDecoderKind {
  using Config = PixelDecoderConfig;
  using Model = PixelDecoder;
  static constexpr const auto& table = pixel_decoder_table;

  static NamedTensors forward(const Model& model, const Config& c, const NamedTensors& in, const Pass& pass) {
    std::vector<Tensor> maps;
    for (std::size_t i = 0; i < c.channels.size(); ++i) {
      const auto found = in.find("feature" + std::to_string(i));
      ULS_CHECK(found != in.end(),
                "pixel_decoder: no feature{} among the inputs; got {} of them; expected {} maps", i,
                in.size(), c.channels.size());
      maps.push_back(channels_last(found->second));
    }
    return {{"mask_features", channels_first(model(maps, in.at("text"), in.at("mask"), pass))}};
  }
  static NamedTensors examples(const Config& c, std::int64_t b, std::int64_t h, std::int64_t w) {
    NamedTensors in{{"text", example({b, 17, c.conv_dim})}, {"mask", example({b, 17}, DType::boolean)}};
    for (std::size_t i = 0; i < c.channels.size(); ++i)
      in["feature" + std::to_string(i)] = example({b, c.channels[i], (h >> 2) >> i, (w >> 2) >> i});
    return in;
  }
};

struct QueryDecoderKind {
  using Config = QueryDecoderConfig;
  using Model = QueryDecoder;
  static constexpr const auto& table = query_decoder_table;

  static NamedTensors forward(const Model& model, const Config&, const NamedTensors& in, const Pass& pass) {
    return {{"queries", model(channels_last(in.at("visual")), in.at("text"), pass)}};
  }
  static NamedTensors examples(const Config& c, std::int64_t b, std::int64_t h, std::int64_t w) {
    return {{"visual", example({b, c.in_visual, h >> 5, w >> 5})}, {"text", example({b, c.in_text})}};
  }
};

}  // namespace

NetworkKind fusion_kind() {
  return kind_of_network<FusionKind>("fusion", "pre-fusion of one stage",
                                     {"tgt", "query_pos", "memory", "mask"});
}
NetworkKind vision_language_block_kind() {
  return kind_of_network<BlockKind>("vision_language_block", "a block of the pixel decoder",
                                    {"tgt", "query_pos", "memory", "pos", "mask"});
}
NetworkKind pixel_decoder_kind() {
  return kind_of_network<PixelDecoderKind>("pixel_decoder", "the pixel decoder",
                                           {"feature0", "text", "mask"});
}
NetworkKind query_decoder_kind() {
  return kind_of_network<QueryDecoderKind>("query_decoder", "the query decoder", {"visual", "text"});
}

}  // namespace uls
