// SPDX-License-Identifier: Apache-2.0
#include "data/format/shard_dataset.h"

#include <charconv>
#include <filesystem>

#include "core/base/parallel.h"
#include "core/io/crc32.h"
#include "core/io/foreign_text.h"
#include "data/format/data_error.h"
#include "data/format/file_bytes.h"
#include "data/format/folder_dataset.h"
#include "data/format/inner_path.h"
#include "data/format/shard_index.h"
#include "data/format/tar.h"

namespace uls {
namespace {

class ShardDataset : public Dataset {
 public:
  explicit ShardDataset(const std::string& path)
      : path_(path),
        manifest_(read_manifest(join_path(path, kManifestName))),
        index_(map_data_file(join_path(path, kIndexName))) {
    check_version();
    for (std::size_t i = 0; i < index_.shards().size(); ++i) {
      const std::string file = join_path(path, shard_name(std::int64_t(i)));
      shards_.push_back(map_data_file(file));
      if (shards_[i]->size() != index_.shards()[i].bytes)
        throw DataError(fmt::format("{}: cut short or of another set; got {} bytes; expected {}", file,
                                    shards_[i]->size(), index_.shards()[i].bytes));
    }
  }

  const Manifest& manifest() const override { return manifest_; }
  const std::string& path() const override { return path_; }
  const std::vector<std::string>& splits() const override { return index_.splits(); }
  std::int64_t size() const override { return index_.samples(); }
  std::int64_t target_count() const override { return index_.targets().size(); }
  TargetRef target(std::int64_t index) const override { return index_.targets()[index]; }

  std::string place(std::int64_t index) const override {
    return shard_path(index_.sample(index)) + ":" + sample_key(index) + ".json";
  }

  Sample sample(std::int64_t index) const override {
    const ShardSampleRow row = index_.sample(index);
    TarReader reader = reader_at(row);
    const std::string_view text = checked(reader, sample_key(index) + ".json", row, row.json);
    return as_data_error([&] { return sample_from_json(Json::parse(text, place(index))); });
  }

  std::string image_bytes(const Sample& sample) const override {
    // The name is the sample's number with an ending.
    std::int64_t index = -1;
    const char* const name = sample.image.c_str();
    const auto [end, error] = std::from_chars(name, name + sample.image.size(), index);
    if (error != std::errc() || index < 0 || *end != '.' ||
        !sample.image.starts_with(sample_key(index) + "."))
      throw DataError(
          fmt::format("{}: sample {}: no image of a shard; got {}; expected a number and an ending", path_,
                      shown(sample.id), shown(sample.image)));
    const ShardSampleRow row = index_.sample(index);
    TarReader reader = reader_at(row);
    reader.next();
    return std::string(checked(reader, sample.image, row, row.image));
  }

  std::vector<ShardFault> faults() const {
    std::vector<ShardFault> faults(shards_.size());
    parallel_for(0, std::int64_t(shards_.size()), 1, [&](std::int64_t first, std::int64_t last) {
      for (auto i = std::size_t(first); i < std::size_t(last); ++i)
        faults[i] = {shards_[i]->path(), fault(*shards_[i], index_.shards()[i])};
    });
    std::erase_if(faults, [](const ShardFault& fault) { return fault.text.empty(); });
    return faults;
  }

 protected:
  Rle region_mask(const Sample& sample, const Region& region) const override {
    if (!region.png.empty())
      throw DataError(fmt::format("{}: sample {}: a mask beside the shards; got {}; expected runs", path_,
                                  shown(sample.id), shown(region.png)));
    return region.mask;
  }

 private:
  void check_version() const {
    as_data_error([&] {
      const Json shards = read_json_file(join_path(path_, kShardsName));
      const Json& version = shards.at("version");
      ULS_CHECK(version.as_int64() == 1, "{}: another version of the shards; got {}; expected 1",
                version.where(), version.as_int64());
    });
  }

  const std::string& shard_path(const ShardSampleRow& row) const { return shards_[row.shard]->path(); }

  TarReader reader_at(const ShardSampleRow& row) const {
    return TarReader(shards_[row.shard]->text(), shard_path(row), row.at);
  }

  // The next file, which has that name and that checksum.
  std::string_view checked(TarReader& reader, const std::string& name, const ShardSampleRow& row,
                           std::uint32_t checksum) const {
    const auto entry = reader.next();
    if (!entry || entry->name != name)
      throw DataError(fmt::format("{}, byte {}: not the file that the index says; got {}; expected {}",
                                  shard_path(row), row.at, entry ? shown(entry->name) : "the end", name));
    const std::uint32_t sum = crc32(0, entry->content);
    if (sum != checksum)
      throw DataError(fmt::format("{}:{}: damaged; got the checksum {:08x}; expected {:08x}", shard_path(row),
                                  name, sum, checksum));
    return entry->content;
  }

  // What is wrong with a whole shard, or nothing.
  static std::string fault(const MappedFile& shard, const ShardRow& row) {
    try {
      std::int64_t files = 0;
      TarReader reader(shard.text(), "tar");
      while (reader.next()) ++files;
      if (files != 2 * row.samples)
        return fmt::format("another number of files; got {}; expected {}", files, 2 * row.samples);
    } catch (const DataError& error) {
      return error.what();
    }
    const std::uint32_t sum = crc32(0, shard.text());
    if (sum == row.checksum) return "";
    return fmt::format("damaged; got the checksum {:08x}; expected {:08x}", sum, row.checksum);
  }

  std::string path_;
  Manifest manifest_;
  ShardIndex index_;
  std::vector<std::shared_ptr<const MappedFile>> shards_{};
};

}  // namespace

bool is_sharded(const std::string& path) { return std::filesystem::exists(join_path(path, kShardsName)); }

std::unique_ptr<Dataset> open_shard_dataset(const std::string& path) {
  return std::make_unique<ShardDataset>(path);
}

std::vector<ShardFault> shard_faults(const Dataset& dataset) {
  const auto* shards = dynamic_cast<const ShardDataset*>(&dataset);
  return shards ? shards->faults() : std::vector<ShardFault>();
}

}  // namespace uls
