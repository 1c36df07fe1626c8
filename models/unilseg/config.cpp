// SPDX-License-Identifier: Apache-2.0
#include "models/unilseg/config.h"

namespace uls {
const FieldTable<UniLSegConfig>& unilseg_table() {
  using C = UniLSegConfig;
  static const FieldTable<C> table = [] {
    FieldTable<C> t("unilseg");
    t.section("", &C::swin, swin_table());
    t.section("", &C::text, text_encoder_table());
    t.add("pixel_decoder_in", &C::pixel_decoder_in, "channels of the image tower's stages").range(1, 65536);
    t.add("sr_ratios", &C::sr_ratios, "by how much each stage shrinks for its self-attention").range(1, 1024);
    t.add("pixel_decoder_conv", &C::pixel_decoder_conv, "width of the pixel decoder").range(1, 65536);
    t.add("pixel_decoder_mask", &C::pixel_decoder_mask, "width of the features that masks are made of")
        .range(1, 65536);
    t.add("pixel_ffn", &C::pixel_ffn, "hidden width of the pixel decoder's blocks").range(1, 1 << 20);
    t.add("fusion_dim", &C::fusion_dim, "width of the last stage's fusion").range(1, 65536);
    t.add("visual_in", &C::visual_in, "channels of the map that the query decoder reads").range(1, 65536);
    t.add("text_in", &C::text_in, "width of words in the pixel decoder and of the state").range(1, 65536);
    t.add("d_model", &C::d_model, "width of the query decoder").range(1, 65536);
    t.add("num_enc", &C::num_enc, "encoder layers before the query decoder").range(0, 1000);
    t.add("num_dec", &C::num_dec, "layers of the query decoder").range(1, 1000);
    t.add("query_ffn", &C::query_ffn, "hidden width of the query decoder's layers").range(1, 1 << 20);
    t.add("nhead", &C::nhead, "attention heads outside of the towers").range(1, 4096);
    t.add("dropout", &C::dropout, "dropout outside of the towers").range(0, 0.99);
    t.add("layer_norm_eps", &C::layer_norm_eps, "added to variances").range(0, 1);
    t.add("batch_norm_eps", &C::batch_norm_eps, "added to variances").range(0, 1);
    t.add("batch_norm_momentum", &C::batch_norm_momentum, "share of a batch in running statistics")
        .range(0, 1);
    return t;
  }();
  return table;
}

void check(const UniLSegConfig& config) {
  check(config.swin);
  check(config.text);
  ULS_CHECK(config.swin.depths.size() == 4, "unilseg: not four stages; got {}; expected 4 depths",
            config.swin.depths.size());
  for (std::size_t i = 0; i < 4; ++i)
    ULS_CHECK(config.pixel_decoder_in.size() == 4 && config.pixel_decoder_in[i] == config.swin.embed_dim << i,
              "unilseg: pixel_decoder_in is not the image tower's; got other channels of stage {}; expected "
              "{}, embed_dim doubled stage by stage",
              i, config.swin.embed_dim << i);
  ULS_CHECK(config.sr_ratios.size() == 4, "unilseg: not an sr_ratio for each stage; got {}; expected 4",
            config.sr_ratios.size());
  const auto equal = [](const char* one, std::int64_t a, const char* other, std::int64_t b) {
    ULS_CHECK(a == b, "unilseg: {} and {} differ; got {} and {}; expected equal ones", one, other, a, b);
  };
  equal("fusion_dim", config.fusion_dim, "the last of pixel_decoder_in", config.pixel_decoder_in[3]);
  equal("visual_in", config.visual_in, "fusion_dim", config.fusion_dim);
  equal("text_width", config.text.text_width, "pixel_decoder_conv", config.pixel_decoder_conv);
  equal("text_embed", config.text.text_embed, "text_in", config.text_in);
  equal("pixel_decoder_mask", config.pixel_decoder_mask, "d_model", config.d_model);
  for (const std::int64_t width : {config.swin.embed_dim, config.pixel_decoder_conv, config.d_model})
    ULS_CHECK(width % config.nhead == 0,
              "unilseg: a width does not split into nhead heads; got {} and {}; expected a multiple", width,
              config.nhead);
}

}  // namespace uls
