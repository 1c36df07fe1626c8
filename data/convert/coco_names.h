// SPDX-License-Identifier: Apache-2.0
// COCO's names for sets whose files leave them out.
#pragma once

#include <string>
#include <vector>

#include "data/format/manifest.h"

namespace uls {

/// The 80 things in their usual order, as YOLO's labels number them.
const std::vector<std::string>& coco_things();

/// COCO-Stuff's 171 used classes: values 0 to 181 of its maps without the 11 that no picture has.
ClassList coco_stuff_classes();
/// As one says them: "building" for "building-other", "wall brick" for "wall-brick".
std::vector<std::string> spoken_stuff_names(const ClassList& classes);

}  // namespace uls
