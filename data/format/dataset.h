// SPDX-License-Identifier: Apache-2.0
// Reading a set of the unified format, folder or shards, at random. Any thread may use it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "data/format/image.h"
#include "data/format/manifest.h"

namespace uls {

/// One line of the index: which target of which sample, without reading either.
struct TargetRef {
  std::int64_t sample = 0;
  std::int32_t target = 0;
  Task task = Task::referring;
  std::int32_t split = 0;  // into splits()
};

class Dataset {
 public:
  /// A folder with manifest.json. Raises DataError naming what is missing, cut short or of another version.
  static std::unique_ptr<Dataset> open(const std::string& path);
  virtual ~Dataset() = default;

  virtual const Manifest& manifest() const = 0;
  virtual const std::string& path() const = 0;
  virtual const std::vector<std::string>& splits() const = 0;

  virtual std::int64_t size() const = 0;          ///< samples
  virtual std::int64_t target_count() const = 0;  ///< of all samples
  /// In the order of samples and their targets. From the index, which is mapped: at most 100 bytes a target.
  virtual TargetRef target(std::int64_t index) const = 0;

  virtual Sample sample(std::int64_t index) const = 0;
  /// File and line of it, or shard and name, for messages.
  virtual std::string place(std::int64_t index) const = 0;
  /// The encoded file, as the source wrote it.
  virtual std::string image_bytes(const Sample& sample) const = 0;

  Image image(const Sample& sample) const;
  /// [height, width] of 0 and 1: the union of the target's regions.
  std::vector<std::uint8_t> target_mask(const Sample& sample, const Target& target) const;
  Rle target_rle(const Sample& sample, const Target& target) const;
  /// The source's label map of a task that has a class list, as the source wrote it. Pixels without a class
  /// have the background's value, or the ignored one where the list has no background.
  LabelMap label_map(const Sample& sample, Task task) const;

 protected:
  /// A region's mask, also where it is a PNG.
  virtual Rle region_mask(const Sample& sample, const Region& region) const = 0;
  /// The nonzero pixels of a PNG's bytes. Raises DataError, with `where`, for another size than the sample's.
  static Rle mask_from_png(std::string_view bytes, const std::string& where, const Sample& sample);
};

}  // namespace uls
