// SPDX-License-Identifier: Apache-2.0
// Weights that training starts from.
#pragma once

#include <string>
#include <vector>

#include "models/parameters.h"

namespace uls {

/// Each of `files` is FILE, whose names are the model's (a UniLSeg checkpoint), or FILE=PREFIX, whose names
/// follow PREFIX in the model: "clip.pt=backbone", "swin.pth=backbone_visual". Later files win. Logs how much
/// of each was used and which parts of the model were not found. Raises Error where a file has nothing for
/// the model or a tensor of another shape; bias tables of another window are resized.
void init_weights(const Parameters& parameters, const std::vector<std::string>& files);

}  // namespace uls
