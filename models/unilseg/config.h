// SPDX-License-Identifier: Apache-2.0
// The sizes of UniLSeg, under the names of shared/spec/model.md; the defaults are the released model.
#pragma once

#include "models/clip/text_encoder.h"
#include "models/swin/swin.h"

namespace uls {

struct UniLSegConfig {
  SwinConfig swin;  // their keys stand among the model's own
  TextEncoderConfig text;
  std::vector<std::int64_t> pixel_decoder_in{128, 256, 512, 1024}, sr_ratios{8, 4, 2, 1};
  std::int64_t pixel_decoder_conv = 512, pixel_decoder_mask = 256, pixel_ffn = 2048;
  std::int64_t fusion_dim = 1024, visual_in = 1024, text_in = 512;
  std::int64_t d_model = 256, num_enc = 0, num_dec = 6, query_ffn = 2048, nhead = 8;
  double dropout = 0.1;
  double layer_norm_eps = 1e-5;  // of all parts, the towers too
  double batch_norm_eps = 1e-5, batch_norm_momentum = 0.1;
};
const FieldTable<UniLSegConfig>& unilseg_table();
/// Raises Error where the sizes contradict each other.
void check(const UniLSegConfig& config);

}  // namespace uls
