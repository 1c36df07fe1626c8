// SPDX-License-Identifier: Apache-2.0
#include "core/random/random_state.h"
#include "data/browse/browse_page.h"
#include "data/transforms/transform.h"

namespace uls {

BrowseView augmented_view(const Dataset& set, const Sample& sample, std::uint64_t seed) {
  if (sample.targets.empty()) return plain_view(set, sample);
  SampleRandom random(seed, 0, 0, fnv1a(sample.id));
  Target target = sample.targets[std::size_t(random.below(std::int64_t(sample.targets.size())))];
  const Image image = set.image(sample);
  const std::vector<std::uint8_t> mask = set.target_mask(sample, target);
  const TransformConfig ranges;
  const Augmentation change =
      draw_augmentation({.crop = ranges.crop,
                         .flip = ranges.flip,
                         .brightness = ranges.brightness,
                         .contrast = ranges.contrast,
                         .colour = ranges.colour},
                        mask, image.height, image.width, target.granularity, target.texts.front(), random);
  target.texts = {augmented_text(target.texts.front(), change)};
  return {augmented(image, change), {target}, {augmented_mask(mask, image.width, change)}};
}

}  // namespace uls
