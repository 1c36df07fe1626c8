// SPDX-License-Identifier: Apache-2.0
// A sample of the unified image-text-mask format (data/FORMAT.md): an image, the regions that its source
// knows, and targets, each a sentence with the union of some regions as its mask.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/json/json.h"
#include "data/format/rle.h"

namespace uls {

enum class Task : std::uint8_t { referring, semantic, part, salient, open_vocabulary, video };
inline constexpr std::size_t kTasks = 6;

/// Whether a text names a whole class (coarse) or selects instances (fine).
enum class Granularity : std::uint8_t { coarse, fine };

const char* to_string(Task task);
const char* to_string(Granularity granularity);
/// Raises Error that names the nearest one.
Task parse_task(std::string_view text);
Granularity parse_granularity(std::string_view text);

/// A mask of the source, kept once however many targets use it.
struct Region {
  Rle mask{};         // exact
  std::string png{};  // or a PNG beside the samples whose nonzero pixels it is; mask is then empty
  Json source{};      // the source's ids: {"ann_id": 1, "category_id": 18}
};

struct Target {
  std::string id{};                     // unique in the set
  std::vector<std::string> texts{};     // equivalent ones; at least one
  std::vector<std::int32_t> regions{};  // into the sample's; none: nothing in the image fits (no target)
  Task task = Task::referring;
  Granularity granularity = Granularity::fine;
  std::int32_t category = -1;     // into the manifest's class list of the task; -1: none
  std::string kind{};             // of sentence: attribute, size, position, relation ...
  std::optional<double> score{};  // of an annotation engine
  Json source{};
};

struct Sample {
  std::string id{};     // unique in the set
  std::string image{};  // path from the manifest's image root, or the name in the shard
  std::int64_t height = 0, width = 0;
  std::string split{};  // train, val, test, testA ...
  std::string video{};  // of a frame: the clip's name
  std::int64_t frame = -1;
  std::vector<Region> regions{};
  std::vector<Target> targets{};
  std::optional<Rle> ignore{};  // pixels that training and evaluation leave out
  Json source{};
};

/// [height, width] of 0 and 1: the sample's ignored pixels; empty where it has none.
std::vector<std::uint8_t> ignored_pixels(const Sample& sample);
/// Sets what is ignored to 0 in a mask or map of bytes of the same size. `ignored`: of ignored_pixels().
void drop_ignored(std::span<const std::uint8_t> ignored, std::span<std::uint8_t> mask);

/// Raises Error, with `place`, for what sample_from_json refuses in a sample's content.
void check_sample(const Sample& sample, const std::string& place);

Json to_json(const Sample& sample);
/// Raises DataError naming file, line and member: unknown members, wrong kinds, regions out of range, masks
/// of another size, ids or texts that are empty, paths that leave the root.
Sample sample_from_json(const Json& json);

}  // namespace uls
