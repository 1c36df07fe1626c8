// SPDX-License-Identifier: Apache-2.0
// From a picture and sentences to probabilities of its pixels, as the reference predicts.
//
//   const LoadedModel loaded = load_model("runs/demo/checkpoints/step-00001100");
//   const Predictor predictor(*loaded.model, loaded.transform, loaded.word_len);
//   const std::vector<float> cat = predictor(read_image("a.jpg"), {"the cat on the left"})[0];
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "data/transforms/mask_back.h"
#include "data/transforms/transform.h"
#include "models/unilseg/unilseg.h"

namespace uls {

/// Of an image and n texts n maps of the image's size, [height, width]. A Predictor is one.
using Predict =
    std::function<std::vector<std::vector<float>>(const Image& image, const std::vector<std::string>& texts)>;

/// Takes what the model gave in one pass, a sample for each text.
using PassObserver = std::function<void(const UniLSeg::Output& output)>;

/// The last layer's map: [B, H / 4, W / 4], of an image [B, H, W, 3] and ids [B, L]. Nothing is recorded.
Tensor mask_logits(const UniLSeg& model, const Tensor& image, const Tensor& ids);

class Predictor {
 public:
  /// The model, which must outlive this, may be in training: its weights at the time of a call count, with
  /// running statistics and without dropout. `batch`: the most texts in one pass.
  /// `on_pass` sees every pass, texts in their order.
  Predictor(const UniLSeg& model, const TransformConfig& transform, std::int64_t word_len,
            std::int64_t batch = 16, PassObserver on_pass = {});

  /// See Predict. A letterbox's cubic way back may leave [0, 1].
  std::vector<std::vector<float>> operator()(const Image& image, const std::vector<std::string>& texts) const;

 private:
  const UniLSeg* model_;
  Transform transform_;
  std::int64_t word_len_, batch_;
  PassObserver on_pass_;
};

/// [height, width]: 1 + the number of the map that is largest at the pixel, 0 where none is above the
/// threshold; the first of equal ones. `maps` are of one size, at least one.
std::vector<std::uint16_t> label_pixels(const std::vector<std::vector<float>>& maps,
                                        float threshold = float(kMaskThreshold));

}  // namespace uls
