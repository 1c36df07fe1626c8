// SPDX-License-Identifier: Apache-2.0
// What the loader hands over.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/tensor/tensor.h"
#include "data/format/sample.h"

namespace uls {

struct BatchItem {
  std::string set{};               // path of the data set
  std::string sample{}, target{};  // ids
  std::int64_t target_index = 0;   // in the data set: Dataset::target()
  Task task = Task::referring;
  std::string text{};                  // as the ids have it
  std::int32_t sentence = 0;           // which of the target's texts
  std::string kind{};                  // of sentence
  bool empty = false;                  // nothing in the image fits the text
  bool ignores = false;                // some of its pixels are left out
  std::int64_t height = 0, width = 0;  // of the image as the source has it
};

/// b items, S the input's side, L the length of a row of ids.
struct LoadedBatch {
  Tensor image;                  // float32 [b, S, S, 3], normalised
  Tensor ids;                    // int64 [b, L]
  Tensor target;                 // float32 [b, 1, S / 4, S / 4] in [0, 1]
  Tensor weight;                 // of target's cells, likewise, 0: left out; undefined: all of them count
  std::vector<BatchItem> items;  // b
  std::int64_t number = 0;       // of the batch, from 0 over all epochs
};

}  // namespace uls
