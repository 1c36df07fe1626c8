// SPDX-License-Identifier: Apache-2.0
#include "data/format/shard_writer.h"

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <vector>

#include "core/base/error.h"
#include "core/io/atomic_file.h"
#include "core/io/crc32.h"
#include "core/io/foreign_text.h"
#include "data/format/folder_dataset.h"
#include "data/format/inner_path.h"
#include "data/format/set_folder.h"
#include "data/format/shard_dataset.h"
#include "data/format/shard_index.h"
#include "data/format/tar.h"

namespace uls {
namespace {

namespace fs = std::filesystem;

void check_ending(const std::string& ending, const std::string& place) {
  const bool plain =
      std::ranges::all_of(ending, [](unsigned char c) { return std::isdigit(c) || std::islower(c); });
  ULS_CHECK(plain && !ending.empty() && ending.size() <= 8 && ending != "json",
            "{}: an image's ending that shards do not have; got {}; expected \"jpg\", \"png\" or the like",
            place, shown(ending));
}

}  // namespace

struct ShardWriter::State {
  State(const std::string& to, const Manifest& description, std::int64_t bytes)
      : path(create_folder(to)), lock(path), manifest(without_counts(description)), shard_bytes(bytes) {
    manifest.images.clear();
    check_manifest(manifest, "write " + path);
    ULS_CHECK(shard_bytes >= 1, "write {}: wrong size of a shard; got {} bytes; expected at least 1", path,
              bytes);
    claim();
    take_up();
  }

  std::string file(const std::string& name) const { return join_path(path, name); }
  std::int64_t count() const { return targets.samples(); }

  // Makes the folder ours, or finds that it is.
  void claim() {
    for (const char* name : {kManifestName, kLinesName})
      ULS_CHECK(!fs::exists(file(name)), "write {}: a set is there already; got {}; expected another name",
                path, name);
    const Json cut = Json::object({{"version", 1}, {"name", manifest.name}, {"shard_bytes", shard_bytes}});
    if (fs::exists(file(kShardsName))) {
      remove_leftovers(path);
      const Json begun = read_json_file(file(kShardsName));
      ULS_CHECK(begun == cut,
                "write {}: an unfinished set of another source or size is there; got {}; expected {}", path,
                begun.dump(), cut.dump());
    } else {
      remove_leftovers_of(file(kShardsName));
      write_atomically(file(kShardsName), cut.dump(2) + '\n');
    }
  }

  // Counts the shards that are whole.
  void take_up() {
    for (std::string name; fs::exists(file(name = shard_name(std::int64_t(shards.size()))));) {
      const MappedFile shard(file(name));
      const std::string_view text = shard.text();
      const std::size_t before = samples.size();
      TarReader reader(text, shard.path());
      for (std::int64_t at = 0; const auto json = reader.next(); at = reader.position()) {
        const auto image = reader.next();
        const std::string key = sample_key(std::int64_t(samples.size()));
        ULS_CHECK(json->name == key + ".json" && image && image->name.starts_with(key + "."),
                  "{}, byte {}: not a sample of this set; got {}; expected {}.json and its image",
                  shard.path(), at, shown(json->name), key);
        samples.push_back(
            {at, std::uint32_t(shards.size()), crc32(0, json->content), crc32(0, image->content), 0});
      }
      shards.push_back({shard.size(), std::int64_t(samples.size() - before), crc32(0, text), 0});
    }
    done = std::int64_t(samples.size());
  }

  void append(const std::string& entries) {
    tar->write(entries.data(), std::int64_t(entries.size()));
    shards.back().bytes += std::int64_t(entries.size());
    shards.back().checksum = crc32(shards.back().checksum, entries);
  }

  void end_shard() {
    if (!tar) return;
    std::string end;
    append_tar_end(end);
    append(end);
    tar->commit();
    tar.reset();
  }

  // The sample's two files go to the shard that has room.
  void place_entries(const std::string& entries) {
    const std::int64_t end = 2 * kTarBlock;
    if (tar && shards.back().bytes + std::int64_t(entries.size()) + end > shard_bytes) end_shard();
    if (!tar) {
      tar = std::make_unique<AtomicFile>(file(shard_name(std::int64_t(shards.size()))));
      shards.push_back({0, 0, 0, 0});
    }
    samples.back().at = shards.back().bytes;
    samples.back().shard = std::uint32_t(shards.size() - 1);
    ++shards.back().samples;
    append(entries);
  }

  std::string path;
  FolderLock lock;
  Manifest manifest;
  std::int64_t shard_bytes, done = 0;
  std::vector<ShardRow> shards{};
  std::vector<ShardSampleRow> samples{};
  TargetTableBuilder targets{};
  std::unique_ptr<AtomicFile> tar{};  // the shard that is being written
};

ShardWriter::ShardWriter(const std::string& path, const Manifest& manifest, std::int64_t shard_bytes)
    : state_(std::make_unique<State>(path, manifest, shard_bytes)) {}

ShardWriter::~ShardWriter() = default;

std::int64_t ShardWriter::done() const { return state_->done; }

void ShardWriter::add(const Sample& sample, const std::string& ending, std::string_view image) {
  State& state = *state_;
  const std::int64_t index = state.count();
  const std::string key = sample_key(index),
                    place = fmt::format("write {}: sample {}", state.path, shown(sample.id));
  check_ending(ending, place);
  Sample written = sample;
  written.image = key + "." + ending;
  check_sample(written, place);
  for (const Region& region : written.regions)
    ULS_CHECK(region.png.empty(), "{}: a mask beside the samples; got {}; expected runs", place,
              shown(region.png));
  const std::string json = to_json(written).dump() + '\n';
  state.targets.add(written);
  if (index < state.done) {
    ULS_CHECK(
        crc32(0, json) == state.samples[std::size_t(index)].json,
        "{}: the shard that is there holds another sample; got a set that has changed; expected the one that "
        "was begun, or another name",
        place);
    return;
  }
  state.samples.push_back({0, 0, crc32(0, json), crc32(0, image), 0});
  std::string entries;
  append_tar_entry(entries, key + ".json", json);
  append_tar_entry(entries, written.image, image);
  state.place_entries(entries);
}

void ShardWriter::finish() {
  State& state = *state_;
  ULS_CHECK(state.count() > 0, "write {}: no samples; expected at least one", state.path);
  ULS_CHECK(state.count() >= state.done,
            "write {}: shards of a larger set are there; got {} samples; expected {}", state.path,
            state.count(), state.done);
  state.end_shard();
  write_atomically(state.file(kIndexName), shard_index_bytes(state.shards, state.samples, state.targets));
  state.manifest.samples = state.targets.sample_counts();
  state.manifest.targets = state.targets.target_counts();
  write_atomically(state.file(kManifestName), to_json(state.manifest).dump(2) + '\n');
}

}  // namespace uls
