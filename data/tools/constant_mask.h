// SPDX-License-Identifier: Apache-2.0
// What one mask for all pictures scores: the figure that a model which looks at the picture has to beat.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "data/format/dataset.h"

namespace uls {

/// A group of sentences and its best constant mask: where the group's masks of one split, averaged over its
/// pictures, are above a threshold. The threshold is the one that scores best on the very pictures that are
/// scored, so no honest constant answer is better.
struct ConstantRow {
  Task task{};
  /// "all": one mask for the task. "class NAME": of a category, or of a text that names a class. "by class":
  /// all sentences again, each answered by the mask of its class. "kind NAME": of sentence.
  std::string group{};
  std::int64_t sentences = 0;                 // that are scored
  std::int64_t averaged = 0;                  // masks that the map is the mean of; 0: nothing is painted
  double threshold = 0;                       // NaN for "by class"
  std::int64_t intersection = 0, united = 0;  // pixels, summed over sentences, without ignored ones

  double overall_iou() const { return united ? double(intersection) / double(united) : 1; }
};

/// By task, of the sentences of split `scored`, with the masks of split `averaged`. Raises Error for a split
/// that the set lacks, and where both are one.
std::vector<ConstantRow> constant_rows(const Dataset& set, const std::string& averaged,
                                       const std::string& scored);

}  // namespace uls
