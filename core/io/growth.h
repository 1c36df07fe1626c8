// SPDX-License-Identifier: Apache-2.0
// How much a file may unfold to: a few bytes can claim any amount.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>

#include "core/base/error.h"

namespace uls {

class Growth {
 public:
  /// `what` is counted for a file of `file_bytes`: at most 64 times as much and 64 MiB.
  Growth(std::string what, std::int64_t file_bytes)
      : what_(std::move(what)), most_(kFree + 64 * std::min(file_bytes, kFree << 20)) {}

  /// Raises Error where the sum exceeds the bound. `bytes` >= 0.
  void add(std::int64_t bytes) {
    ULS_CHECK(bytes <= most_ - sum_,
              "{} are too large for the file; got more than {} bytes; expected at most {}", what_, sum_,
              most_);
    sum_ += bytes;
  }

 private:
  static constexpr std::int64_t kFree = 64 << 20;
  std::string what_;
  std::int64_t most_, sum_ = 0;
};

}  // namespace uls
