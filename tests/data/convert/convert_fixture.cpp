// SPDX-License-Identifier: Apache-2.0
#include "tests/data/convert/convert_fixture.h"

#include <algorithm>

#include "core/base/strings.h"
#include "core/config/settings.h"
#include "core/io/crc32.h"
#include "data/convert/convert.h"
#include "tests/support/process.h"
#include "tests/support/support.h"

namespace uls::test {
namespace {

std::string fact(const std::string& what, std::int64_t height, std::int64_t width, std::int64_t sum,
                 std::string_view bytes) {
  return fmt::format("{}\t{}x{}\t{}\t{:08x}", what, height, width, sum,
                     crc32(0, bytes.data(), std::int64_t(bytes.size())));
}

std::string mask_fact(const std::string& what, const Rle& mask) {
  const std::vector<std::uint8_t> pixels = decode_mask(mask);
  return fact(what, mask.height, mask.width, area(mask),
              {reinterpret_cast<const char*>(pixels.data()), pixels.size()});
}

std::string label_fact(const std::string& what, const LabelMap& map) {
  std::string bytes;
  std::int64_t sum = 0;
  for (const std::uint16_t label : map.labels) {
    bytes += {char(label & 0xFF), char(label >> 8)};
    sum += label;
  }
  return fact(what, map.height, map.width, sum, bytes);
}

void add_facts(const Dataset& dataset, const Sample& sample, std::vector<std::string>& lines) {
  const Image image = dataset.image(sample);
  lines.push_back(fmt::format("{}\timage {} {} {} {}\t{}x{}", sample.id, sample.image, sample.split,
                              sample.video, sample.frame, image.height, image.width));
  for (const Region& region : sample.regions)
    lines.push_back(mask_fact(fmt::format("{}\tregion {}", sample.id, region.source.dump()), region.mask));
  for (const Target& target : sample.targets)
    lines.push_back(
        mask_fact(fmt::format("{}\ttarget {} {} {} {} {}", sample.id, target.id, to_string(target.task),
                              to_string(target.granularity), target.category, join(target.texts, "|")),
                  dataset.target_rle(sample, target)));
  if (sample.ignore) lines.push_back(mask_fact(sample.id + "\tignore", *sample.ignore));
  for (const auto& [task, classes] : dataset.manifest().class_lists)
    lines.push_back(
        label_fact(fmt::format("{}\tlabel {}", sample.id, to_string(task)), dataset.label_map(sample, task)));
}

SourceOptions options_of(const std::string& root, const Extras& extras, const std::string& split) {
  return {.root = root, .split = split, .extra = extras, .templates = read_text_templates("")};
}

std::vector<std::string> peer_facts(const std::string& source, const std::string& root,
                                    const Extras& extras) {
  std::vector<std::string> words{settings().peer, ULS_SOURCE_DIR "/scripts/peers/check_convert.py", source,
                                 root};
  for (const auto& [key, value] : extras) words.push_back(key + "=" + value);
  const ProcessResult result = run_process(words);
  INFO(result.err);
  REQUIRE(result.code == 0);
  std::vector<std::string> lines;
  std::istringstream text(result.out);
  for (std::string line; std::getline(text, line);) lines.push_back(line);
  std::ranges::sort(lines);
  return lines;
}

void require_equal(const std::vector<std::string>& ours, const std::vector<std::string>& theirs) {
  std::vector<std::string> more, less;
  std::ranges::set_difference(ours, theirs, std::back_inserter(more));
  std::ranges::set_difference(theirs, ours, std::back_inserter(less));
  const auto shown = [](std::vector<std::string> lines) {
    lines.resize(std::min<std::size_t>(lines.size(), 5));
    return join(lines, "\n");
  };
  INFO("ours alone (" << more.size() << "):\n" << shown(more));
  INFO("theirs alone (" << less.size() << "):\n" << shown(less));
  REQUIRE(more.empty());
  REQUIRE(less.empty());
  REQUIRE(!ours.empty());
}

}  // namespace

std::string shared_data(const std::string& name) {
  const std::string path = settings().shared + "/data/" + name;
  return fs::is_directory(path) ? path : "";
}

std::unique_ptr<Dataset> converted(const std::string& source, const std::string& root, const std::string& out,
                                   const Extras& extras, const std::string& split) {
  convert(*open_source(source, options_of(root, extras, split)), out);
  return Dataset::open(out);
}

std::vector<std::string> facts(const Dataset& dataset) {
  std::vector<std::string> lines;
  for (std::int64_t i = 0; i < dataset.size(); ++i) add_facts(dataset, dataset.sample(i), lines);
  std::ranges::sort(lines);
  return lines;
}

void require_peer_facts(const std::vector<std::string>& ours, const std::string& source,
                        const std::string& root, const Extras& extras) {
  if (has_peer("numpy, PIL, scipy, pycocotools"))
    require_equal(ours, peer_facts(source, root, extras));
  else
    skip_or_fail("peer", "no Python with numpy, PIL, scipy and pycocotools in ULS_PEER");
}

std::int64_t count_facts(const std::vector<std::string>& lines, const std::string& text) {
  return std::ranges::count_if(lines, [&](const std::string& line) { return line.find(text) != line.npos; });
}

void put_file(const std::string& path, std::string_view content) {
  fs::create_directories(fs::path(path).parent_path());
  put(path, content);
}

void put_picture(const std::string& path, std::int64_t height, std::int64_t width) {
  Image image{.height = height, .width = width, .channels = 3, .pixels = {}};
  for (std::int64_t i = 0; i < height * width * 3; ++i) image.pixels.push_back(std::uint8_t(i * 7));
  put_file(path, path.ends_with(".png") ? encode_png(image) : encode_jpeg(image, 90));
}

void put_labels(const std::string& path, const std::vector<std::string>& rows,
                const std::map<char, int>& letters) {
  Image image{.height = std::int64_t(rows.size()),
              .width = std::int64_t(rows[0].size()),
              .channels = 1,
              .pixels = {}};
  for (const std::string& row : rows)
    for (const char c : row)
      image.pixels.push_back(std::uint8_t(c >= '0' && c <= '9' ? c - '0' : letters.at(c)));
  put_file(path, encode_png(image));
}

std::string conversion_error(const std::string& source, const std::string& root, const Extras& extras,
                             const std::string& split) {
  const Folder out;
  return error_of([&] { convert(*open_source(source, options_of(root, extras, split)), out / "set"); });
}

}  // namespace uls::test
