// SPDX-License-Identifier: Apache-2.0
// Masks against a second rasterisation, sentences against a second reading, and the levels' rules counted.
#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <map>
#include <set>

#include "data/scenes/scene.h"
#include "tests/data/scenes/scene_reading.h"

using namespace uls;

namespace {

struct Point {
  double x, y;
};
using Polygon = std::vector<Point>;

constexpr double kTurn = 6.283185307179586;

Point around(const SceneObject& object, double distance, double angle) {
  return {object.x + distance * std::cos(angle), object.y + distance * std::sin(angle)};
}

// Corners in order: the even ones of a star stick out.
Polygon body_polygon(const SceneObject& object) {
  Polygon corners;
  const double top = object.rotation - kTurn / 4;
  if (object.shape == SceneShape::square)
    for (int k = 0; k < 4; ++k)
      corners.push_back(around(object, 1.2 * object.radius, top + kTurn * (k + 0.5) / 4));
  if (object.shape == SceneShape::triangle)
    for (int k = 0; k < 3; ++k) corners.push_back(around(object, 1.3 * object.radius, top + kTurn * k / 3));
  const double golden = (1 + std::sqrt(5.0)) / 2;
  if (object.shape == SceneShape::star)
    for (int k = 0; k < 10; ++k)
      corners.push_back(
          around(object, 1.35 * object.radius / (k % 2 ? golden * golden : 1), top + kTurn * k / 10));
  return corners;
}

Polygon handle_polygon(const SceneObject& object) {
  const SceneHandle& handle = *object.handle;
  const double c = std::cos(handle.angle), s = std::sin(handle.angle);
  const auto at = [&](double along, double across) {
    return Point{object.x + along * c - across * s, object.y + along * s + across * c};
  };
  return {at(0, -handle.half_width), at(handle.reach, -handle.half_width),
          at(handle.reach, handle.half_width), at(0, handle.half_width)};
}

bool inside(const Polygon& corners, double x, double y) {
  bool odd = false;
  for (std::size_t i = 0, j = corners.size() - 1; i < corners.size(); j = i++) {
    const Point &a = corners[i], &b = corners[j];
    if ((a.y > y) != (b.y > y) && x < (b.x - a.x) * (y - a.y) / (b.y - a.y) + a.x) odd = !odd;
  }
  return odd;
}

bool in_body(const SceneObject& object, double x, double y) {
  if (object.shape == SceneShape::circle) return std::hypot(x - object.x, y - object.y) <= object.radius;
  return inside(body_polygon(object), x, y);
}

// Which object a pixel shows, and whether its handle: the last one that holds the centre.
std::pair<int, bool> seen_at(const std::vector<SceneObject>& objects, double x, double y) {
  for (int i = int(objects.size()) - 1; i >= 0; --i) {
    const SceneObject& object = objects[std::size_t(i)];
    if (in_body(object, x, y)) return {i, false};
    if (object.handle && inside(handle_polygon(object), x, y)) return {i, true};
  }
  return {-1, false};
}

void check_masks(const Scene& scene) {
  const std::int64_t side = scene.sample.width;
  std::vector<std::vector<std::uint8_t>> whole(scene.objects.size()), handle(scene.objects.size());
  for (auto* masks : {&whole, &handle})
    for (auto& mask : *masks) mask.resize(std::size_t(side * side));
  for (std::int64_t i = 0; i < side; ++i)
    for (std::int64_t j = 0; j < side; ++j) {
      const auto [object, is_handle] = seen_at(scene.objects, double(j) + 0.5, double(i) + 0.5);
      if (object < 0) continue;
      whole[std::size_t(object)][std::size_t(i * side + j)] = 1;
      handle[std::size_t(object)][std::size_t(i * side + j)] = is_handle;
    }
  std::size_t region = 0;
  for (std::size_t i = 0; i < whole.size(); ++i, ++region) {
    CHECK(decode_mask(scene.sample.regions.at(region).mask) == whole[i]);
    CHECK(scene.objects[i].area == std::ranges::count(whole[i], 1));
  }
  for (std::size_t i = 0; i < handle.size(); ++i) {
    CHECK(scene.objects[i].handle_area == std::ranges::count(handle[i], 1));
    if (scene.objects[i].handle_area > 0)
      CHECK(decode_mask(scene.sample.regions.at(region++).mask) == handle[i]);
  }
  CHECK(region == scene.sample.regions.size());
}

// The objects of a target's regions, by what the regions say of themselves.
std::vector<int> objects_of(const Sample& sample, const Target& target, bool handles) {
  std::vector<int> objects;
  for (const std::int32_t r : target.regions) {
    const Json& source = sample.regions.at(std::size_t(r)).source;
    CHECK((source.find("part") != nullptr) == handles);
    objects.push_back(int(source.at("object").as_int64()));
  }
  return objects;
}

void check_sentences(const Scene& scene) {
  const std::vector<SceneObject>& objects = scene.objects;
  for (const Target& target : scene.sample.targets) {
    const auto meant = objects_of(scene.sample, target, target.task == Task::part);
    REQUIRE_FALSE(target.texts.empty());
    for (const std::string& text : target.texts) {
      INFO(target.id << ": " << text);
      if (target.task == Task::salient) {
        CHECK(text == "the most salient object");
        REQUIRE(meant.size() == 1);
        for (int i = 0; i < int(objects.size()); ++i)
          if (i != meant[0])
            CHECK(double(objects[std::size_t(meant[0])].area) >= 1.35 * double(objects[std::size_t(i)].area));
        continue;
      }
      const auto reading = test::read_sentence(text, objects);
      CHECK(reading.understood);
      CHECK(reading.objects == meant);
      CHECK(reading.all == (target.task == Task::semantic || target.task == Task::open_vocabulary));
      CHECK(reading.handle == (target.task == Task::part));
      CHECK(reading.margin >= 0.08 * double(scene.sample.width));
      CHECK(reading.all == (target.granularity == Granularity::coarse));
      if (!reading.all) CHECK(meant.size() == 1);
    }
  }
}

const std::vector<SceneOptions> kEvery{
    {.level = SceneLevel::easy, .seed = 3},
    {.level = SceneLevel::easy, .seed = 3, .split = SceneSplit::val, .plain = true},
    {.level = SceneLevel::hard, .seed = 4},
    {.level = SceneLevel::hard, .size = 131, .seed = 5, .split = SceneSplit::held_out},
};

}  // namespace

TEST_CASE("scenes: masks are the visible pixels of their objects") {
  for (const SceneOptions& options : kEvery)
    for (std::uint64_t i = 0; i < 25; ++i) check_masks(make_scene(options, i));
  for (const Scene& frame : make_clip(kEvery[2], 1)) check_masks(frame);
}

TEST_CASE("scenes: every sentence is true and beyond doubt") {
  for (const SceneOptions& options : kEvery) {
    for (std::uint64_t i = 0; i < 300; ++i) check_sentences(make_scene(options, i));
    for (std::uint64_t i = 0; i < 20; ++i)
      for (const Scene& frame : make_clip(options, i)) check_sentences(frame);
  }
}

TEST_CASE(
    "scenes: the shapes' sentences make a label map, and the salient object is named where there is one") {
  for (const SceneOptions& options : kEvery)
    for (std::uint64_t i = 0; i < 100; ++i) {
      const Scene scene = make_scene(options, i);
      std::set<int> there, named;
      std::vector<double> areas;
      for (const SceneObject& object : scene.objects) {
        there.insert(int(object.shape));
        areas.push_back(double(object.area));
      }
      int salient = 0;
      for (const Target& target : scene.sample.targets) {
        if (target.category >= 0) {
          CHECK((target.task == Task::semantic && target.kind == "shape"));
          named.insert(target.category);
        }
        salient += target.task == Task::salient;
      }
      CHECK(named == there);
      std::ranges::sort(areas, std::greater<>());
      CHECK(salient == (areas[0] >= 1.35 * areas[1]));
    }
}

TEST_CASE("scenes: what a level holds") {
  for (const SceneOptions& options : kEvery) {
    const bool easy = options.level == SceneLevel::easy;
    std::set<int> shapes, colours;
    std::map<std::size_t, int> counts;
    for (std::uint64_t i = 0; i < 300; ++i) {
      const Scene scene = make_scene(options, i);
      CHECK(scene.image.height == (options.size ? options.size : easy ? 64 : 96));
      CHECK(scene.image.pixels.size() == std::size_t(3 * scene.sample.width * scene.sample.height));
      ++counts[scene.objects.size()];
      for (const SceneObject& object : scene.objects) {
        shapes.insert(int(object.shape));
        colours.insert(int(object.colour));
        const double scale = double(scene.sample.width) / (easy ? 64 : 96);
        const bool large = object.size == SceneSize::large;
        if (easy) {
          CHECK(object.radius >= (large ? 10.7 : 6.7) * scale);
          CHECK(object.radius <= (large ? 12.7 : 8.0) * scale);
          CHECK(object.texture == SceneTexture::plain);
        }
      }
    }
    CHECK(counts.begin()->first == (easy ? 2 : 4));
    CHECK(counts.rbegin()->first == (easy ? 4 : 8));
    CHECK(shapes.size() == (easy ? 3 : 4));
    CHECK(colours.size() == (easy ? 4 : 6));
  }
}

TEST_CASE("scenes: in 60 % of the hard level's referring samples another object has the referred shape") {
  int samples = 0, crowded = 0;
  for (std::uint64_t i = 0; i < 1000; ++i) {
    const Scene scene = make_scene({.level = SceneLevel::hard, .seed = 8}, i);
    for (const Target& target : scene.sample.targets) {
      if (target.task != Task::referring) continue;
      const SceneShape shape = scene.objects[std::size_t(target.regions[0])].shape;
      ++samples;
      crowded += std::ranges::count(scene.objects, shape, &SceneObject::shape) >= 2;
    }
  }
  INFO(double(crowded) / samples);
  CHECK(samples > 3000);
  CHECK(crowded >= 0.6 * samples);
}

TEST_CASE("scenes: held-out pairs occur in the held-out split alone, whose sentences are about them") {
  std::set<SceneColour> colours;
  std::set<SceneShape> shapes;
  for (int c = 0; c < kSceneColours; ++c)
    for (int s = 0; s < kSceneShapes; ++s)
      if (is_held_out(SceneColour(c), SceneShape(s))) {
        colours.insert(SceneColour(c));
        shapes.insert(SceneShape(s));
      }
  CHECK(colours.size() == kSceneColours);
  CHECK(shapes.size() == kSceneShapes);
  const auto held_out = [](const SceneObject& object) { return is_held_out(object.colour, object.shape); };
  for (const SceneSplit split : {SceneSplit::train, SceneSplit::val, SceneSplit::held_out}) {
    const SceneOptions options{.level = SceneLevel::hard, .seed = 9, .split = split};
    std::int64_t found = 0, pairs = 0;
    for (std::uint64_t i = 0; i < 500; ++i) {
      const Scene scene = make_scene(options, i);
      found += std::ranges::count_if(scene.objects, held_out);
      if (i < 50) {
        const auto frames = make_clip(options, i);
        found += std::ranges::count_if(frames[0].objects, held_out);
      }
      if (split != SceneSplit::held_out) continue;
      CHECK(std::ranges::any_of(scene.objects, held_out));
      for (const Target& target : scene.sample.targets)
        if (target.task == Task::referring || target.task == Task::part || target.kind == "pair") {
          const auto object = objects_of(scene.sample, target, target.task == Task::part)[0];
          CHECK(held_out(scene.objects[std::size_t(object)]));
          pairs += target.kind == "pair";
        }
    }
    CHECK((found > 0) == (split == SceneSplit::held_out));
    CHECK((pairs >= 500) == (split == SceneSplit::held_out));
  }
}

TEST_CASE("scenes: clips move, keep their sentences, and their objects never vanish") {
  for (const SceneOptions& options : {kEvery[0], kEvery[2]})
    for (std::uint64_t i = 0; i < 20; ++i) {
      const auto frames = make_clip(options, i);
      REQUIRE(std::int64_t(frames.size()) == kClipFrames);
      for (std::size_t f = 0; f < frames.size(); ++f) {
        const Sample& sample = frames[f].sample;
        CHECK(sample.video == frames[0].sample.video);
        CHECK(sample.frame == std::int64_t(f));
        REQUIRE(sample.targets.size() == frames[0].sample.targets.size());
        for (std::size_t t = 0; t < sample.targets.size(); ++t) {
          CHECK(sample.targets[t].task == Task::video);
          CHECK(sample.targets[t].texts == frames[0].sample.targets[t].texts);
        }
        for (std::size_t o = 0; o < frames[f].objects.size(); ++o) {
          const SceneObject &now = frames[f].objects[o], &first = frames[0].objects[o];
          CHECK(now.area > 0);
          const double way = double(f) * first.speed, tolerance = 1e-9;
          const double dx = now.x - first.x, dy = now.y - first.y;
          switch (first.motion) {
            case SceneMotion::still:
              CHECK((dx == 0 && dy == 0));
              break;
            case SceneMotion::left:
              CHECK((std::abs(dx + way) < tolerance && dy == 0));
              break;
            case SceneMotion::right:
              CHECK((std::abs(dx - way) < tolerance && dy == 0));
              break;
            case SceneMotion::up:
              CHECK((std::abs(dy + way) < tolerance && dx == 0));
              break;
            case SceneMotion::down:
              CHECK((std::abs(dy - way) < tolerance && dx == 0));
              break;
          }
        }
      }
    }
}

TEST_CASE("scenes: plain sentences are some of all, about the same pictures") {
  for (std::uint64_t i = 0; i < 50; ++i) {
    const Scene all = make_scene({.seed = 6}, i), plain = make_scene({.seed = 6, .plain = true}, i);
    CHECK(all.image.pixels == plain.image.pixels);
    std::vector<std::string> left;
    for (const Target& target : all.sample.targets)
      if (target.kind != "position" && target.kind != "relation") left.push_back(target.texts[0]);
    std::vector<std::string> kept;
    for (const Target& target : plain.sample.targets)
      if (target.kind != "position") kept.push_back(target.texts[0]);
    CHECK(kept == left);
  }
}
