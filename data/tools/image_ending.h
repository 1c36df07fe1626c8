// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <string>

#include "data/format/sample.h"

namespace uls {

/// "jpg" of "a/b.JPEG": what follows the last dot of the image's name, in small letters.
inline std::string image_ending(const Sample& sample) {
  std::string ending = std::filesystem::path(sample.image).extension().string();
  ending.erase(0, 1);
  std::ranges::transform(ending, ending.begin(), [](unsigned char c) { return char(std::tolower(c)); });
  return ending == "jpeg" ? "jpg" : ending;
}

}  // namespace uls
