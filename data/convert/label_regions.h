// SPDX-License-Identifier: Apache-2.0
// Maps of numbers as regions and targets: what every source with label images shares.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "data/convert/text_templates.h"
#include "data/format/image.h"
#include "data/format/manifest.h"

namespace uls {

/// The mask of each value that occurs in `values` [height, width], row-major. One pass.
std::map<std::uint32_t, Rle> masks_by_value(std::span<const std::uint32_t> values, std::int64_t height,
                                            std::int64_t width);

/// A sample without masks: its size is that of the image file `image` in `root`.
Sample image_sample(const std::string& root, std::string id, std::string image, std::string split);

/// Raises DataError naming both where a map's size is not the sample's.
void check_same_size(const Sample& sample, std::int64_t height, std::int64_t width, const std::string& where);

/// Index in the list of the class with this value; -1 for background and ignored pixels. Raises DataError
/// for a value that is none of them.
std::int32_t class_of_value(const ClassList& classes, std::int64_t value, const std::string& where);

/// The sentences that ask for a class in a task.
const std::vector<std::string>& templates_of(const TextTemplates& templates, Task task);

/// A target for each class that some regions have: `classes_of[i]` is region i's index in the class list, or
/// -1. Texts are made of `spoken` (of the class names where it is empty). Ids: "SAMPLE/TASK/VALUE".
void add_class_targets(Sample& sample, std::span<const std::int32_t> classes_of, const ClassList& classes,
                       Task task, const TextTemplates& templates,
                       const std::vector<std::string>& spoken = {});

/// The same where regions may overlap and so make no label map: the targets have no category and name the
/// source's class instead.
void add_instance_targets(Sample& sample, std::span<const std::int32_t> classes_of, const ClassList& classes,
                          Task task, const TextTemplates& templates,
                          const std::vector<std::string>& spoken = {});

/// A label map: a region and a target for each class in it, and the ignored pixels. Raises DataError for
/// another size than the sample's and for values that are no class.
void add_label_map(Sample& sample, const LabelMap& map, const ClassList& classes, Task task,
                   const TextTemplates& templates, const std::string& where,
                   const std::vector<std::string>& spoken = {});

}  // namespace uls
