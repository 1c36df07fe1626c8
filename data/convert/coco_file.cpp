// SPDX-License-Identifier: Apache-2.0
#include "data/convert/coco_file.h"

#include "core/base/parallel.h"
#include "data/format/data_error.h"

namespace uls {
namespace {

template <typename Row, typename Read>
std::vector<Row> read_rows(const JsonElements& elements, const std::string& member, Read&& read) {
  std::vector<Row> rows(std::size_t(elements.size(member)));
  parallel_for(0, std::int64_t(rows.size()), 256, [&](std::int64_t first, std::int64_t last) {
    for (std::int64_t i = first; i < last; ++i)
      as_data_error([&] { rows[std::size_t(i)] = read(elements.element(member, i)); });
  });
  return rows;
}

template <typename Row>
std::unordered_map<std::int64_t, std::int64_t> numbers_of(const std::vector<Row>& rows,
                                                          const std::string& where) {
  std::unordered_map<std::int64_t, std::int64_t> numbers;
  numbers.reserve(rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i)
    if (!numbers.emplace(rows[i].id, std::int64_t(i)).second)
      throw DataError(fmt::format("{}[{}]: the id {} is given twice", where, i, rows[i].id));
  return numbers;
}

std::int64_t number_of(const std::unordered_map<std::int64_t, std::int64_t>& numbers, std::int64_t id,
                       const std::string& what) {
  const auto found = numbers.find(id);
  if (found == numbers.end()) throw DataError(fmt::format("{} {}", what, id));
  return found->second;
}

Rle mask_of(const Json& segmentation, std::int64_t height, std::int64_t width) {
  if (segmentation.is_object()) {  // RLE
    const Json& size = segmentation.at("size");
    ULS_CHECK(size.size() == 2 && size[0].as_int64() == height && size[1].as_int64() == width,
              "{}: RLE of another size; got {}; expected [{}, {}]", segmentation.where(), size.dump(), height,
              width);
    const Json& counts = segmentation.at("counts");
    if (counts.is_string())
      return parse_compressed_counts(counts.as_string(), height, width, segmentation.where());
    std::vector<std::uint32_t> runs;
    for (const Json& run : counts.items()) {
      ULS_CHECK(run.as_int64() >= 0 && run.as_int64() <= height * width,
                "{}: wrong run; got {}; expected 0 to {}", segmentation.where(), run.as_int64(),
                height * width);
      runs.push_back(std::uint32_t(run.as_int64()));
    }
    return checked_rle(std::move(runs), height, width, segmentation.where());
  }
  std::vector<Rle> masks;
  for (const Json& polygon : segmentation.items()) {
    if (polygon.is_object()) {  // RefCLEF: a list of RLEs
      masks.push_back(mask_of(polygon, height, width));
      continue;
    }
    ULS_CHECK(polygon.size() >= 2 && polygon.size() % 2 == 0,
              "{}: wrong polygon; got {} numbers; expected an even count", segmentation.where(),
              polygon.size());
    std::vector<double> xy;
    for (const Json& number : polygon.items()) xy.push_back(number.as_double());
    masks.push_back(traced_polygon(std::move(xy), height, width));
  }
  return masks.empty() ? empty_mask(height, width) : merge_masks(masks);
}

}  // namespace

Rle traced_polygon(std::vector<double> xy, std::int64_t height, std::int64_t width) {
  while (xy.size() < 6) xy.insert(xy.end(), {xy[xy.size() - 2], xy[xy.size() - 1]});
  return polygon_mask(xy, height, width);
}

CocoFile::CocoFile(const std::string& path, bool with_annotations)
    : elements_(path, {"images", "annotations", "categories"}) {
  read_categories();
  read_images();
  if (with_annotations) read_annotations();
}

void CocoFile::read_categories() {
  categories_.ignore = -1;
  for (std::int64_t i = 0; i < elements_.size("categories"); ++i)
    as_data_error([&] {
      const Json category = elements_.element("categories", i);
      categories_.names.push_back(category.at("name").as_string());
      categories_.values.push_back(std::int32_t(category.at("id").as_int64()));
    });
}

void CocoFile::read_images() {
  images_ = read_rows<ImageRow>(elements_, "images", [](const Json& image) {
    ImageRow row{.id = image.at("id").as_int64(),
                 .height = image.at("height").as_int64(),
                 .width = image.at("width").as_int64(),
                 .name = image.at("file_name").as_string(),
                 .annotations = {}};
    ULS_CHECK(row.height > 0 && row.width > 0 && row.height < 65536 && row.width < 65536,
              "{}: wrong size; got {} x {}", image.where(), row.width, row.height);
    return row;
  });
  image_numbers_ = numbers_of(images_, path() + ": images");
}

void CocoFile::read_annotations() {
  annotations_ = read_rows<AnnotationRow>(elements_, "annotations", [](const Json& annotation) {
    const Json* const crowd = annotation.find("iscrowd");
    return AnnotationRow{.id = annotation.at("id").as_int64(),
                         .image = annotation.at("image_id").as_int64(),
                         .category = annotation.at("category_id").as_int64(),
                         .crowd = crowd && crowd->as_int64() != 0};
  });
  annotation_numbers_ = numbers_of(annotations_, path() + ": annotations");
  for (std::size_t i = 0; i < annotations_.size(); ++i) {
    annotations_[i].image = number_of(image_numbers_, annotations_[i].image,
                                      fmt::format("{}: annotations[{}]: no image with the id", path(), i));
    images_[std::size_t(annotations_[i].image)].annotations.push_back(std::int64_t(i));
  }
}

std::int64_t CocoFile::image_number(std::int64_t id) const {
  return number_of(image_numbers_, id, path() + ": no image with the id");
}

std::int64_t CocoFile::annotation_number(std::int64_t id) const {
  return number_of(annotation_numbers_, id, path() + ": no annotation with the id");
}

Rle CocoFile::mask(std::int64_t annotation) const {
  const ImageRow& image = images_[std::size_t(annotations_[std::size_t(annotation)].image)];
  return as_data_error([&] {
    return mask_of(elements_.element("annotations", annotation).at("segmentation"), image.height,
                   image.width);
  });
}

Region CocoFile::region(std::int64_t annotation) const {
  const AnnotationRow& row = annotations_[std::size_t(annotation)];
  Region region{.mask = mask(annotation),
                .source = Json::object({{"ann_id", row.id}, {"category_id", row.category}})};
  if (row.crowd) region.source.set("iscrowd", 1);
  return region;
}

}  // namespace uls
