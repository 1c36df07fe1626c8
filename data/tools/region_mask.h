// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "data/format/dataset.h"

namespace uls {

/// The mask of the sample's region `index`, also where it is a PNG.
inline Rle region_mask(const Dataset& dataset, const Sample& sample, std::size_t index) {
  Target alone;
  alone.regions = {std::int32_t(index)};
  return dataset.target_rle(sample, alone);
}

/// The sample with every mask as runs: it needs no file beside it but its image.
inline Sample with_runs(const Dataset& dataset, Sample sample) {
  for (std::size_t i = 0; i < sample.regions.size(); ++i) {
    if (sample.regions[i].png.empty()) continue;
    sample.regions[i].mask = region_mask(dataset, sample, i);
    sample.regions[i].png.clear();
  }
  return sample;
}

}  // namespace uls
