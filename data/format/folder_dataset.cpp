// SPDX-License-Identifier: Apache-2.0
#include "data/format/folder_dataset.h"

#include <filesystem>
#include <utility>

#include "core/base/error.h"
#include "core/base/log.h"
#include "core/io/atomic_file.h"
#include "data/format/data_error.h"
#include "data/format/file_bytes.h"
#include "data/format/inner_path.h"
#include "data/format/sample_lines.h"

namespace uls {
namespace {

LineIndex make_index(const std::string& path, const MappedFile& lines, const Manifest& manifest,
                     const char* reason) {
  log_info("{}: {}; reading all of {}", path, reason, lines.path());
  IndexBuilder builder(manifest);
  index_lines(lines.text(), lines.path(), builder);
  const std::string bytes = builder.finish(lines.text());
  try {
    write_atomically(path, bytes);
  } catch (const Error& error) {
    log_warning("{}; the index is made anew each time", error.what());
  }
  return LineIndex(std::make_shared<const MappedFile>(path, std::vector<char>(bytes.begin(), bytes.end())));
}

LineIndex make_any_index(const std::string& path, const MappedFile& lines, const Manifest& manifest,
                         const char*) {
  IndexBuilder builder(manifest);
  index_any_lines(lines.text(), lines.path(), builder);
  const std::string bytes = builder.finish(lines.text());
  return LineIndex(std::make_shared<const MappedFile>(path, std::vector<char>(bytes.begin(), bytes.end())));
}

LineIndex find_index(const std::string& path, const MappedFile& lines, const Manifest& manifest,
                     decltype(&make_index) make) {
  if (!std::filesystem::exists(path)) return make(path, lines, manifest, "no index");
  LineIndex index(map_data_file(path));
  if (index.belongs_to(lines.text())) return index;
  return make(path, lines, manifest, "the index belongs to other samples");
}

class FolderDataset : public Dataset {
 public:
  FolderDataset(const std::string& path, decltype(&make_index) make)
      : path_(path),
        manifest_(read_manifest(join_path(path, kManifestName))),
        images_(join_path(path, manifest_.images)),
        lines_(map_data_file(join_path(path, kLinesName))),
        index_(find_index(join_path(path, kIndexName), *lines_, manifest_, make)) {}

  const Manifest& manifest() const override { return manifest_; }
  const std::string& path() const override { return path_; }
  const std::vector<std::string>& splits() const override { return index_.splits(); }
  std::int64_t size() const override { return index_.samples(); }
  std::int64_t target_count() const override { return index_.targets().size(); }
  TargetRef target(std::int64_t index) const override { return index_.targets()[index]; }

  Sample sample(std::int64_t index) const override {
    return parse_sample_line(index_.line(lines_->text(), index), lines_->path(), index);
  }
  std::string place(std::int64_t index) const override {
    return fmt::format("{}:{}", lines_->path(), index + 1);
  }
  std::string image_bytes(const Sample& sample) const override {
    return read_file_bytes(join_path(images_, sample.image));
  }

 protected:
  Rle region_mask(const Sample& sample, const Region& region) const override {
    if (region.png.empty()) return region.mask;
    const std::string file = join_path(path_, region.png);
    return mask_from_png(read_file_bytes(file), file, sample);
  }

 private:
  std::string path_;
  Manifest manifest_;
  std::string images_;
  std::shared_ptr<const MappedFile> lines_;
  LineIndex index_;
};

}  // namespace

std::unique_ptr<Dataset> open_folder_dataset(const std::string& path) {
  return std::make_unique<FolderDataset>(path, make_index);
}

std::unique_ptr<Dataset> open_any_folder_dataset(const std::string& path) {
  return std::make_unique<FolderDataset>(path, make_any_index);
}

}  // namespace uls
