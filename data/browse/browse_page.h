// SPDX-License-Identifier: Apache-2.0
// One page of HTML that shows samples of a set and needs nothing else: no network, no file beside it.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "data/browse/browse_entry.h"
#include "data/format/dataset.h"

namespace uls {

/// Makes the view of a sample: as it is, or through a transform.
using BrowseViewer = std::function<BrowseView(const Dataset& set, const Sample& sample)>;

/// The sample as the set holds it.
BrowseView plain_view(const Dataset& set, const Sample& sample);
/// One of its targets, drawn by `seed`, as the preset `augment` with its default ranges changes picture, mask
/// and sentence in training; a sample without targets as it is.
BrowseView augmented_view(const Dataset& set, const Sample& sample, std::uint64_t seed);

struct BrowseOptions {
  std::int64_t count = 60;  // samples at most
  std::string task{};       // targets of this task alone; "": all
  std::uint64_t seed = 0;   // another seed draws other samples
  BrowseViewer viewer = plain_view;
};

/// The samples that the options draw, in the set's order. Raises Error for an unknown task or none of it.
std::vector<std::int64_t> draw_samples(const Dataset& set, const BrowseOptions& options);

std::string browse_page(const Dataset& set, const BrowseOptions& options);

}  // namespace uls
