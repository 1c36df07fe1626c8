// SPDX-License-Identifier: Apache-2.0
#include "models/parameters.h"

#include <catch2/catch.hpp>

#include <cmath>
#include <numeric>

#include "core/tensor/primitives.h"
#include "models/clip/image_encoder.h"
#include "models/unilseg/unilseg.h"
#include "tests/support/support.h"

namespace uls {
namespace {

UniLSegConfig tiny() {
  UniLSegConfig c;
  c.swin = {.embed_dim = 8, .depths = {1, 1, 2, 1}, .num_heads = {1, 2, 2, 4}, .window_size = 3};
  c.text = {.text_width = 24,
            .text_heads = 3,
            .text_layers = 1,
            .text_embed = 24,
            .vocab_size = 30,
            .context_length = 20,
            .word_len = 9,
            .sot_token = 28,
            .eot_token = 29};
  c.pixel_decoder_in = {8, 16, 32, 64};
  c.pixel_decoder_conv = c.text_in = 24;
  c.pixel_decoder_mask = c.d_model = 16;
  c.fusion_dim = c.visual_in = 64;
  c.pixel_ffn = c.query_ffn = 20;
  c.num_dec = 2;
  return c;
}

double deviation_of(const Tensor& x) {
  const std::vector<double> values = to_doubles(x);
  double squares = 0;
  for (const double v : values) squares += v * v / double(values.size());
  return std::sqrt(squares);
}

TEST_CASE("parameters: slabs hold every parameter once, by group") {
  Parameters parameters({.seed = 3});
  const UniLSeg model = build_model<UniLSeg>(parameters, tiny());
  CHECK(parameters.slabs().size() == 4);
  std::int64_t elements = 0;
  for (const Parameter& p : parameters.all()) {
    elements += p.value.numel();
    CHECK(p.decays == (p.value.rank() >= 2));
    CHECK(p.value.requires_grad());
    int owners = 0;
    for (const ParameterSlab& slab : parameters.slabs())
      if (slab.values.storage() == p.value.storage()) {
        ++owners;
        CHECK(slab.backbone == p.backbone);
        CHECK(slab.decays == p.decays);
      }
    CHECK(owners == 1);
  }
  CHECK(elements == parameters.count());
  CHECK_FALSE(parameters.at("backbone.positional_embedding").backbone);
  CHECK(parameters.at("backbone_visual.norm0.weight").backbone);
  CHECK_FALSE(parameters.at("pixel_decoder.layer_1.0.weight").backbone);
  CHECK(
      test::error_of([&] { parameters.at("nobody"); }).starts_with("parameters: no such name; got 'nobody'"));
}

TEST_CASE("parameters: values follow from the seed and the name") {
  Parameters a({.seed = 3}), b({.seed = 3}), c({.seed = 4});
  build_model<UniLSeg>(a, tiny());
  build_model<UniLSeg>(b, tiny());
  build_model<UniLSeg>(c, tiny());
  for (std::size_t i = 0; i < a.slabs().size(); ++i)
    CHECK(test::same_bits(a.slabs()[i].values, b.slabs()[i].values));
  const std::string name = "pixel_decoder.cross_attn_1.linear1.weight";
  CHECK_FALSE(test::same_bits(a.at(name).value, c.at(name).value));
}

TEST_CASE("parameters: the reference's initialisation") {
  UniLSegConfig config = tiny();
  config.pixel_decoder_conv = config.text_in = config.text.text_width = config.text.text_embed = 96;
  config.pixel_ffn = 200;
  Parameters parameters({.seed = 1});
  build_model<UniLSeg>(parameters, config);
  const auto deviation = [&](const std::string& name) { return deviation_of(parameters.at(name).value); };
  // Uniform in [-b, b] has the deviation b / sqrt(3).
  CHECK(deviation("pixel_decoder.cross_attn_2.linear1.weight") ==
        Approx(std::sqrt(6.0 / (96 + 200) / 3)).epsilon(0.03));
  CHECK(deviation("pixel_decoder.cross_attn_2.self_attn.in_proj_weight") ==
        Approx(std::sqrt(6.0 / (4 * 96) / 3)).epsilon(0.03));
  CHECK(deviation("pixel_decoder.layer_3.0.weight") == Approx(1 / std::sqrt(3.0 * 9 * 96)).epsilon(0.03));
  CHECK(deviation("backbone.transformer.resblocks.0.attn.in_proj_weight") ==
        Approx(1 / std::sqrt(96.0)).epsilon(0.03));
  CHECK(deviation("backbone.token_embedding.weight") == Approx(0.02).epsilon(0.05));
  CHECK(deviation("backbone.transformer.resblocks.0.attn.in_proj_bias") == 0);
  CHECK(deviation("pixel_decoder.cross_attn_2.norm1.weight") == Approx(1));

  Parameters swin({.seed = 1});
  build_model<Swin>(swin, SwinConfig{.embed_dim = 32, .depths = {1}, .num_heads = {8}, .window_size = 12});
  const Tensor& table = swin.at("layers.0.blocks.0.attn.relative_position_bias_table").value;
  // A normal draw cut at two deviations has 0.8796 of its deviation.
  CHECK(deviation_of(table) == Approx(0.8796 * 0.02).epsilon(0.03));
  for (const double v : to_doubles(table)) CHECK(std::abs(v) <= 0.04 * (1 + 1e-6));
}

TEST_CASE("parameters: the released model has its numbers of parameters") {
  Parameters whole({.device = kMeta});
  build_model<UniLSeg>(whole, UniLSegConfig());
  CHECK(whole.count() == 197125432);
  Parameters swin({.device = kMeta});
  build_model<Swin>(swin, SwinConfig());
  CHECK(swin.count() == 86745016);
  Parameters clip({.device = kMeta});
  build_model<Clip>(clip, ClipConfig());
  CHECK(clip.count() == 63428097 + 86192640);
}

TEST_CASE("unilseg: sizes that contradict each other are named") {
  UniLSegConfig config = tiny();
  config.d_model = 24;
  CHECK(test::error_of([&] { check(config); }) ==
        "unilseg: pixel_decoder_mask and d_model differ; got 16 and 24; expected equal ones");
  config = tiny();
  config.swin.num_heads = {1, 2, 2};
  CHECK(test::error_of([&] { check(config); }) ==
        "swin: depths and num_heads differ in length; got 4 and 3; expected one of each for a stage");
}

}  // namespace
}  // namespace uls
