// SPDX-License-Identifier: Apache-2.0
#include "data/convert/coco_folders.h"

#include "core/base/error.h"
#include "core/base/strings.h"
#include "data/convert/source_files.h"

namespace uls {

std::vector<CocoSplit> coco_splits(const SourceOptions& options, const std::string& source,
                                   const std::string& pattern) {
  const std::string root = absolute_path(options.root), year = extra_option(options, "year", "2017");
  std::vector<CocoSplit> found;
  std::vector<std::string> tried;
  for (const std::string& split : chosen_splits(options, source, {"train", "val"})) {
    std::string path = joined_path(root, pattern);
    path.replace(path.find("{}"), 2, split + year);
    tried.push_back(path);
    if (!is_file(path) && !is_folder(path)) continue;
    const std::string images = find_folder(root, {split + year, "images/" + split + year});
    found.push_back({split, path, images.substr(root.size() + 1)});
  }
  ULS_CHECK(!found.empty(), "{}: wrong layout; expected {}", source, join(tried, " or "));
  return found;
}

std::map<std::string, std::string> coco_extras(std::map<std::string, std::string> own) {
  own["year"] = "2017 (default) or 2014";
  return own;
}

std::map<std::string, PublishedCount> coco_published(const SourceOptions& options) {
  if (extra_option(options, "year", "2017") != "2017") return {};
  return {{"train", {118287}}, {"val", {5000}}};
}

}  // namespace uls
