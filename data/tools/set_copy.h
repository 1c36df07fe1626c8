// SPDX-License-Identifier: Apache-2.0
// Samples of sets copied into a set of the folder form. Images stay where they are, unless they lie in
// shards: then they become files of the new set.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "data/format/dataset.h"
#include "data/format/dataset_writer.h"

namespace uls {

class SetCopy {
 public:
  /// Where the images of `sets` are found from the new set's folder `out`.
  SetCopy(const std::vector<const Dataset*>& sets, const std::string& out);

  /// What the new manifest has as its root of the images.
  const std::string& images() const { return images_; }

  struct Content {
    Sample sample{};
    std::string file{}, image{};  // to be written beside it: name and bytes; "" where it stays
  };
  /// Sample `index` of sets[set] as the new set has it. Any thread may call it.
  Content read(std::size_t set, std::int64_t index) const;
  static void write(const Content& content, DatasetWriter& writer);

 private:
  struct Place {
    const Dataset* set;
    std::string prefix;       // of image paths, with a slash behind; or ""
    std::string file_prefix;  // likewise of the new set's files, for a set in shards; or ""
  };
  std::string images_;
  std::vector<Place> places_;
};

}  // namespace uls
