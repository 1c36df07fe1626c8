// SPDX-License-Identifier: Apache-2.0
// The form of a set that people can read: manifest.json, samples.jsonl with a sample a line, index.bin.
#pragma once

#include <memory>
#include <string>

#include "data/format/dataset.h"

namespace uls {

inline constexpr const char* kManifestName = "manifest.json";
inline constexpr const char* kLinesName = "samples.jsonl";
inline constexpr const char* kIndexName = "index.bin";

/// Opens it without reading the lines. An index that is missing or belongs to other lines (somebody edited
/// them) is made anew, which reads and checks all; it is kept in memory where the folder cannot be written.
std::unique_ptr<Dataset> open_folder_dataset(const std::string& path);

/// Opens it whatever its lines are, for those who want to hear of every fault: a line that is wrong raises
/// DataError when its sample is asked for. Writes nothing.
std::unique_ptr<Dataset> open_any_folder_dataset(const std::string& path);

}  // namespace uls
