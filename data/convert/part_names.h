// SPDX-License-Identifier: Apache-2.0
// The 93 parts that the field merges Pascal-Part's names to (VLPart): left and right and numbers collapse.
#pragma once

#include <string>

namespace uls {

/// "ear" of a dog's "lear", "license plate" of a car's "fliplate"; "" where the 93 have none. The first of
/// the object's parts that occurs in the name counts.
std::string merged_part_name(const std::string& object, const std::string& part);

}  // namespace uls
