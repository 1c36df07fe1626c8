// SPDX-License-Identifier: Apache-2.0
#include "models/clip/clip_block.h"

#include <cmath>

namespace uls {
namespace {

// CLIP.initialize_parameters of the reference: normal draws that shrink with width and depth.
InitialValues narrow(const ClipBlock::Options& o, double width_factor, bool ends_branch) {
  const double deviation = 1 / std::sqrt(width_factor * double(o.width));
  return InitialValues::normal(ends_branch ? deviation / std::sqrt(2.0 * double(o.layers)) : deviation);
}

}  // namespace

ClipBlock::ClipBlock(const ModelBuilder& b, const Options& o)
    : norm1_(b / "ln_1", o.width, o.eps),
      norm2_(b / "ln_2", o.width, o.eps),
      attention_(b / "attn", o.width,
                 {.heads = o.heads,
                  .causal = o.causal,
                  .in_weight = narrow(o, 1, false),
                  .out_weight = narrow(o, 1, true)}),
      mlp_({b / "mlp" / "c_fc", o.width, 4 * o.width, {.weight = narrow(o, 2, false)}},
           {b / "mlp" / "c_proj", 4 * o.width, o.width, {.weight = narrow(o, 1, true)}},
           Activation::quick_gelu) {}

void ClipBlock::operator()(ResidualStream& stream, const Pass& pass) const {
  const Tensor normed = stream.next(norm1_, pass);
  stream.branch = attention_(normed, normed, normed, pass);
  stream.branch = mlp_(stream.next(norm2_, pass), pass);
}

}  // namespace uls
