// SPDX-License-Identifier: Apache-2.0
#include "data/tools/set_copy.h"

#include <algorithm>
#include <filesystem>

#include "data/format/shard_dataset.h"
#include "data/tools/region_mask.h"

namespace uls {
namespace {

namespace fs = std::filesystem;

fs::path full_path(const fs::path& path) {
  const fs::path normal = fs::absolute(path).lexically_normal();
  return normal.has_filename() ? normal : normal.parent_path();  // without a slash at the end
}

fs::path common_folder(const fs::path& a, const fs::path& b) {
  fs::path common;
  const auto [end, other] = std::ranges::mismatch(a, b);
  for (auto part = a.begin(); part != end; ++part) common /= *part;
  return common;
}

// "" or "a/b/".
std::string prefix_of(const fs::path& folder, const fs::path& root) {
  const fs::path relative = folder.lexically_relative(root);
  return relative == "." ? "" : relative.string() + "/";
}

}  // namespace

SetCopy::SetCopy(const std::vector<const Dataset*>& sets, const std::string& out) {
  const fs::path to = full_path(out);
  std::vector<fs::path> folders;
  for (const Dataset* set : sets)
    folders.push_back(is_sharded(set->path()) ? to
                                              : full_path(fs::path(set->path()) / set->manifest().images));
  fs::path root = folders.at(0);
  for (const fs::path& folder : folders) root = common_folder(root, folder);
  const bool within = common_folder(root, to) == to;  // the new set can then be moved with its images
  images_ = within ? prefix_of(root, to) : root.string();
  for (std::size_t i = 0; i < sets.size(); ++i) {
    const bool sharded = is_sharded(sets[i]->path());
    const std::string own = sharded ? "images/" + (sets.size() > 1 ? std::to_string(i) + "/" : "") : "";
    places_.push_back({sets[i], prefix_of(folders[i], root) + own, own});
  }
}

SetCopy::Content SetCopy::read(std::size_t set, std::int64_t index) const {
  const Place& place = places_.at(set);
  Content content{with_runs(*place.set, place.set->sample(index))};
  if (!place.file_prefix.empty()) {
    content.file = place.file_prefix + content.sample.image;
    content.image = place.set->image_bytes(content.sample);
  }
  content.sample.image = place.prefix + content.sample.image;
  return content;
}

void SetCopy::write(const Content& content, DatasetWriter& writer) {
  if (!content.file.empty()) writer.add_file(content.file, content.image);
  writer.add(content.sample);
}

}  // namespace uls
