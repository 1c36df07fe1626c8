// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>

#include "models/parameters.h"

namespace uls {

/// The norm of the gradients of each block of a UniLSeg, all its parameters together: "image" and "text" of
/// the towers, "fusion", "pixel_decoder", "query_decoder". A parameter without a gradient counts 0; a block
/// without parameters is left out. Squares are summed in float64.
std::map<std::string, double> gradient_norms(const Parameters& parameters);

}  // namespace uls
