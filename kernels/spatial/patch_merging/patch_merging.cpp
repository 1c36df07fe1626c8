// SPDX-License-Identifier: Apache-2.0
// Views and the engine's copy and fill: every pixel is moved once, forward and backward.
#include "kernels/spatial/patch_merging/patch_merging.h"

#include "core/autograd/autograd.h"
#include "core/tensor/primitives.h"
#include "kernels/primitives/pad/pad.h"

namespace uls {

namespace {

constexpr int kCorners = 4;

// The pixels of an image that are corner `corner` of their patch: all of them that exist.
Tensor corner_of(const Tensor& image, int corner) {
  return image.sliced(1, corner % 2, image.size(1), 2).sliced(2, corner / 2, image.size(2), 2);
}

// Where they lie among the channels of the merged image.
Tensor channels_of(const Tensor& merged, int corner) {
  const std::int64_t channels = merged.size(3) / kCorners;
  return merged.sliced(3, corner * channels, (corner + 1) * channels);
}

}  // namespace

Tensor patch_merging(const Tensor& x) {
  const OpScope scope("patch_merging");
  ULS_CHECK(x && x.rank() == 4, "patch_merging: not an image; got {}; expected [B, H, W, C]", describe(x));
  Tensor y = empty({x.size(0), (x.size(1) + 1) / 2, (x.size(2) + 1) / 2, kCorners * x.size(3)}, x.dtype(),
                   x.device());
  for (int corner = 0; corner < kCorners; ++corner) {
    Tensor place = channels_of(y, corner);
    write_padded(corner_of(x, corner), {0, 0, 0, 0}, place);
  }
  return record("patch_merging", {x}, y, [from = x.shape()](Gradients& g) {
    const Tensor dy = g.output(0);
    Tensor dx = empty(from, dy.dtype(), dy.device());
    for (int corner = 0; corner < kCorners; ++corner) {
      Tensor pixels = corner_of(dx, corner);
      copy_(pixels, channels_of(dy, corner).sliced(1, 0, pixels.size(1)).sliced(2, 0, pixels.size(2)));
    }
    g.add(0, std::move(dx));
  });
}

}  // namespace uls
