// SPDX-License-Identifier: Apache-2.0
// Configs that begin from others.
//
//   base: [base/tiny.yaml, base/adamw.yaml]    # from this file's folder; a later one wins
//   optimizer: {lr: 1e-3}                      # what is here wins over both
#pragma once

#include <string>

#include "core/config/config_node.h"

namespace uls {

/// The file with its bases (key `base`, a path or a list) merged in: sections key by key, everything else as
/// a whole. Every value still knows the file and line it came from. Raises Error where a base is missing, is
/// no map, or leads back to itself.
ConfigNode read_config(const std::string& path);

}  // namespace uls
