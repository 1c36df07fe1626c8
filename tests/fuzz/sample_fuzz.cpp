// SPDX-License-Identifier: Apache-2.0
// Any bytes as lines of samples.jsonl, as a manifest, or as an index file: refused by a DataError, or read;
// what was read is written and read again as the same.
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "data/format/data_error.h"
#include "data/format/sample_lines.h"

namespace {

void require(bool condition) {
  if (!condition) __builtin_trap();
}

uls::Manifest manifest_of(const std::string& text) {
  return uls::as_data_error([&] { return uls::manifest_from_json(uls::Json::parse(text, "made")); });
}

void use_sample(const std::string& line) {
  const uls::Sample sample = uls::parse_sample_line(line, "made", 0);
  const std::string written = to_json(sample).dump();
  require(to_json(uls::parse_sample_line(written, "written", 0)).dump() == written);
}

void use_manifest(const std::string& text) {
  const std::string written = to_json(manifest_of(text)).dump();
  require(to_json(manifest_of(written)).dump() == written);
}

void use_index(const std::string& bytes, const std::string& lines) {
  const uls::LineIndex index(
      std::make_shared<const uls::MappedFile>("made", std::vector<char>(bytes.begin(), bytes.end())));
  index.belongs_to(lines);
  for (std::int64_t i = 0; i < index.samples(); ++i) index.line(lines, i);
  for (std::int64_t i = 0; i < index.targets().size(); ++i)
    require(std::size_t(index.targets()[i].split) < index.splits().size());
}

void use_lines(const std::string& text) {
  const std::string lines = text + '\n';
  uls::IndexBuilder builder(
      {.name = "made", .class_lists = {{uls::Task::semantic, {.names = {"cat"}, .values = {1}}}}});
  uls::index_lines(lines, "made", builder);
  use_index(builder.finish(lines), lines);
  use_sample(lines.substr(0, lines.find('\n')));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string text(reinterpret_cast<const char*>(data), size);
  try {
    if (text.starts_with("unilseg"))
      use_index(text, std::string(64, '\n'));
    else if (text.find("\"format\"") != std::string::npos)
      use_manifest(text);
    else
      use_lines(text);
  } catch (const uls::DataError&) {
  }
  return 0;
}
