// SPDX-License-Identifier: Apache-2.0
// What pycocotools makes of masks, as scripts/peers/coco_masks.py writes it.
#pragma once

#include "core/json/json.h"

namespace uls::test {

/// Requires that rle.h makes the same of every row, to the last bit; gives the number of masks and polygons.
std::int64_t check_rle_table(const Json& table);

}  // namespace uls::test
