// SPDX-License-Identifier: Apache-2.0
// Small sets of the unified format.
#pragma once

#include <cstdint>
#include <string>

#include "core/base/error.h"
#include "data/format/dataset_writer.h"
#include "data/format/image.h"

namespace uls::test {

/// A set with classes of semantic {cat: 1, dog: 3}, ignore 255, background 0.
Manifest small_manifest();
/// Image "images/<n>.png" of 4 x 6 pixels, split train (val for every third); a referring target for region
/// 0, a semantic one (cat) for both regions, and one without a target.
Sample small_sample(std::int64_t n);
Image small_image(std::int64_t n);
/// `count` of them with their images.
void write_small_set(const std::string& path, std::int64_t count);

/// The message of the DataError that fn() raises; "" where it raises none.
template <typename Fn>
std::string data_error_of(Fn&& fn) {
  try {
    fn();
  } catch (const DataError& error) {
    return error.what();
  }
  return "";
}

}  // namespace uls::test
