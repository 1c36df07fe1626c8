// SPDX-License-Identifier: Apache-2.0
// What a set of the unified format holds, in numbers.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "core/json/json.h"
#include "data/format/dataset.h"

namespace uls {

/// Of the targets of one split and one task.
struct TargetStats {
  std::int64_t samples = 0, targets = 0, texts = 0, coarse = 0, fine = 0,
               empty = 0;                       // empty: without regions
  std::map<std::string, std::int64_t> kinds{};  // of sentence; "": none said
  std::map<std::int32_t, std::int64_t> categories{};
};

struct DatasetStats {
  std::int64_t samples = 0;
  std::map<std::string, std::int64_t> split_samples{};
  std::map<std::string, std::int64_t> videos{};                  // by split: clips
  std::map<std::string, std::map<Task, TargetStats>> targets{};  // by split
  std::vector<double> areas{};              // of each target that is not empty: share of the image's pixels
  std::vector<double> tokens{};             // of each text, with its start and end
  std::vector<double> heights{}, widths{};  // of the images
};

/// Reads every sample, but no image. A sample that cannot be read raises DataError.
DatasetStats count_dataset(const Dataset& dataset);

Json to_json(const DatasetStats& stats, const Manifest& manifest);
/// Tables for people.
std::string to_text(const DatasetStats& stats, const Manifest& manifest);

}  // namespace uls
