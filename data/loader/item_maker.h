// SPDX-License-Identifier: Apache-2.0
// One item of a batch: reads the sample, decodes, warps, tokenizes. No state; any thread may use it.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "data/loader/batch.h"
#include "data/loader/order.h"
#include "data/loader/parts.h"
#include "data/transforms/transform.h"

namespace uls {

class ItemMaker {
 public:
  /// random_sentence: one of the target's texts, drawn anew each visit; else the first, where the part's
  /// items name none.
  ItemMaker(const std::vector<LoaderPart>& parts, const Transform& transform, std::uint64_t seed,
            bool random_sentence)
      : parts_(parts), transform_(transform), seed_(seed), random_sentence_(random_sentence) {}

  /// Rooms of the item's size in a batch's tensors.
  struct Room {
    std::span<float> image, target, weight;
    std::span<std::int64_t> ids;
  };

  /// Raises DataError where the sample cannot be used.
  BatchItem make(const OrderItem& item, const Room& room) const;
  /// "sample 12, target 3 of PATH": what is known of an item without reading it.
  std::string name_of(const OrderItem& item) const;

 private:
  const std::vector<LoaderPart>& parts_;
  const Transform& transform_;
  std::uint64_t seed_;
  bool random_sentence_;
};

}  // namespace uls
