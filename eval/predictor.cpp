// SPDX-License-Identifier: Apache-2.0
#include "eval/predictor.h"

#include <algorithm>
#include <utility>

#include "core/autograd/grad_mode.h"
#include "core/tensor/primitives.h"
#include "data/text/clip_tokenizer.h"
#include "kernels/attention/mask_head/mask_head.h"

namespace uls {

namespace {

Tensor last_maps(const UniLSeg::Output& out) {
  const Tensor maps = mask_head(out.queries.sliced(0, -1, out.queries.size(0)), out.pixels);
  return maps.reshaped({maps.size(1), maps.size(3), maps.size(4)});
}

}  // namespace

Tensor mask_logits(const UniLSeg& model, const Tensor& image, const Tensor& ids) {
  const NoGrad no_grad;
  return last_maps(model(image, ids, Pass{}));
}

Predictor::Predictor(const UniLSeg& model, const TransformConfig& transform, std::int64_t word_len,
                     std::int64_t batch, PassObserver on_pass)
    : model_(&model),
      transform_(transform),
      word_len_(word_len),
      batch_(batch),
      on_pass_(std::move(on_pass)) {
  ULS_CHECK(batch >= 1, "predict: no batch; got {} texts in one pass; expected at least 1", batch);
}

std::vector<std::vector<float>> Predictor::operator()(const Image& image,
                                                      const std::vector<std::string>& texts) const {
  const std::int64_t side = transform_.side(), values = side * side * 3;
  std::vector<float> pixels(std::size_t(values), 0.0f);
  transform_.apply(image, pixels);
  const Fit fit = transform_.fit(image.height, image.width);
  const NoGrad no_grad;

  std::vector<std::vector<float>> maps;
  while (maps.size() < texts.size()) {
    const std::int64_t count = std::min(batch_, std::int64_t(texts.size() - maps.size()));
    const Tensor images = empty({count, side, side, 3}), ids = empty({count, word_len_}, DType::int64);
    for (std::int64_t i = 0; i < count; ++i) {
      std::ranges::copy(pixels, images.data<float>() + i * values);
      const std::string& text = texts[maps.size() + std::size_t(i)];
      std::ranges::copy(ClipTokenizer::instance().encode_row(text, word_len_),
                        ids.data<std::int64_t>() + i * word_len_);
    }
    const UniLSeg::Output out = (*model_)(images, ids, Pass{});
    if (on_pass_) on_pass_(out);
    const Tensor logits = last_maps(out);
    const std::int64_t map_side = logits.size(1), cells = map_side * map_side;
    for (std::int64_t i = 0; i < count; ++i)
      maps.push_back(probability_map({logits.data<float>() + i * cells, std::size_t(cells)}, map_side, fit));
  }
  return maps;
}

std::vector<std::uint16_t> label_pixels(const std::vector<std::vector<float>>& maps, float threshold) {
  std::vector<float> best = maps.at(0);
  std::vector<std::uint16_t> labels(best.size(), 0);
  for (std::size_t m = 0; m < maps.size(); ++m)
    for (std::size_t i = 0; i < labels.size(); ++i) {
      const float p = maps[m].at(i);
      if (p > threshold && (labels[i] == 0 || p > best[i])) {
        labels[i] = std::uint16_t(m + 1);
        best[i] = p;
      }
    }
  return labels;
}

}  // namespace uls
