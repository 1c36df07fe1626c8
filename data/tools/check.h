// SPDX-License-Identifier: Apache-2.0
// What is wrong with a set of the unified format: every sample is read, every image decoded, every mask
// counted.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "data/format/dataset.h"

namespace uls {

/// One thing that is wrong. `kind` is one of:
///   sample           cannot be read
///   image            is missing or does not decode
///   image_size       differs from the sample's
///   mask             is missing, broken or of another size
///   empty_mask       regions without a pixel, in a target that is not marked as having none
///   long_text        more tokens than the length
///   category         not in the class list of its task, or there is no list
///   label            of the label map, that no class has
///   duplicate_id     of a sample or a target
///   duplicate_image  the same file in two splits
///   count            of a split's samples or targets differs from the manifest's
///   index            does not say what the samples say: it is of other samples
///   shard            its bytes are not those that were written
struct Finding {
  std::string kind{}, place{}, text{};
};

struct CheckResult {
  std::int64_t samples = 0, targets = 0, findings = 0;
};

/// Calls found() for each finding: of the samples in their order, then of the set as a whole. `length` is
/// that of a text in tokens, its start and end included.
CheckResult check_dataset(const Dataset& dataset, std::int64_t length,
                          const std::function<void(const Finding&)>& found);

}  // namespace uls
