// SPDX-License-Identifier: Apache-2.0
#include "data/format/sample.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "core/base/strings.h"
#include "core/io/foreign_text.h"
#include "data/format/data_error.h"
#include "data/format/inner_path.h"

namespace uls {
namespace {

constexpr std::array<const char*, kTasks> kTaskNames{"referring", "semantic",        "part",
                                                     "salient",   "open_vocabulary", "video"};
constexpr std::array<const char*, 2> kGranularityNames{"coarse", "fine"};

template <typename Word, std::size_t N>
Word parse_word(std::string_view text, const char* what, const std::array<const char*, N>& names) {
  for (std::size_t i = 0; i < N; ++i)
    if (names[i] == text) return Word(i);
  const std::vector<std::string> known(names.begin(), names.end());
  fail("unknown {} {}{}; expected {}", what, shown(text), did_you_mean(text, known), join(known, ", "));
}

bool is_blank(const std::string& text) { return text.find_first_not_of(" \t\r\n\v\f") == std::string::npos; }

void check_mask(const Rle& mask, const Sample& sample, const std::string& where) {
  ULS_CHECK(mask.height == sample.height && mask.width == sample.width,
            "{}: mask of another size than the image; got {}x{}; expected {}x{}", where, mask.height,
            mask.width, sample.height, sample.width);
}

void check_region(const Region& region, const Sample& sample, const std::string& where) {
  ULS_CHECK(region.png.empty() || region.mask.counts.empty(), "{}: both a mask and a PNG; expected one",
            where);
  if (region.png.empty())
    check_mask(region.mask, sample, where);
  else
    check_inner_path(region.png, where);
}

void check_target(const Target& target, const Sample& sample, const std::string& where) {
  ULS_CHECK(!target.id.empty(), "{}: the id is empty; expected one that no other target has", where);
  ULS_CHECK(!target.texts.empty(), "{}: no text; expected at least one", where);
  for (const std::string& text : target.texts) ULS_CHECK(!is_blank(text), "{}: an empty text", where);
  for (const std::int32_t region : target.regions)
    ULS_CHECK(region >= 0 && std::size_t(region) < sample.regions.size(),
              "{}: no region {}; expected 0 to {}", where, region, std::int64_t(sample.regions.size()) - 1);
  ULS_CHECK(std::set(target.regions.begin(), target.regions.end()).size() == target.regions.size(),
            "{}: a region appears twice", where);
  ULS_CHECK(target.category >= -1, "{}: wrong category; got {}; expected 0 or more", where, target.category);
  ULS_CHECK(!target.score || std::isfinite(*target.score), "{}: wrong score; expected a finite number",
            where);
}

}  // namespace

const char* to_string(Task task) { return kTaskNames[std::size_t(task)]; }
const char* to_string(Granularity granularity) { return kGranularityNames[std::size_t(granularity)]; }
Task parse_task(std::string_view text) { return parse_word<Task>(text, "task", kTaskNames); }
Granularity parse_granularity(std::string_view text) {
  return parse_word<Granularity>(text, "granularity", kGranularityNames);
}

std::vector<std::uint8_t> ignored_pixels(const Sample& sample) {
  return sample.ignore ? decode_mask(*sample.ignore) : std::vector<std::uint8_t>{};
}

void drop_ignored(std::span<const std::uint8_t> ignored, std::span<std::uint8_t> mask) {
  for (std::size_t i = 0; i < ignored.size(); ++i)
    if (ignored[i]) mask[i] = 0;
}

void check_sample(const Sample& sample, const std::string& place) {
  ULS_CHECK(!sample.id.empty(), "{}: the sample's id is empty; expected one that no other sample has", place);
  const std::string where = fmt::format("{}: sample {}", place, shown(sample.id));
  check_inner_path(sample.image, where + ": image");
  check_mask_size(where, sample.height, sample.width);
  ULS_CHECK(!sample.split.empty() && sample.split.find('\n') == std::string::npos,
            "{}: wrong split; got {}; expected train, val, test ...", where, shown(sample.split));
  ULS_CHECK(sample.video.empty() ? sample.frame == -1 : sample.frame >= 0,
            "{}: a frame's number goes with its video; got {} of video {}; expected both or neither", where,
            sample.frame, shown(sample.video));
  for (std::size_t i = 0; i < sample.regions.size(); ++i)
    check_region(sample.regions[i], sample, fmt::format("{}: region {}", where, i));
  for (const Target& target : sample.targets)
    check_target(target, sample, fmt::format("{}: target {}", where, shown(target.id)));
  if (sample.ignore) check_mask(*sample.ignore, sample, where + ": ignore");
}

}  // namespace uls
