// SPDX-License-Identifier: Apache-2.0
#include "core/autograd/grad_mode.h"
#include "kernels/attention/mask_head/mask_head.h"
#include "kernels/loss/mask_loss/mask_loss.h"
#include "kernels/primitives/reduce/reduce.h"
#include "models/boundary/boundary.h"
#include "models/unilseg/unilseg.h"

namespace uls {
namespace {

struct UniLSegKind {
  using Config = UniLSegConfig;
  using Model = UniLSeg;
  static constexpr const auto& table = unilseg_table;

  static NamedTensors forward(const Model& model, const Config&, const NamedTensors& in, const Pass& pass) {
    NamedTensors trace, out;
    Pass traced = pass;
    traced.trace = &trace;
    const UniLSeg::Output result = model(channels_last(in.at("image")), in.at("words"), traced);
    for (const auto& [name, x] : trace)
      out[name] = name.starts_with("swin.")     ? channels_first(x)
                  : name.starts_with("fusion.") ? swap_batch(x)
                                                : x;
    out["query_decoder"] = result.queries;
    out["pixel_decoder"] = channels_first(result.pixels);
    const auto target = in.find("target");
    if (target != in.end()) {
      // The objective of the golden cases: the sum over layers of cross-entropy and dice.
      const MaskLoss loss =
          mask_loss(result.queries, result.pixels, target->second.detached(), {.bce = 1, .dice = 1});
      out["loss"] = loss.total;
      out["losses"] = sum(loss.parts, {1});
    }
    // With a loss they are for looking at alone.
    const GradMode mode(grad_enabled() && target == in.end());
    const Tensor maps = mask_head(result.queries, result.pixels);
    out["maps"] = maps;
    const std::int64_t layers = maps.size(0);
    out["official"] =
        reshape(slice(maps, 0, layers - 1, layers), {maps.size(1), maps.size(2), maps.size(3), maps.size(4)});
    return out;
  }
  static NamedTensors examples(const Config& c, std::int64_t b, std::int64_t h, std::int64_t w) {
    return {{"image", example({b, 3, h, w})}, {"words", example({b, c.text.word_len}, DType::int64)}};
  }
};

}  // namespace

NetworkKind unilseg_kind() {
  return kind_of_network<UniLSegKind>("unilseg", "the whole model", {"image", "words"});
}

}  // namespace uls
