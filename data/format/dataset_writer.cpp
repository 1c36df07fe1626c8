// SPDX-License-Identifier: Apache-2.0
// What an unfinished set looks like: manifest.json.part (from the first moment on) and samples.jsonl.part.
// The last step renames the former, so that manifest.json stands for a set that is complete.
#include "data/format/dataset_writer.h"

#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>

#include "core/base/error.h"
#include "core/base/log.h"
#include "core/base/strings.h"
#include "core/io/atomic_file.h"
#include "core/io/foreign_text.h"
#include "core/io/mapped_file.h"
#include "data/format/folder_dataset.h"
#include "data/format/inner_path.h"
#include "data/format/sample_lines.h"
#include "data/format/set_folder.h"

namespace uls {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kBuffer = std::size_t(1) << 20;

void rename_file(const std::string& from, const std::string& to) {
  ULS_CHECK(std::rename(from.c_str(), to.c_str()) == 0, "write {}: cannot be renamed to; got {}", to,
            system_reason());
}

}  // namespace

struct DatasetWriter::State {
  State(const std::string& to, const Manifest& description)
      : path(create_folder(to)),
        lock(path),
        manifest(without_counts(description)),
        builder(manifest),
        lines_part(file(kLinesName) + ".part"),
        manifest_part(file(kManifestName) + ".part") {
    check_manifest(manifest, "write " + path);
    ULS_CHECK(!fs::exists(file(kManifestName)),
              "write {}: a complete set is there already; expected another name", path);
    claim();
    take_up();
    lines.reset(std::fopen(lines_part.c_str(), "ab"));
    ULS_CHECK(lines, "write {}: cannot be opened; got {}", lines_part, system_reason());
    buffer.resize(kBuffer);
    std::setvbuf(lines.get(), buffer.data(), _IOFBF, buffer.size());
  }

  std::string file(const std::string& name) const { return join_path(path, name); }

  // Makes the folder ours, or finds that it is.
  void claim() {
    const std::string text = to_json(manifest).dump(2) + '\n';
    if (!fs::exists(manifest_part)) {
      ULS_CHECK(!fs::exists(lines_part) && !fs::exists(file(kLinesName)),
                "write {}: samples without a manifest are there already; expected another name", path);
      remove_leftovers_of(manifest_part);
      write_atomically(manifest_part, text);
      return;
    }
    const Manifest begun = without_counts(manifest_from_json(read_json_file(manifest_part)));
    ULS_CHECK(to_json(begun).dump(2) + '\n' == text,
              "write {}: an unfinished set of another source or other options is there; got {}; expected {}",
              path, shown(begun.name), shown(manifest.name));
    remove_leftovers(path);
    if (fs::exists(file(kLinesName))) rename_file(file(kLinesName), lines_part);
  }

  // Counts what is there already, and drops a line that was cut.
  void take_up() {
    if (!fs::exists(lines_part) || fs::file_size(lines_part) == 0) return;
    std::size_t whole = 0;
    {
      const MappedFile there(lines_part);
      const std::string_view text = there.text();
      whole = text.rfind('\n') + 1;  // 0 where no line is complete
      index_lines(text.substr(0, whole), lines_part, builder);
    }
    fs::resize_file(lines_part, whole);
  }

  void check_written(bool good) {
    ULS_CHECK(good, "write {}: stopped after {} samples; got {}; expected enough free space", lines_part,
              builder.targets().samples(), system_reason());
  }

  struct Close {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };

  std::string path;
  FolderLock lock;
  Manifest manifest;
  IndexBuilder builder;
  std::string lines_part, manifest_part;
  std::string buffer;  // outlives what uses it
  std::unique_ptr<std::FILE, Close> lines;
  std::string last_folder;
};

DatasetWriter::DatasetWriter(const std::string& path, const Manifest& manifest)
    : state_(std::make_unique<State>(path, manifest)) {}

DatasetWriter::~DatasetWriter() {
  if (state_->lines && std::fflush(state_->lines.get()) != 0)
    log_warning("{} lacks its last samples: {}", state_->lines_part, system_reason());
}

std::int64_t DatasetWriter::done() const { return state_->builder.targets().samples(); }

void DatasetWriter::add(const Sample& sample) {
  State& state = *state_;
  ULS_ASSERT(state.lines, "add to {} after its end", state.path);
  const std::string place = fmt::format("{}:{}", state.lines_part, done() + 1);
  check_sample(sample, place);
  const std::string line = to_json(sample).dump() + '\n';
  state.builder.add(sample, std::int64_t(line.size()), place);
  state.check_written(std::fwrite(line.data(), 1, line.size(), state.lines.get()) == line.size());
}

void DatasetWriter::add_file(const std::string& name, std::string_view bytes) {
  State& state = *state_;
  check_inner_path(name, "write " + state.path);
  for (const char* taken : {kManifestName, kLinesName, kIndexName})
    ULS_CHECK(!name.starts_with(taken), "write {}: {} is the set's own file; expected another name",
              state.path, name);
  const std::string file = state.file(name);
  const std::string folder = fs::path(file).parent_path().string();
  if (folder != state.last_folder) state.last_folder = create_folder(folder);
  write_atomically(file, bytes, Flush::later);
}

void DatasetWriter::finish() {
  State& state = *state_;
  ULS_ASSERT(state.lines, "finish of {} after its end", state.path);
  ULS_CHECK(done() > 0, "write {}: no samples; expected at least one", state.path);
  state.check_written(std::fflush(state.lines.get()) == 0 && fsync(fileno(state.lines.get())) == 0);
  state.lines.reset();
  state.lock.flush_files();  // of add_file()
  {
    const MappedFile lines(state.lines_part);
    write_atomically(state.file(kIndexName), state.builder.finish(lines.text()));
  }
  state.manifest.samples = state.builder.targets().sample_counts();
  state.manifest.targets = state.builder.targets().target_counts();
  write_atomically(state.manifest_part, to_json(state.manifest).dump(2) + '\n');
  rename_file(state.lines_part, state.file(kLinesName));
  rename_file(state.manifest_part, state.file(kManifestName));
  state.lock.flush();
}

}  // namespace uls
