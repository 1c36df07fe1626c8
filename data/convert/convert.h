// SPDX-License-Identifier: Apache-2.0
// A source written as a set of the unified format.
#pragma once

#include <string>

#include "data/convert/source.h"

namespace uls {

/// Converts all samples of `source` into the folder `out`, on all threads, written in order; goes on where an
/// earlier run was interrupted. The folder's bytes depend on the source alone. Raises DataError naming the
/// sample and its file where one is broken; those before it are kept.
void convert(const Source& source, const std::string& out);

}  // namespace uls
