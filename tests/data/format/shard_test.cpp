// SPDX-License-Identifier: Apache-2.0
// Sets in shards: written, interrupted, read, damaged.
#include <catch2/catch.hpp>

#include <algorithm>
#include <filesystem>
#include <random>

#include "core/base/error.h"
#include "core/io/crc32.h"
#include "data/format/shard_dataset.h"
#include "data/format/shard_writer.h"
#include "data/format/tar.h"
#include "tests/core/io_fixture.h"
#include "tests/data/format/format_fixture.h"
#include "tests/data/format/shard_fixture.h"
#include "tests/support/process.h"
#include "tests/support/support.h"

using namespace uls;
using namespace uls::test;

namespace fs = std::filesystem;

namespace {

constexpr std::int64_t kBytes = 8000;  // of a shard: two small samples

// A small set in the folder form, and its shards.
struct Sets {
  explicit Sets(std::int64_t count = 7) {
    write_small_set(folder / "set", count);
    pack(folder / "set", shards(), kBytes);
  }
  std::string shards() const { return folder / "shards"; }
  std::string file(const std::string& name) const { return folder / ("shards/" + name); }
  // Changes a file in place.
  void edit(const std::string& name, const std::function<void(std::string&)>& change) const {
    std::string text = get(file(name));
    change(text);
    put(file(name), text);
  }
  std::string open_error() const {
    return error_of([&] { Dataset::open(shards()); });
  }

  Folder folder;
};

// The first error of reading everything; "" where there is none.
std::string first_fault(const std::string& path) {
  return error_of([&] {
    const auto set = Dataset::open(path);
    for (std::int64_t i = 0; i < set->size(); ++i) set->image_bytes(set->sample(i));
    const auto faults = shard_faults(*set);
    if (!faults.empty()) throw DataError(faults[0].place + ": " + faults[0].text);
  });
}

}  // namespace

TEST_CASE("shards: what was packed is read") {
  const Sets sets;
  const auto folder = Dataset::open(sets.folder / "set"), shards = Dataset::open(sets.shards());
  require_same_sets(*folder, *shards);
  CHECK(shard_faults(*shards).empty());
  CHECK(shard_faults(*folder).empty());
  CHECK(shards->manifest().images == "");
  CHECK(shards->sample(3).image == "000000003.png");
  CHECK(shards->place(6) == sets.shards() + "/shard-000003.tar:000000006.json");
  const auto names = content_of(sets.shards());
  CHECK(names.size() == 7);
  CHECK(names.contains("shard-000003.tar"));
  for (const auto& [name, content] : names)
    CHECK((!name.ends_with(".tar") || std::int64_t(content.size()) <= kBytes));
  CHECK(error_of([&] { shards->sample(7); }).ends_with("index.bin: no sample 7; expected 0 to 6"));
}

TEST_CASE("shards: masks that were PNGs are runs, pixel for pixel") {
  const Folder folder;
  Sample sample = small_sample(0);
  Image mask{4, 6, 1, std::vector<std::uint8_t>(24)};
  for (const std::size_t pixel : {1, 8, 9, 23}) mask.pixels[pixel] = std::uint8_t(pixel);
  sample.regions[0] = {.png = "masks/0.png", .source = Json::object({{"ann_id", 5}})};
  {
    DatasetWriter writer(folder / "set", small_manifest());
    writer.add_file(sample.image, encode_png(small_image(0)));
    writer.add_file("masks/0.png", encode_png(mask));
    writer.add(sample);
    writer.finish();
  }
  pack(folder / "set", folder / "shards", kBytes);
  const auto shards = Dataset::open(folder / "shards");
  require_same_sets(*Dataset::open(folder / "set"), *shards);
  CHECK(area(shards->sample(0).regions[0].mask) == 4);
  CHECK(shards->sample(0).regions[0].source == Json::object({{"ann_id", 5}}));
}

TEST_CASE("shards: a sample larger than a shard has one of its own") {
  const Folder folder;
  write_small_set(folder / "set", 3);
  pack(folder / "set", folder / "shards", 1);
  CHECK(content_of(folder / "shards").size() == 6);
  require_same_sets(*Dataset::open(folder / "set"), *Dataset::open(folder / "shards"));
  pack(folder / "shards", folder / "again", 1 << 20);  // other sizes of what is in shards
  CHECK(content_of(folder / "again").size() == 4);
  require_same_sets(*Dataset::open(folder / "set"), *Dataset::open(folder / "again"));
}

TEST_CASE("shards: interrupted anywhere, the result has the same bytes") {
  const Sets sets;
  const auto whole = content_of(sets.shards());
  const auto set = Dataset::open(sets.folder / "set");
  for (std::int64_t stop = 0; stop <= 7; ++stop) {
    INFO(stop);
    const std::string path = sets.folder / ("stopped" + std::to_string(stop));
    {
      ShardWriter writer(path, set->manifest(), kBytes);
      for (std::int64_t i = 0; i < stop; ++i)
        writer.add(set->sample(i), "png", set->image_bytes(set->sample(i)));
    }
    put(path + "/shard-000001.tar.tmp-77-0", "half");
    put(path + "/index.bin.tmp-77-0", "half");
    CHECK(ShardWriter(path, set->manifest(), kBytes).done() <= stop);
    pack(sets.folder / "set", path, kBytes);
    CHECK(content_of(path) == whole);
  }
  // Killed before anything was there, in a folder with a file of somebody else.
  fs::create_directory(sets.folder / "early");
  put(sets.folder / "early/shards.json.tmp-77-0", "half");
  put(sets.folder / "early/theirs.tmp-77-0", "whole");
  pack(sets.folder / "set", sets.folder / "early", kBytes);
  CHECK(fs::remove(sets.folder / "early/theirs.tmp-77-0"));
  CHECK(content_of(sets.folder / "early") == whole);
  // Whole, but for the last step.
  fs::remove(sets.file("manifest.json"));
  CHECK(ShardWriter(sets.shards(), set->manifest(), kBytes).done() == 7);
  pack(sets.folder / "set", sets.shards(), kBytes);
  CHECK(content_of(sets.shards()) == whole);
}

TEST_CASE("shards: what cannot be gone on with") {
  const Sets sets;
  const std::string begin = "write " + sets.shards() + ": ";
  CHECK(error_of([&] { pack(sets.folder / "set", sets.shards(), kBytes); }) ==
        begin + "a set is there already; got manifest.json; expected another name");
  fs::remove(sets.file("manifest.json"));
  CHECK(error_of([&] { pack(sets.folder / "set", sets.shards(), 9000); }) ==
        begin +
            "an unfinished set of another source or size is there; got "
            "{\"version\":1,\"name\":\"small\",\"shard_bytes\":8000}; expected "
            "{\"version\":1,\"name\":\"small\",\"shard_bytes\":9000}");
  const Folder other;
  write_small_set(other / "set", 3);
  CHECK(error_of([&] { pack(other / "set", sets.shards(), kBytes); }) ==
        begin + "shards of a larger set are there; got 3 samples; expected 7");
  ShardWriter writer(sets.shards(), small_manifest(), kBytes);
  CHECK(error_of([&] {
          writer.add(small_sample(1), "png", "");
        }).starts_with(begin + "sample \"s001\": the shard that is there holds another sample"));
  CHECK(error_of([&] { pack(sets.folder / "set", sets.shards(), kBytes); }) ==
        begin + "another process is writing this set");
}

TEST_CASE("shards: what cannot be written") {
  const Folder folder;
  ShardWriter writer(folder / "set", small_manifest(), kBytes);
  const std::string begin = "write " + (folder / "set") + ": ";
  for (const std::string ending : {"", "json", "J", "a/b", "tar.gz", "123456789"})
    CHECK(error_of([&] { writer.add(small_sample(0), ending, "x"); })
              .starts_with(begin + "sample \"s000\": an image's ending that shards do not have; got \"" +
                           ending));
  Sample sample = small_sample(0);
  sample.regions[0] = {.png = "a.png"};
  CHECK(error_of([&] { writer.add(sample, "png", "x"); }) ==
        begin + "sample \"s000\": a mask beside the samples; got \"a.png\"; expected runs");
  CHECK(error_of([&] {
          ShardWriter(folder / "b", small_manifest(), 0);
        }).starts_with("write " + (folder / "b") + ": wrong size of a shard; got 0 bytes"));
}

TEST_CASE("shards: a set without samples is refused") {
  const Folder folder;
  ShardWriter writer(folder / "set", small_manifest(), kBytes);
  CHECK(error_of([&] { writer.finish(); }) ==
        "write " + (folder / "set") + ": no samples; expected at least one");
}

TEST_CASE("shards: a file that is missing, cut or empty is named") {
  {
    const Sets sets;
    fs::resize_file(sets.file("shard-000001.tar"), 3000);
    CHECK(sets.open_error().starts_with(sets.file("shard-000001.tar") +
                                        ": cut short or of another set; got 3000 bytes; expected "));
    fs::resize_file(sets.file("shard-000001.tar"), 0);
    CHECK(sets.open_error() ==
          "read " + sets.file("shard-000001.tar") + ": the file is empty; got 0 bytes; expected some");
    fs::remove(sets.file("shard-000001.tar"));
    CHECK(sets.open_error().starts_with("read " + sets.file("shard-000001.tar") +
                                        ": cannot be opened; got No"));
  }
  for (const std::string name : {"index.bin", "shards.json", "manifest.json"}) {
    const Sets sets;
    INFO(name);
    fs::resize_file(sets.file(name), 0);
    CHECK(sets.open_error().find(sets.file(name)) != std::string::npos);
    if (name == "shards.json") continue;  // its presence is what tells the forms apart
    fs::remove(sets.file(name));
    CHECK(sets.open_error().find(name) != std::string::npos);
  }
}

TEST_CASE("shards: another version is named") {
  const Sets sets;
  sets.edit("shards.json", [](std::string& text) { text.replace(text.find(": 1"), 3, ": 2"); });
  CHECK(sets.open_error() ==
        sets.file("shards.json") + ":2: another version of the shards; got 2; expected 1");
}

TEST_CASE("shards: a damaged index is named") {
  const Sets sets;
  const std::string index = get(sets.file("index.bin"));
  // Header, the rows of four shards, and behind the rows of samples and targets the names of the splits.
  for (std::size_t byte = 0; byte < index.size(); ++byte) {
    if (byte == 152) byte = index.size() - 10;
    sets.edit("index.bin", [&](std::string& text) { text[byte] = char(text[byte] ^ 1); });
    INFO(byte);
    CHECK(sets.open_error().starts_with(sets.file("index.bin") + ": damaged index"));
    put(sets.file("index.bin"), index);
  }
  for (const std::size_t size : {std::size_t(1), std::size_t(55), std::size_t(100), index.size() - 1}) {
    put(sets.file("index.bin"), index.substr(0, size));
    CHECK(sets.open_error().starts_with(sets.file("index.bin") + ": damaged index"));
  }
  put(sets.file("index.bin"), index);
  // A sample's row: its place, its shard, its checksums.
  for (const std::size_t at : {std::size_t(152), std::size_t(160), std::size_t(164), std::size_t(168)}) {
    sets.edit("index.bin", [&](std::string& text) { text[at] = char(text[at] ^ 8); });
    INFO(at);
    CHECK(first_fault(sets.shards()).starts_with(sets.shards()));
    put(sets.file("index.bin"), index);
  }
  CHECK(first_fault(sets.shards()) == "");
}

TEST_CASE("shards: damage is named with its file") {
  const Sets sets;
  const std::string name = "shard-000001.tar", path = sets.file(name), whole = get(path);
  const std::size_t json = whole.find("{\"id\""), image = whole.find("\x89PNG");
  const auto fault_of = [&](std::size_t byte) {
    sets.edit(name, [&](std::string& text) { text[byte] = char(text[byte] ^ 4); });
    std::string text = first_fault(sets.shards());
    put(path, whole);
    return text;
  };
  const auto set = Dataset::open(sets.shards());
  const std::string key = set->sample(2).image.substr(0, 9);
  CHECK(set->place(2) == path + ":" + key + ".json");
  CHECK(fault_of(json + 3).starts_with(path + ":" + key + ".json: damaged; got the checksum "));
  CHECK(fault_of(image + 20).starts_with(path + ":" + key + ".png: damaged; got the checksum "));
  CHECK(fault_of(0).starts_with(path + ", byte 0: the header's checksum is wrong; got "));
  CHECK(fault_of(image - 512).find(": the header's checksum is wrong; got ") != std::string::npos);
  CHECK(fault_of(whole.size() - 1).starts_with(path + ": tar, byte "));
  std::minstd_rand random(7);
  for (int i = 0; i < 200; ++i) {
    const std::size_t byte = random() % whole.size();
    INFO(byte);
    CHECK(fault_of(byte).starts_with(path));
  }
}

TEST_CASE("shards: a name that leaves the archive, under right checksums") {
  const Sets sets;
  sets.edit("shard-000000.tar", [](std::string& text) {
    text.replace(0, 14, "../escape.json");
    int sum = 0;
    text.replace(148, 8, 8, ' ');
    for (std::size_t i = 0; i < 512; ++i) sum += static_cast<unsigned char>(text[i]);
    text.replace(148, 7, fmt::format("{:06o}", sum) + std::string(1, '\0'));
  });
  CHECK(first_fault(sets.shards()) ==
        sets.file("shard-000000.tar") +
            ", byte 0: path leaves the root; got \"../escape.json\"; expected names with '/' between");
}

TEST_CASE("shards: an image that is none of the shards' is named") {
  const Sets sets;
  const auto set = Dataset::open(sets.shards());
  Sample sample = set->sample(0);
  for (const std::string image : {"0.png", "a.png", "", "000000000", "../../etc/passwd", "-00000001.png"}) {
    sample.image = image;
    CHECK(error_of([&] { set->image_bytes(sample); }) ==
          sets.shards() + ": sample \"s000\": no image of a shard; got \"" + image +
              "\"; expected a number and an ending");
  }
  sample.image = "000000000.jpg";
  CHECK(error_of([&] {
          set->image_bytes(sample);
        }).ends_with("not the file that the index says; got \"000000000.png\"; expected 000000000.jpg"));
}
