// SPDX-License-Identifier: Apache-2.0
#include "data/tools/merge.h"

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/base/log.h"
#include "data/tools/commands.h"
#include "data/tools/in_order.h"
#include "data/tools/set_copy.h"

namespace uls {
namespace {

struct MergeOptions {
  std::vector<std::string> dirs{};
  std::string out{};
};

void merge_sets(const MergeOptions& options) {
  ULS_CHECK(options.dirs.size() >= 2, "data merge: too few sets; got {}; expected at least 2",
            options.dirs.size());
  std::vector<std::unique_ptr<Dataset>> owned;
  std::vector<const Dataset*> sets;
  for (const std::string& dir : options.dirs) sets.push_back(owned.emplace_back(Dataset::open(dir)).get());
  Manifest manifest = merged_manifest(sets);
  const std::vector<std::string> prefixes = id_prefixes(sets);
  for (std::size_t i = 0; i < sets.size(); ++i)
    if (!prefixes[i].empty()) log_info("{}: its ids get {} in front", sets[i]->path(), prefixes[i]);
  const SetCopy copy(sets, options.out);
  manifest.images = copy.images();
  DatasetWriter writer(options.out, manifest);
  const std::int64_t done = writer.done();
  std::int64_t before = 0;  // samples of the sets in front
  for (std::size_t set = 0; set < sets.size(); ++set) {
    const std::int64_t size = sets[set]->size();
    in_order(
        "data merge: " + sets[set]->path(), std::clamp<std::int64_t>(done - before, 0, size), size, 64,
        [&](std::int64_t index) {
          SetCopy::Content content = copy.read(set, index);
          add_prefix(content.sample, prefixes[set]);
          return content;
        },
        [&](std::int64_t, const SetCopy::Content& content) { SetCopy::write(content, writer); });
    before += size;
  }
  writer.finish();
  print("{}: {} samples of {} sets\n", options.out, before, sets.size());
}

}  // namespace

Command data_merge_command() {
  return {"merge", "several sets as one; ids that collide get their set's name in front",
          [](Options& options) {
            const auto chosen = std::make_shared<MergeOptions>();
            options.option("out", chosen->out, "DIR", "the new set's folder; started again, it goes on",
                           Need::required);
            options.rest("DIR", chosen->dirs, "sets of the unified format; images stay where they are",
                         Need::required);
            return [chosen] { merge_sets(*chosen); };
          }};
}

}  // namespace uls
