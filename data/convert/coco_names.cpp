// SPDX-License-Identifier: Apache-2.0
#include "data/convert/coco_names.h"

#include <algorithm>
#include <array>
#include <sstream>

namespace uls {
namespace {

constexpr std::int32_t kThings = 91;  // values below are things, 80 of them in use
constexpr std::array<std::int32_t, 11> kUnused{11, 25, 28, 29, 44, 65, 67, 68, 70, 82, 90};

// In the order of the values; an underscore is a blank.
constexpr const char* kNames =
    "person bicycle car motorcycle airplane bus train truck boat traffic_light fire_hydrant "
    "street_sign stop_sign parking_meter bench bird cat dog horse sheep cow elephant bear zebra "
    "giraffe hat backpack umbrella shoe eye_glasses handbag tie suitcase frisbee skis snowboard "
    "sports_ball kite baseball_bat baseball_glove skateboard surfboard tennis_racket bottle plate "
    "wine_glass cup fork knife spoon bowl banana apple sandwich orange broccoli carrot hot_dog pizza "
    "donut cake chair couch potted_plant bed mirror dining_table window desk toilet door tv laptop "
    "mouse remote keyboard cell_phone microwave oven toaster sink refrigerator blender book clock vase "
    "scissors teddy_bear hair_drier toothbrush hair_brush banner blanket branch bridge building-other "
    "bush cabinet cage cardboard carpet ceiling-other ceiling-tile cloth clothes clouds counter "
    "cupboard curtain desk-stuff dirt door-stuff fence floor-marble floor-other floor-stone floor-tile "
    "floor-wood flower fog food-other fruit furniture-other grass gravel ground-other hill house "
    "leaves light mat metal mirror-stuff moss mountain mud napkin net paper pavement pillow "
    "plant-other plastic platform playingfield railing railroad river road rock roof rug salad sand "
    "sea shelf sky-other skyscraper snow solid-other stairs stone straw structural-other table tent "
    "textile-other towel tree vegetable wall-brick wall-concrete wall-other wall-panel wall-stone "
    "wall-tile wall-wood water-other waterdrops window-blind window-other wood";

bool is_used(std::int32_t value) { return std::ranges::find(kUnused, value) == kUnused.end(); }

}  // namespace

ClassList coco_stuff_classes() {
  ClassList classes{.ignore = 255};
  std::istringstream words(kNames);
  std::int32_t value = 0;
  for (std::string name; words >> name; ++value) {
    if (!is_used(value)) continue;
    std::ranges::replace(name, '_', ' ');
    classes.names.push_back(name);
    classes.values.push_back(value);
  }
  return classes;
}

const std::vector<std::string>& coco_things() {
  static const std::vector<std::string> names = [] {
    const ClassList all = coco_stuff_classes();
    const auto end = std::ranges::lower_bound(all.values, kThings) - all.values.begin();
    return std::vector<std::string>(all.names.begin(), all.names.begin() + end);
  }();
  return names;
}

std::vector<std::string> spoken_stuff_names(const ClassList& classes) {
  std::vector<std::string> names = classes.names;
  for (std::string& name : names) {
    for (const char* ending : {"-other", "-stuff"})
      if (name.ends_with(ending)) name.resize(name.size() - 6);
    std::ranges::replace(name, '-', ' ');
  }
  return names;
}

}  // namespace uls
