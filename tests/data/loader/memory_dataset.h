// SPDX-License-Identifier: Apache-2.0
// A set of the unified format in memory, some of whose images may be broken.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "data/format/dataset.h"

namespace uls::test {

class MemoryDataset : public Dataset {
 public:
  MemoryDataset(std::string path, std::vector<Sample> samples) : path_(std::move(path)) {
    for (Sample& sample : samples) add(std::move(sample));
  }

  const Manifest& manifest() const override { return manifest_; }
  const std::string& path() const override { return path_; }
  const std::vector<std::string>& splits() const override { return splits_; }
  std::int64_t size() const override { return std::int64_t(samples_.size()); }
  std::int64_t target_count() const override { return std::int64_t(refs_.size()); }
  TargetRef target(std::int64_t index) const override { return refs_.at(std::size_t(index)); }
  Sample sample(std::int64_t index) const override { return samples_.at(std::size_t(index)); }
  std::string place(std::int64_t index) const override { return path_ + ":" + std::to_string(index); }

  /// A picture whose colour tells the sample's number.
  std::string image_bytes(const Sample& sample) const override {
    if (broken.contains(sample.id)) throw DataError(sample.image + ": broken by the test");
    Image image{sample.height, sample.width, 3, {}};
    const auto colour = std::uint8_t(std::stoll(sample.id.substr(1)));
    image.pixels.assign(std::size_t(sample.height * sample.width * 3), colour);
    return encode_png(image);
  }

  std::set<std::string> broken{};  // ids

 protected:
  Rle region_mask(const Sample&, const Region& region) const override { return region.mask; }

 private:
  void add(Sample sample) {
    const auto found = std::ranges::find(splits_, sample.split);
    const auto split = std::int32_t(found - splits_.begin());
    if (found == splits_.end()) splits_.push_back(sample.split);
    for (std::size_t t = 0; t < sample.targets.size(); ++t)
      refs_.push_back({std::int64_t(samples_.size()), std::int32_t(t), sample.targets[t].task, split});
    samples_.push_back(std::move(sample));
  }

  std::string path_;
  Manifest manifest_{};
  std::vector<std::string> splits_;
  std::vector<Sample> samples_;
  std::vector<TargetRef> refs_;
};

/// `count` samples "s0", "s1" ... of 8 x 12 pixels, with `targets` targets each, in turn of the tasks
/// referring and semantic; two texts a target; the last tenth belongs to "val".
inline std::vector<Sample> numbered_samples(std::int64_t count, std::int64_t targets = 1) {
  std::vector<Sample> samples;
  for (std::int64_t n = 0; n < count; ++n) {
    Sample sample{.id = "s" + std::to_string(n),
                  .image = "i" + std::to_string(n),
                  .height = 8,
                  .width = 12,
                  .split = n >= count - count / 10 ? "val" : "train"};
    sample.regions.push_back({.mask = box_mask({double(n % 6), 1, 5, 4}, 8, 12)});
    for (std::int64_t t = 0; t < targets; ++t)
      sample.targets.push_back({.id = sample.id + "/" + std::to_string(t),
                                .texts = {"thing " + std::to_string(n), "object " + std::to_string(n)},
                                .regions = {0},
                                .task = (n + t) % 2 ? Task::semantic : Task::referring});
    samples.push_back(std::move(sample));
  }
  return samples;
}

}  // namespace uls::test
