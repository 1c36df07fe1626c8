// SPDX-License-Identifier: Apache-2.0
// What the converters' tests share: a set converted and read back as one line for each fact of it, the same
// lines from scripts/peers/check_convert.py, and small trees of pictures.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "data/convert/source.h"
#include "data/format/dataset.h"
#include "tests/core/io_fixture.h"

namespace uls::test {

using Extras = std::map<std::string, std::string>;

/// The source's folder below shared/data, or "" where there is none.
std::string shared_data(const std::string& name);

/// Converts in this process into `out`/set and opens the result.
std::unique_ptr<Dataset> converted(const std::string& source, const std::string& root, const std::string& out,
                                   const Extras& extras = {}, const std::string& split = "");

/// Sorted lines: each image, region, target, label map and ignored area, masks by area and CRC-32.
std::vector<std::string> facts(const Dataset& dataset);

/// Requires that the same lines come from the source itself by PIL, scipy and pycocotools, and shows the
/// first that differ; without these in ULS_PEER the test counts as skipped, and what else it checks is
/// checked.
void require_peer_facts(const std::vector<std::string>& ours, const std::string& source,
                        const std::string& root, const Extras& extras);

/// How many lines have this text in them.
std::int64_t count_facts(const std::vector<std::string>& lines, const std::string& text);

/// Files with their folders; an empty picture of this size.
void put_file(const std::string& path, std::string_view content);
void put_picture(const std::string& path, std::int64_t height, std::int64_t width);
/// A grey PNG, rows of digits and letters: 'a' to 'z' stand for the numbers of `letters` in turn.
void put_labels(const std::string& path, const std::vector<std::string>& rows,
                const std::map<char, int>& letters);

/// Text of the Error that opening or converting raises, "" for none. The set goes into a folder of its own.
std::string conversion_error(const std::string& source, const std::string& root, const Extras& extras = {},
                             const std::string& split = "");

}  // namespace uls::test
