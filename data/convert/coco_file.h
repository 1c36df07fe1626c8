// SPDX-License-Identifier: Apache-2.0
// COCO's annotation JSON: images, annotations and categories, with what finding them takes in memory and the
// rest read when a sample asks for it.
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "data/convert/json_elements.h"
#include "data/format/manifest.h"

namespace uls {

class CocoFile {
 public:
  struct ImageRow {
    std::int64_t id, height, width;
    std::string name;                       // of its file
    std::vector<std::int64_t> annotations;  // their numbers, in the file's order
  };
  struct AnnotationRow {
    std::int64_t id, image, category;  // image: its number
    bool crowd;
  };

  /// Raises DataError naming file and place where something is missing, broken or given twice, or where an
  /// annotation's image does not exist. `with_annotations` false: a panoptic file, whose annotations are one
  /// an image and read by element("annotations", i).
  explicit CocoFile(const std::string& path, bool with_annotations = true);

  const std::string& path() const { return elements_.path(); }
  const std::vector<ImageRow>& images() const { return images_; }
  const std::vector<AnnotationRow>& annotations() const { return annotations_; }
  /// Number of the image or annotation with this id; raises DataError naming it and the file.
  std::int64_t image_number(std::int64_t id) const;
  std::int64_t annotation_number(std::int64_t id) const;
  bool has_annotation(std::int64_t id) const { return annotation_numbers_.contains(id); }

  const JsonElements& elements() const { return elements_; }
  /// The categories' names, values their ids, in the file's order.
  const ClassList& categories() const { return categories_; }

  /// The annotation's mask: its polygons' union, or its RLE. Raises DataError naming file and annotation.
  Rle mask(std::int64_t annotation) const;
  /// A region of it, with its ids.
  Region region(std::int64_t annotation) const;

 private:
  void read_images();
  void read_annotations();
  void read_categories();

  JsonElements elements_;
  std::vector<ImageRow> images_;
  std::vector<AnnotationRow> annotations_;
  std::unordered_map<std::int64_t, std::int64_t> image_numbers_, annotation_numbers_;
  ClassList categories_;
};

/// A polygon as COCO traces it; one of fewer than 3 points is padded with its last one.
Rle traced_polygon(std::vector<double> xy, std::int64_t height, std::int64_t width);

}  // namespace uls
