// SPDX-License-Identifier: Apache-2.0
// The 20 classes of Pascal VOC, which Pascal-Part has too.
#pragma once

#include <string>
#include <vector>

#include "data/format/manifest.h"

namespace uls {

/// Values 1 to 20, background 0, ignored pixels 255.
ClassList voc_classes();
/// The names as one says them: "dining table" for "diningtable".
std::vector<std::string> spoken_voc_names(const ClassList& classes);

}  // namespace uls
