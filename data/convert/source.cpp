// SPDX-License-Identifier: Apache-2.0
#include "data/convert/source.h"

#include <algorithm>
#include <filesystem>

#include "core/base/error.h"
#include "core/base/strings.h"
#include "data/convert/sources.h"

namespace uls {

const std::vector<SourceKind>& source_kinds() {
  static const std::vector<SourceKind> kinds{
      ade20k_full_source(),   camvid_source(),     ccp_source(),         coco_instances_source(),
      coco_panoptic_source(), coco_stuff_source(), coco128_source(),     davis_source(),
      folders_source(),       grefcoco_source(),   pascal_part_source(), refcoco_source(),
      refcoco_plus_source(),  refcocog_source(),   refexp_source(),      voc_source()};
  return kinds;
}

const SourceKind& source_kind(const std::string& name) {
  const auto& kinds = source_kinds();
  const auto found = std::ranges::find(kinds, name, &SourceKind::name);
  if (found != kinds.end()) return *found;
  std::vector<std::string> names;
  for (const SourceKind& kind : kinds) names.push_back(kind.name);
  fail("data convert: unknown source '{}'{}; `data convert list` names all", name, did_you_mean(name, names));
}

std::unique_ptr<Source> open_source(const std::string& name, const SourceOptions& options) {
  const SourceKind& kind = source_kind(name);
  std::vector<std::string> names;
  for (const auto& [extra, meaning] : kind.extras) names.push_back(extra);
  for (const auto& [extra, value] : options.extra)
    ULS_CHECK(kind.extras.contains(extra), "{}: unknown option '{}'{}; expected {}", name, extra,
              did_you_mean(extra, names), names.empty() ? "none" : join(names, ", "));
  ULS_CHECK(std::filesystem::is_directory(options.root), "{}: --root: no such folder; got '{}'", name,
            options.root);
  return kind.open(options);
}

}  // namespace uls
