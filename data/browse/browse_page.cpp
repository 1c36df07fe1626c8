// SPDX-License-Identifier: Apache-2.0
#include "data/browse/browse_page.h"

#include <algorithm>

#include "core/base/error.h"
#include "core/base/parallel.h"
#include "core/random/philox.h"
#include "data/browse/page_parts.h"

namespace uls {
namespace {

Json sample_json(const Dataset& set, const Sample& sample, const BrowseOptions& options) {
  Sample shown = sample;
  if (!options.task.empty())
    std::erase_if(shown.targets, [&](const Target& t) { return t.task != parse_task(options.task); });
  return browse_entry(options.viewer(set, shown), shown);
}

Json counts_json(const std::map<std::string, std::int64_t>& samples,
                 const std::map<std::string, std::int64_t>& targets) {
  Json counts = Json::array();
  for (const auto& [split, count] : samples) {
    const auto found = targets.find(split);
    counts.push_back(Json::object(
        {{"split", split}, {"samples", count}, {"targets", found == targets.end() ? 0 : found->second}}));
  }
  return counts;
}

Json classes_json(const Manifest& manifest) {
  Json lists = Json::array();
  for (const auto& [task, list] : manifest.class_lists) {
    Json names = Json::array();
    for (const std::string& name : list.names) names.push_back(name);
    lists.push_back(Json::object({{"task", to_string(task)}, {"names", std::move(names)}}));
  }
  return lists;
}

}  // namespace

BrowseView plain_view(const Dataset& set, const Sample& sample) {
  BrowseView view{set.image(sample), sample.targets, {}};
  for (const Target& target : sample.targets) view.masks.push_back(set.target_mask(sample, target));
  return view;
}

std::vector<std::int64_t> draw_samples(const Dataset& set, const BrowseOptions& options) {
  ULS_CHECK(options.count >= 1 && options.count <= 10'000,
            "browse: --count: wrong value; got {}; expected 1 to 10000", options.count);
  std::vector<std::uint8_t> wanted(std::size_t(set.size()), options.task.empty());
  if (!options.task.empty()) {
    const Task task = parse_task(options.task);
    for (std::int64_t t = 0; t < set.target_count(); ++t)
      if (const TargetRef target = set.target(t); target.task == task) wanted[std::size_t(target.sample)] = 1;
  }
  // By a number drawn for each: the same samples whatever else is drawn.
  std::vector<std::pair<std::uint32_t, std::int64_t>> draws;
  const PhiloxKey key{std::uint32_t(options.seed), std::uint32_t(options.seed >> 32)};
  for (std::int64_t i = 0; i < set.size(); ++i)
    if (wanted[std::size_t(i)])
      draws.emplace_back(philox4x32({std::uint32_t(i), std::uint32_t(i >> 32), 0, 0}, key)[0], i);
  ULS_CHECK(!draws.empty(), "browse: {} has no target of the task {}", set.path(), options.task);
  std::ranges::sort(draws);
  draws.resize(std::min(draws.size(), std::size_t(options.count)));
  std::vector<std::int64_t> samples;
  for (const auto& [number, i] : draws) samples.push_back(i);
  std::ranges::sort(samples);
  return samples;
}

std::string browse_page(const Dataset& set, const BrowseOptions& options) {
  const std::vector<std::int64_t> drawn = draw_samples(set, options);
  std::vector<Json> made(drawn.size());
  parallel_for(0, std::int64_t(drawn.size()), 1, [&](std::int64_t first, std::int64_t last) {
    for (std::int64_t i = first; i < last; ++i)
      made[std::size_t(i)] = sample_json(set, set.sample(drawn[std::size_t(i)]), options);
  });
  Json samples = Json::array();
  for (Json& sample : made) samples.push_back(std::move(sample));
  const Manifest& manifest = set.manifest();
  const Json content = Json::object({{"name", manifest.name},
                                     {"source", manifest.source},
                                     {"licence", manifest.licence},
                                     {"counts", counts_json(manifest.samples, manifest.targets)},
                                     {"classes", classes_json(manifest)},
                                     {"samples", std::move(samples)}});
  return page_html(manifest.name, content);
}

}  // namespace uls
