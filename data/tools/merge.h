// SPDX-License-Identifier: Apache-2.0
// What has to be settled before sets become one: ids that they share, and class lists.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "data/format/dataset.h"

namespace uls {

/// What goes in front of the ids of each set: "" where none of its ids (of samples, targets and clips) is in
/// an earlier set, else the set's name and a slash. Reads all samples. Raises Error where ids are equal even
/// so.
std::vector<std::string> id_prefixes(const std::vector<const Dataset*>& sets);

void add_prefix(Sample& sample, const std::string& prefix);

/// One list a task. Raises Error where two sets have different ones, or one has none but has targets of the
/// task: their label maps could not be evaluated together.
std::map<Task, ClassList> merged_class_lists(const std::vector<const Dataset*>& sets);

/// Names joined by "+"; sources and licences that differ joined by "; ".
Manifest merged_manifest(const std::vector<const Dataset*>& sets);

}  // namespace uls
