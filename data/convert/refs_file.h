// SPDX-License-Identifier: Apache-2.0
// The files of the REFER family: refs(unc).p, a pickle of Python 2, or the same as JSON (gRefCOCO). Pickled
// code is never run; a file that names any is refused.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace uls {

struct Ref {
  std::int64_t id = 0, image_id = 0;
  std::vector<std::int64_t> annotations{};  // ids; none: nothing in the image fits
  std::string split{};
  std::vector<std::int64_t> sentence_ids{};
  std::vector<std::string> sentences{};  // at least one
};

/// All refs of a .p or .json file, in its order; sentences without a word are left out. Raises DataError
/// naming file and ref where the file is broken, or a ref lacks a key, is given twice or has no sentence.
std::vector<Ref> read_refs(const std::string& path);

}  // namespace uls
