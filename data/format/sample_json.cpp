// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <utility>

#include "data/format/data_error.h"
#include "data/format/json_members.h"
#include "data/format/sample.h"

namespace uls {
namespace {

Json mask_json(const Rle& mask) {
  return Json::object(
      {{"size", Json::array({mask.height, mask.width})}, {"counts", compressed_counts(mask)}});
}

// Height and width.
std::array<std::int64_t, 2> read_size(const Json& json) {
  ULS_CHECK(json.items().size() == 2, "{}: wrong size; got {} numbers; expected height and width",
            json.where(), json.items().size());
  return {json[0].as_int64(), json[1].as_int64()};
}

Rle read_mask(const Json& json) {
  check_members(json, {"size", "counts"});
  const auto [height, width] = read_size(json.at("size"));
  const Json& counts = json.at("counts");
  if (counts.is_string()) return parse_compressed_counts(counts.as_string(), height, width, counts.where());
  return checked_rle(read_list(counts,
                               [](const Json& item) {
                                 const std::int64_t count = item.as_int64();
                                 ULS_CHECK(count >= 0 && count <= kMostPixels,
                                           "{}: count out of range; got {}; expected 0 to {}", item.where(),
                                           count, kMostPixels);
                                 return std::uint32_t(count);
                               }),
                     height, width, counts.where());
}

void add_source(Json& json, const Json& source) {
  if (!source.is_null()) json.set("source", source);
}

Json read_source(const Json& json) {
  const Json* source = json.find("source");
  return source ? as_object(*source) : Json();
}

Json region_json(const Region& region) {
  Json json = Json::object();
  if (region.png.empty())
    json.set("rle", mask_json(region.mask));
  else
    json.set("png", region.png);
  add_source(json, region.source);
  return json;
}

Region read_region(const Json& json) {
  check_members(json, {"rle", "png", "source"});
  const Json* rle = json.find("rle");
  const Json* png = json.find("png");
  ULS_CHECK(!rle != !png, "{}: wrong region; expected either 'rle' or 'png'", json.where());
  Region region;
  if (rle)
    region.mask = read_mask(*rle);
  else
    region.png = png->as_string();
  ULS_CHECK(rle || !region.png.empty(), "{}: the PNG's name is empty", png->where());
  region.source = read_source(json);
  return region;
}

Json target_json(const Target& target) {
  Json json = Json::object({{"id", target.id},
                            {"texts", json_list(target.texts)},
                            {"regions", json_list(target.regions)},
                            {"task", to_string(target.task)},
                            {"granularity", to_string(target.granularity)}});
  if (target.category >= 0) json.set("category", target.category);
  if (!target.kind.empty()) json.set("kind", target.kind);
  if (target.score) json.set("score", *target.score);
  add_source(json, target.source);
  return json;
}

// parse(text), whose Errors lack the place.
template <typename Parse>
auto parse_at(const Json& json, Parse&& parse) {
  try {
    return parse(json.as_string());
  } catch (const Error& error) {
    fail("{}: {}", json.where(), error.what());
  }
}

Target read_target(const Json& json) {
  check_members(json,
                {"id", "texts", "regions", "task", "granularity", "category", "kind", "score", "source"});
  Target target;
  target.id = json.at("id").as_string();
  target.texts = read_texts(json.at("texts"));
  target.regions = read_int32s(json.at("regions"));
  target.task = parse_at(json.at("task"), parse_task);
  target.granularity = parse_at(json.at("granularity"), parse_granularity);
  if (const Json* category = json.find("category")) {
    target.category = as_int32(*category);
    ULS_CHECK(target.category >= 0, "{}: wrong category; got {}; expected 0 or more", category->where(),
              target.category);
  }
  if (const Json* kind = json.find("kind")) target.kind = kind->as_string();
  if (const Json* score = json.find("score")) target.score = score->as_double();
  target.source = read_source(json);
  return target;
}

}  // namespace

Json to_json(const Sample& sample) {
  Json json = Json::object({{"id", sample.id},
                            {"image", sample.image},
                            {"size", Json::array({sample.height, sample.width})},
                            {"split", sample.split}});
  if (!sample.video.empty()) {
    json.set("video", sample.video);
    json.set("frame", sample.frame);
  }
  Json regions = Json::array(), targets = Json::array();
  for (const Region& region : sample.regions) regions.push_back(region_json(region));
  for (const Target& target : sample.targets) targets.push_back(target_json(target));
  json.set("regions", std::move(regions));
  json.set("targets", std::move(targets));
  if (sample.ignore) json.set("ignore", mask_json(*sample.ignore));
  add_source(json, sample.source);
  return json;
}

Sample sample_from_json(const Json& json) {
  return as_data_error([&] {
    check_members(
        json, {"id", "image", "size", "split", "video", "frame", "regions", "targets", "ignore", "source"});
    Sample sample;
    sample.id = json.at("id").as_string();
    sample.image = json.at("image").as_string();
    const auto [height, width] = read_size(json.at("size"));
    sample.height = height;
    sample.width = width;
    sample.split = json.at("split").as_string();
    if (const Json* video = json.find("video")) sample.video = video->as_string();
    if (const Json* frame = json.find("frame")) sample.frame = frame->as_int64();
    sample.regions = read_list(json.at("regions"), read_region);
    sample.targets = read_list(json.at("targets"), read_target);
    if (const Json* ignore = json.find("ignore")) sample.ignore = read_mask(*ignore);
    sample.source = read_source(json);
    check_sample(sample, json.where());
    return sample;
  });
}

}  // namespace uls
