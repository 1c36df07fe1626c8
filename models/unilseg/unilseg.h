// SPDX-License-Identifier: Apache-2.0
// UniLSeg, assembled: shared/spec/model.md.
#pragma once

#include <vector>

#include "models/unilseg/config.h"
#include "models/unilseg/fusion.h"
#include "models/unilseg/pixel_decoder.h"
#include "models/unilseg/query_decoder.h"

namespace uls {

class UniLSeg {
 public:
  /// What a mask is made of: map[l, b] = <queries[l, b, 0], pixels[b]> (mask_head, or mask_loss in training).
  struct Output {
    Tensor queries;  // [num_dec, B, 1, d_model], of every layer of the query decoder
    Tensor pixels;   // [B, H / 4, W / 4, d_model]
  };

  UniLSeg(const ModelBuilder& b, const UniLSegConfig& config);

  /// image: [B, H, W, 3], prepared as section 8 says. ids: int64 [B, L], 0 where padded.
  /// Shows words, state, swin.stage0 to 3, fusion.0 to 2 and fusion.last to pass.trace.
  Output operator()(const Tensor& image, const Tensor& ids, const Pass& pass) const;

  const UniLSegConfig& config() const { return config_; }

 private:
  struct Fusion {
    Linear projection;
    FusionModule module;
  };

  UniLSegConfig config_;
  TextEncoder text_;
  Swin image_;
  std::vector<Fusion> fusions_;  // of the stages
  PixelDecoder pixel_decoder_;
  QueryDecoder query_decoder_;
};

/// Names in official checkpoints that no computation uses: CLIP's image tower, its logit scale, and index
/// tables that follow from the window's size. They are kept as they came, and cost nothing.
bool is_passenger(const std::string& name);

/// bool, of ids' shape: true where a token is padding (id 0).
Tensor padding_mask(const Tensor& ids);

}  // namespace uls
