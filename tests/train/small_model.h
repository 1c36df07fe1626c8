// SPDX-License-Identifier: Apache-2.0
// A model and batches so small that a step takes milliseconds, made without files.
#pragma once

#include "core/tensor/primitives.h"
#include "kernels/primitives/random/random.h"
#include "train/step/training_step.h"

namespace uls::test {

inline UniLSegConfig small_config() {
  UniLSegConfig config;
  config.swin = {.embed_dim = 8, .depths = {1, 1, 1, 1}, .num_heads = {1, 1, 2, 2}, .window_size = 4};
  config.text.vocab_size = 96;
  config.text.sot_token = 94;
  config.text.eot_token = 95;
  config.text.text_width = config.text.text_embed = config.text_in = 16;
  config.text.text_heads = 2;
  config.text.text_layers = 1;
  config.text.word_len = 12;
  config.pixel_decoder_in = {8, 16, 32, 64};
  config.pixel_decoder_conv = config.pixel_ffn = config.query_ffn = 16;
  config.pixel_decoder_mask = config.d_model = 8;
  config.fusion_dim = config.visual_in = 64;
  config.num_dec = config.nhead = 2;
  return config;
}

/// Noise of 64 x 64 pixels, targets in [0, 1], and words; another batch for each seed.
inline TrainingBatch small_batch(std::int64_t samples, std::uint32_t seed, DType dtype = DType::float32) {
  TrainingBatch batch{.image = empty({samples, 64, 64, 3}, dtype),
                      .ids = zeros({samples, 12}, DType::int64),
                      .target = empty({samples, 1, 16, 16}, dtype)};
  fill_normal_(batch.image, 0, 1, {.key = {seed, 0}});
  fill_uniform_(batch.target, 0, 1, {.key = {seed, 1}});
  for (std::int64_t i = 0; i < samples; ++i) {
    std::int64_t* row = batch.ids.data<std::int64_t>() + i * 12;
    row[0] = 94;
    for (std::int64_t j = 1; j < 6; ++j) row[j] = 1 + (std::int64_t(seed) * 31 + i * 17 + j * 7) % 90;
    row[6] = 95;
  }
  return batch;
}

struct SmallTraining {
  Parameters parameters;
  UniLSeg model;
  TrainingStep step;

  SmallTraining(const UniLSegConfig& config, const StepOptions& options, DType dtype = DType::float32)
      : parameters({.dtype = dtype, .seed = 1}),
        model(build_model<UniLSeg>(parameters, config)),
        step(model, parameters, options) {}
};

}  // namespace uls::test
