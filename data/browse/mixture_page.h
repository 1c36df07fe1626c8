// SPDX-License-Identifier: Apache-2.0
// What the network is about to see: the first visits of a mixture, through the loader itself.
#pragma once

#include <cstdint>
#include <string>

#include "data/loader/loader.h"

namespace uls {

/// A page of the first `count` items of training with this configuration: pictures as the transform leaves
/// them, targets as the cells of the loss (a cell is shown where at least half of it is foreground),
/// sentences as they are tokenized.
std::string mixture_page(const LoaderConfig& config, std::int64_t count);

}  // namespace uls
