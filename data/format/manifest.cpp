// SPDX-License-Identifier: Apache-2.0
#include "data/format/manifest.h"

#include <set>

#include "core/io/foreign_text.h"
#include "data/format/data_error.h"
#include "data/format/json_members.h"

namespace uls {
namespace {

constexpr const char* kFormat = "unilseg";
constexpr std::int32_t kLargestLabel = 65535;

Json counts_json(const std::map<std::string, std::int64_t>& counts) {
  Json json = Json::object();
  for (const auto& [split, count] : counts) json.set(split, count);
  return json;
}

std::map<std::string, std::int64_t> read_counts(const Json& json) {
  std::map<std::string, std::int64_t> counts;
  for (const auto& [split, count] : json.members()) {
    ULS_CHECK(count.as_int64() >= 0, "{}: wrong count; got {}; expected 0 or more", count.where(),
              count.as_int64());
    counts[split] = count.as_int64();
  }
  return counts;
}

Json class_list_json(const ClassList& list) {
  return Json::object({{"names", json_list(list.names)},
                       {"values", json_list(list.values)},
                       {"ignore", list.ignore},
                       {"background", list.background}});
}

void check_class_list(const ClassList& list, const std::string& where) {
  ULS_CHECK(list.names.size() == list.values.size(),
            "{}: as many names as values are needed; got {} and {}; expected a value for each class", where,
            list.names.size(), list.values.size());
  std::set<std::int32_t> seen{list.ignore};
  const auto check = [&](std::int32_t value, const std::string& name) {
    ULS_CHECK(value >= 0 && value <= kLargestLabel, "{}: wrong value of {}; got {}; expected 0 to {}", where,
              name, value, kLargestLabel);
    ULS_CHECK(seen.insert(value).second, "{}: value {} of {} has another meaning already", where, value,
              name);
  };
  ULS_CHECK(list.ignore >= 0 && list.ignore <= kLargestLabel,
            "{}: wrong value of ignored pixels; got {}; expected 0 to {}", where, list.ignore, kLargestLabel);
  if (list.background != -1) check(list.background, "the background");
  for (std::size_t i = 0; i < list.names.size(); ++i) {
    ULS_CHECK(!list.names[i].empty(), "{}: class {} has no name", where, i);
    check(list.values[i], shown(list.names[i]));
  }
}

ClassList read_class_list(const Json& json) {
  check_members(json, {"names", "values", "ignore", "background"});
  return {.names = read_texts(json.at("names")),
          .values = read_int32s(json.at("values")),
          .ignore = as_int32(json.at("ignore")),
          .background = as_int32(json.at("background"))};
}

}  // namespace

void check_manifest(const Manifest& manifest, const std::string& where) {
  ULS_CHECK(!manifest.name.empty(), "{}: the set has no name", where);
  for (const auto& [task, list] : manifest.class_lists)
    check_class_list(list, fmt::format("{}: classes of {}", where, to_string(task)));
}

std::string class_name(const Target& target, const Manifest& manifest) {
  const auto list = manifest.class_lists.find(target.task);
  if (target.category < 0 || list == manifest.class_lists.end()) return "";
  return list->second.names.at(std::size_t(target.category));
}

void check_category(const Target& target, const Manifest& manifest, const std::string& where) {
  if (target.category < 0) return;
  const auto list = manifest.class_lists.find(target.task);
  const std::int64_t classes =
      list == manifest.class_lists.end() ? 0 : std::int64_t(list->second.names.size());
  ULS_CHECK(target.category < classes, "{}: no category {}; the manifest has {} classes of {}", where,
            target.category, classes, to_string(target.task));
}

Json to_json(const Manifest& manifest) {
  Json lists = Json::object();
  for (const auto& [task, list] : manifest.class_lists) lists.set(to_string(task), class_list_json(list));
  return Json::object({{"format", kFormat},
                       {"version", Manifest::kVersion},
                       {"name", manifest.name},
                       {"source", manifest.source},
                       {"licence", manifest.licence},
                       {"images", manifest.images},
                       {"class_lists", lists},
                       {"samples", counts_json(manifest.samples)},
                       {"targets", counts_json(manifest.targets)}});
}

Manifest manifest_from_json(const Json& json) {
  return as_data_error([&] {
    // Before everything else: another version may have other members.
    const Json* format = json.find("format");
    ULS_CHECK(format && *format == Json(kFormat),
              "{}: no manifest of this format; expected \"format\": \"{}\"", json.where(), kFormat);
    const std::int64_t version = json.at("version").as_int64();
    ULS_CHECK(version == Manifest::kVersion, "{}: another version of the format; got {}; expected {}",
              json.at("version").where(), version, Manifest::kVersion);
    check_members(json, {"format", "version", "name", "source", "licence", "images", "class_lists", "samples",
                         "targets"});
    Manifest manifest{.name = json.at("name").as_string(),
                      .source = json.at("source").as_string(),
                      .licence = json.at("licence").as_string(),
                      .images = json.at("images").as_string(),
                      .samples = read_counts(json.at("samples")),
                      .targets = read_counts(json.at("targets"))};
    for (const auto& [task, list] : json.at("class_lists").members())
      manifest.class_lists[parse_task(task)] = read_class_list(list);
    check_manifest(manifest, json.where());
    return manifest;
  });
}

Manifest read_manifest(const std::string& path) {
  return as_data_error([&] { return manifest_from_json(read_json_file(path)); });
}

}  // namespace uls
