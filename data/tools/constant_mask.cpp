// SPDX-License-Identifier: Apache-2.0
#include "data/tools/constant_mask.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <map>
#include <utility>

#include "core/base/error.h"
#include "core/base/parallel.h"
#include "core/base/strings.h"
#include "data/transforms/fit.h"
#include "data/transforms/grid_target.h"

namespace uls {
namespace {

constexpr std::int64_t kCells = 96;  // of a side of a mean map
constexpr std::size_t kLevels = 256;

using Key = std::pair<Task, std::string>;  // of a group

// Groups whose masks a target belongs to.
std::vector<Key> groups_of(const Target& target, const Manifest& manifest) {
  std::vector<Key> keys{{target.task, "all"}};
  if (const std::string name = class_name(target, manifest); !name.empty())
    keys.push_back({target.task, "class " + name});
  else if (target.granularity == Granularity::coarse)
    keys.push_back({target.task, "class " + target.texts[0]});
  if (!target.kind.empty()) keys.push_back({target.task, "kind " + target.kind});
  return keys;
}

bool is_class(const Key& key) { return key.second.starts_with("class "); }

std::vector<std::uint8_t> counted_mask(const Dataset& set, const Sample& sample, const Target& target,
                                       const std::vector<std::uint8_t>& ignored) {
  std::vector<std::uint8_t> mask = set.target_mask(sample, target);
  drop_ignored(ignored, mask);
  return mask;
}

// Foreground and what counts of each cell, summed over masks.
struct MeanMap {
  std::int64_t masks = 0;
  std::vector<double> foreground = std::vector<double>(kCells * kCells),
                      counted = std::vector<double>(kCells * kCells);

  void add(const MeanMap& more) {
    masks += more.masks;
    for (std::size_t i = 0; i < foreground.size(); ++i) {
      foreground[i] += more.foreground[i];
      counted[i] += more.counted[i];
    }
  }
  std::vector<float> mean() const {
    std::vector<float> map(foreground.size());
    for (std::size_t i = 0; i < map.size(); ++i)
      map[i] = counted[i] > 0 ? float(foreground[i] / counted[i]) : 0.0f;
    return map;
  }
};

using MeanMaps = std::map<Key, MeanMap>;

// Calls fn(i) for the pixels of [0, length) in a cell: an even share of them, at least one.
template <typename Fn>
void for_pixels_of(std::int64_t cell, std::int64_t length, Fn fn) {
  const std::int64_t first = cell * length / kCells, last = (cell + 1) * length / kCells;
  for (std::int64_t i = first; i < std::max(last, first + 1); ++i) fn(i);
}

MeanMap map_of(const Sample& sample, const std::vector<std::uint8_t>& mask,
               const std::vector<std::uint8_t>& ignored) {
  MeanMap map{.masks = 1};
  for (std::int64_t y = 0; y < kCells; ++y)
    for (std::int64_t x = 0; x < kCells; ++x) {
      std::int64_t pixels = 0, counted = 0, foreground = 0;
      for_pixels_of(y, sample.height, [&](std::int64_t row) {
        for_pixels_of(x, sample.width, [&](std::int64_t column) {
          const auto i = std::size_t(row * sample.width + column);
          ++pixels;
          counted += ignored.empty() || !ignored[i];
          foreground += mask[i];
        });
      });
      const auto cell = std::size_t(y * kCells + x);
      map.counted[cell] = double(counted) / double(pixels);
      map.foreground[cell] = double(foreground) / double(pixels);
    }
  return map;
}

void add_masks(const Dataset& set, const Sample& sample, MeanMaps& maps) {
  const std::vector<std::uint8_t> ignored = ignored_pixels(sample);
  for (const Target& target : sample.targets) {
    const MeanMap one = map_of(sample, counted_mask(set, sample, target, ignored), ignored);
    for (const Key& key : groups_of(target, set.manifest())) maps[key].add(one);
  }
}

// Pixels by the level of the mean map there: all, and those of the sentences' masks.
struct Levels {
  std::int64_t sentences = 0;
  std::array<std::int64_t, kLevels> all{}, truth{};

  void add(const Levels& more) {
    sentences += more.sentences;
    for (std::size_t l = 0; l < kLevels; ++l) {
      all[l] += more.all[l];
      truth[l] += more.truth[l];
    }
  }
};

using LevelsOfGroups = std::map<Key, Levels>;

// Of one sample; `means` are the maps that there are.
void add_levels(const Dataset& set, const Sample& sample, const std::map<Key, std::vector<float>>& means,
                LevelsOfGroups& levels) {
  const std::vector<std::uint8_t> ignored = ignored_pixels(sample);
  const Fit fit{FitKind::squash, sample.height, sample.width, kCells};
  for (const Target& target : sample.targets) {
    const std::vector<std::uint8_t> truth = counted_mask(set, sample, target, ignored);
    for (const Key& key : groups_of(target, set.manifest())) {
      const auto mean = means.find(key);
      const std::vector<float> map =
          mean == means.end() ? std::vector<float>(truth.size()) : unfit_map(mean->second, fit);
      Levels& of = levels[key];
      ++of.sentences;
      for (std::size_t i = 0; i < truth.size(); ++i) {
        if (!ignored.empty() && ignored[i]) continue;
        const auto level = std::size_t(std::lround(std::clamp(map[i], 0.0f, 1.0f) * float(kLevels - 1)));
        ++of.all[level];
        of.truth[level] += truth[i];
      }
    }
  }
}

// The row of the best threshold. Level 0 is never painted: nothing was seen there.
ConstantRow best_row(const Key& key, const Levels& levels, std::int64_t averaged) {
  std::int64_t truth = 0;
  for (const std::int64_t count : levels.truth) truth += count;
  ConstantRow row{.task = key.first,
                  .group = key.second,
                  .sentences = levels.sentences,
                  .averaged = averaged,
                  .threshold = 1,
                  .united = truth};
  std::int64_t intersection = 0, painted = 0;
  for (std::size_t level = kLevels - 1; level > 0; --level) {
    intersection += levels.truth[level];
    painted += levels.all[level];
    const std::int64_t united = truth + painted - intersection;
    if (painted == 0 ||
        double(intersection) * double(row.united) <= double(row.intersection) * double(united))
      continue;
    row.threshold = (double(level) - 0.5) / double(kLevels - 1);
    row.intersection = intersection;
    row.united = united;
  }
  return row;
}

// Calls add(sample, result) for the samples of a split, from all threads, and adds the results up in order.
template <typename Result, typename Add>
Result over_split(const Dataset& set, const std::string& split, Add add) {
  return parallel_reduce(
      0, set.size(), 4, Result{},
      [&](std::int64_t first, std::int64_t last) {
        Result result;
        for (std::int64_t i = first; i < last; ++i)
          if (const Sample sample = set.sample(i); sample.split == split) add(sample, result);
        return result;
      },
      [](Result into, const Result& more) {
        for (const auto& [key, value] : more) into[key].add(value);
        return into;
      });
}

}  // namespace

std::vector<ConstantRow> constant_rows(const Dataset& set, const std::string& averaged,
                                       const std::string& scored) {
  for (const std::string& split : {averaged, scored})
    ULS_CHECK(std::ranges::find(set.splits(), split) != set.splits().end(),
              "baselines: {} has no split '{}'{}; expected one of {}", set.path(), split,
              did_you_mean(split, set.splits()), join(set.splits(), ", "));
  ULS_CHECK(averaged != scored, "baselines: one split for both; got '{}'; expected masks of another split",
            scored);
  const auto maps = over_split<MeanMaps>(
      set, averaged, [&](const Sample& sample, MeanMaps& to) { add_masks(set, sample, to); });
  std::map<Key, std::vector<float>> means;
  for (const auto& [key, map] : maps) means[key] = map.mean();
  const auto levels = over_split<LevelsOfGroups>(
      set, scored, [&](const Sample& sample, LevelsOfGroups& to) { add_levels(set, sample, means, to); });

  std::vector<ConstantRow> rows;
  std::map<Task, ConstantRow> by_class;
  for (const auto& [key, of] : levels) {
    const auto map = maps.find(key);
    const ConstantRow row = best_row(key, of, map == maps.end() ? 0 : map->second.masks);
    if (is_class(key)) {
      ConstantRow& sum = by_class[key.first];
      sum.task = key.first;
      sum.group = "by class";
      sum.threshold = std::numeric_limits<double>::quiet_NaN();
      sum.sentences += row.sentences;
      sum.averaged += row.averaged;
      sum.intersection += row.intersection;
      sum.united += row.united;
    }
    rows.push_back(row);
  }
  for (const auto& entry : by_class) rows.push_back(entry.second);
  std::ranges::stable_sort(rows, [](const ConstantRow& a, const ConstantRow& b) {
    return std::pair(a.task, a.group) < std::pair(b.task, b.group);
  });
  return rows;
}

}  // namespace uls
