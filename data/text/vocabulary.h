// SPDX-License-Identifier: Apache-2.0
// The vocabulary of CLIP's byte-pair encoding, which the program carries in itself.
#pragma once

#include <string>

namespace uls {

/// The beginning of bpe_simple_vocab_16e6.txt: a line that tells the version, then a merge a line ("t h"),
/// in the order of their ranks; the last line may be cut.
std::string unpack_vocabulary();

}  // namespace uls
