// SPDX-License-Identifier: Apache-2.0
// RefCOCO, RefCOCO+, RefCOCOg and gRefCOCO: SET/refs(unc).p beside SET/instances.json, pictures of COCO
// train2014. A sample is an image with all refs of one split; a target is a ref with all its sentences.
#include <algorithm>
#include <map>
#include <unordered_map>
#include <unordered_set>

#include "core/base/log.h"
#include "core/base/strings.h"
#include "core/io/at_place.h"
#include "data/convert/coco_file.h"
#include "data/convert/label_regions.h"
#include "data/convert/refs_file.h"
#include "data/convert/source_files.h"
#include "data/convert/sources.h"

namespace uls {
namespace {

// A set of the family, and who cut it into splits; the first is the standard.
struct ReferSet {
  std::string folder, title;
  std::vector<std::string> variants;
  std::string stem = "refs";
};

const std::vector<ReferSet>& refer_sets() {
  static const std::vector<ReferSet> sets{{"refcoco", "RefCOCO", {"unc", "google"}},
                                          {"refcoco+", "RefCOCO+", {"unc"}},
                                          {"refcocog", "RefCOCOg", {"umd", "google"}},
                                          {"grefcoco", "gRefCOCO", {"unc"}, "grefs"}};
  return sets;
}

std::string refs_path(const std::string& root, const ReferSet& set, const std::string& variant) {
  const std::string path = joined_path(root, fmt::format("{}/{}({})", set.folder, set.stem, variant));
  return set.folder == "grefcoco" && is_file(path + ".json") ? path + ".json" : path + ".p";
}

// "testAB" counts for both "testA" and "testB".
std::vector<std::string> splits_of(const std::string& split) {
  const std::string letters = split.starts_with("test") ? split.substr(4) : "";
  if (letters.size() < 2 || letters.find_first_not_of("ABC") != std::string::npos) return {split};
  std::vector<std::string> splits;
  for (const char letter : letters) splits.push_back(std::string("test") + letter);
  return splits;
}

// The loader's rule: "test" stands for all that contain it.
bool is_wanted(const std::string& split, const std::string& wanted) {
  return wanted.empty() || split == wanted || (wanted == "test" && split.find("test") != std::string::npos);
}

class Refer : public Source {
 public:
  Refer(const SourceOptions& options, const ReferSet& set)
      : set_(set),
        root_(absolute_path(options.root)),
        variant_(extra_choice(options, "split_by", set.variants)),
        images_(find_folder(root_, images_folders(options))),
        instances_(joined_path(root_, set.folder + "/instances.json")),
        refs_(read_refs(refs_path(root_, set, variant_))) {
    if (extra_flag(options, "leak_free")) drop_leaks();
    group(options.split);
    ULS_CHECK(!groups_.empty(), "{}: --split: no refs of this split; got '{}'", set.folder, options.split);
  }

  Manifest manifest() const override {
    return {.name = set_.title,
            .source = fmt::format("{} ({}){}", set_.folder, variant_, leaks_),
            .licence = "images: Flickr terms",
            .images = images_};
  }
  std::int64_t size() const override { return std::int64_t(groups_.size()); }

  Sample sample(std::int64_t index) const override {
    const Group& group = groups_[std::size_t(index)];
    const CocoFile::ImageRow& image = instances_.images()[std::size_t(group.image)];
    Sample sample =
        image_sample(images_, fmt::format("{}/{}", group.split, image.id), image.name, group.split);
    check_same_size(sample, image.height, image.width,
                    fmt::format("{}: image {}", instances_.path(), image.id));
    sample.source = Json::object({{"image_id", image.id}});
    std::unordered_map<std::int64_t, std::int32_t> regions;  // of annotations
    for (const std::int64_t number : group.refs) {
      const Ref& ref = refs_[std::size_t(number)];
      Target target{.id = fmt::format("{}/{}", group.split, ref.id), .texts = ref.sentences};
      Json ids = Json::array();
      for (const std::int64_t id : ref.sentence_ids) ids.push_back(id);
      target.source = Json::object({{"ref_id", ref.id}, {"sent_ids", std::move(ids)}});
      for (const std::int64_t id : ref.annotations)
        at_place(fmt::format("ref {}", ref.id),
                 [&] { add_region(sample, target, id, group.image, regions); });
      sample.targets.push_back(std::move(target));
    }
    return sample;
  }

  std::map<std::string, PublishedCount> published() const override {
    if (!leaks_.empty()) return {};
    static const std::map<std::string, std::map<std::string, PublishedCount>> known{
        {"refcoco unc",
         {{"train", {42404, true}}, {"val", {3811, true}}, {"testA", {1975, true}}, {"testB", {1810, true}}}},
        {"refcoco+ unc",
         {{"train", {42278, true}}, {"val", {3805, true}}, {"testA", {1975, true}}, {"testB", {1798, true}}}},
        {"refcocog umd", {{"train", {42226, true}}, {"val", {2573, true}}, {"test", {5023, true}}}},
        {"refcocog google", {{"train", {44822, true}}, {"val", {5000, true}}}}};
    const auto found = known.find(set_.folder + " " + variant_);
    return found == known.end() ? std::map<std::string, PublishedCount>() : found->second;
  }

 private:
  struct Group {
    std::int64_t image;  // its number in the instances
    std::string split;
    std::vector<std::int64_t> refs;  // numbers
  };

  static std::vector<std::string> images_folders(const SourceOptions& options) {
    const std::string given = extra_option(options, "images", "");
    if (!given.empty()) return {absolute_path(given)};
    return {"images/mscoco/images/train2014", "images/train2014", "train2014"};
  }

  void add_region(Sample& sample, Target& target, std::int64_t annotation, std::int64_t image,
                  std::unordered_map<std::int64_t, std::int32_t>& regions) const {
    const std::int64_t number = instances_.annotation_number(annotation);
    const CocoFile::AnnotationRow& row = instances_.annotations()[std::size_t(number)];
    ULS_CHECK(row.image == image, "{}: annotation {} lies on another image; got {}; expected {}",
              instances_.path(), annotation, instances_.images()[std::size_t(row.image)].id,
              instances_.images()[std::size_t(image)].id);
    if (row.crowd && set_.folder == "grefcoco") return;  // as its loader does
    const auto [place, is_new] = regions.emplace(number, std::int32_t(sample.regions.size()));
    if (is_new) sample.regions.push_back(instances_.region(number));
    if (std::ranges::find(target.regions, place->second) == target.regions.end())
      target.regions.push_back(place->second);
  }

  // Training refs whose image is in a val or test split of any set of the family that is there.
  void drop_leaks() {
    std::unordered_set<std::int64_t> held_out;
    std::vector<std::string> names;
    for (const ReferSet& set : refer_sets())
      for (const std::string& variant : set.variants) {
        const std::string path = refs_path(root_, set, variant);
        if (!is_file(path)) continue;
        names.push_back(fmt::format("{} ({})", set.folder, variant));
        for (const Ref& ref : read_refs(path))
          if (ref.split != "train") held_out.insert(ref.image_id);
      }
    const std::size_t before = refs_.size();
    std::erase_if(refs_,
                  [&](const Ref& ref) { return ref.split == "train" && held_out.contains(ref.image_id); });
    leaks_ = ", train without images of val and test of " + join(names, ", ");
    log_info("{}: {} of {} refs left out: their images are in val or test of {}", set_.folder,
             before - refs_.size(), before, join(names, ", "));
  }

  void group(const std::string& wanted) {
    std::map<std::pair<std::int64_t, std::string>, std::size_t> places;
    for (std::size_t i = 0; i < refs_.size(); ++i)
      for (const std::string& split : splits_of(refs_[i].split)) {
        if (!is_wanted(split, wanted)) continue;
        const std::int64_t image = at_place(fmt::format("ref {}", refs_[i].id),
                                            [&] { return instances_.image_number(refs_[i].image_id); });
        const auto [place, is_new] = places.emplace(std::pair(image, split), groups_.size());
        if (is_new) groups_.push_back({image, split, {}});
        groups_[place->second].refs.push_back(std::int64_t(i));
      }
  }

  const ReferSet& set_;
  std::string root_, variant_, images_, leaks_;
  CocoFile instances_;
  std::vector<Ref> refs_;
  std::vector<Group> groups_;
};

template <int number>
SourceKind refer_source(const char* name) {
  const ReferSet& set = refer_sets()[number];
  return {
      .name = name,
      .summary = fmt::format("{}: {}/{}({}).{} and instances.json", set.title, set.folder, set.stem,
                             join(set.variants, " or "), number == 3 ? "json" : "p"),
      .extras = {{"split_by", join(set.variants, " or ") + "; the first is the standard"},
                 {"leak_free", "true: no training image that is in val or test of any set under the root"},
                 {"images", "COCO train2014 (images/mscoco/images/train2014, images/train2014, train2014)"}},
      .open = [](const SourceOptions& options) -> std::unique_ptr<Source> {
        return std::make_unique<Refer>(options, refer_sets()[number]);
      }};
}

}  // namespace

SourceKind refcoco_source() { return refer_source<0>("refcoco"); }
SourceKind refcoco_plus_source() { return refer_source<1>("refcoco+"); }
SourceKind refcocog_source() { return refer_source<2>("refcocog"); }
SourceKind grefcoco_source() { return refer_source<3>("grefcoco"); }

}  // namespace uls
