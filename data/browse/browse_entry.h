// SPDX-License-Identifier: Apache-2.0
// One picture of a page with its targets.
#pragma once

#include <cstdint>
#include <vector>

#include "data/format/image.h"
#include "data/format/sample.h"

namespace uls {

/// What a page shows of a sample.
struct BrowseView {
  Image image{};
  std::vector<Target> targets{};
  std::vector<std::vector<std::uint8_t>> masks{};  // of each target: [height, width] of the image, 0 and 1
};

/// The view as the page's script takes it: the picture as a thumbnail, masks as runs. `sample` gives ids,
/// split and the source's size.
Json browse_entry(const BrowseView& view, const Sample& sample);

}  // namespace uls
