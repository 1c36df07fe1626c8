// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace uls {

/// Another text for a set of other content: the sha256 of the manifest and of all samples, or of the index of
/// shards, which has the checksums of samples and images. Images in a folder are not read. Raises DataError
/// naming a file that is missing.
std::string set_digest(const std::string& path);

}  // namespace uls
