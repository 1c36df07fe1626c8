// SPDX-License-Identifier: Apache-2.0
// COCO's layout, which its three forms share: ROOT/annotations/NAME_train2017.json, ROOT/train2017.
#pragma once

#include <string>
#include <vector>

#include "data/convert/source.h"

namespace uls {

struct CocoSplit {
  std::string name{};         // train, val
  std::string annotations{};  // path of the JSON, or of the folder of maps
  std::string images{};       // folder of the pictures, from the root
};

/// The chosen splits whose `pattern` ("annotations/instances_{}.json", {} is "train2017") is there. Raises
/// Error naming what was looked for where there is none.
std::vector<CocoSplit> coco_splits(const SourceOptions& options, const std::string& source,
                                   const std::string& pattern);

/// The option that all have: "year".
std::map<std::string, std::string> coco_extras(std::map<std::string, std::string> own);

/// Number of pictures of a split of 2017.
std::map<std::string, PublishedCount> coco_published(const SourceOptions& options);

}  // namespace uls
