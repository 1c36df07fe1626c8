// SPDX-License-Identifier: Apache-2.0
#include "data/scenes/scene_picture.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "data/scenes/scene_geometry.h"

namespace uls {
namespace {

using Rgb = std::array<float, 3>;

constexpr std::array<Rgb, kSceneColours> kPalette{
    {{214, 48, 48}, {46, 166, 68}, {52, 94, 214}, {236, 208, 52}, {146, 66, 182}, {240, 134, 40}}};
constexpr Rgb kHandle{104, 68, 42};
constexpr float kNoise = 9;

// The pixels that an object can reach.
struct Window {
  std::int64_t x0, y0, x1, y1;
  Window(const SceneObject& object, double reach, std::int64_t size)
      : x0(std::max<std::int64_t>(0, std::int64_t(std::floor(object.x - reach - 1)))),
        y0(std::max<std::int64_t>(0, std::int64_t(std::floor(object.y - reach - 1)))),
        x1(std::min(size, std::int64_t(std::ceil(object.x + reach + 1)))),
        y1(std::min(size, std::int64_t(std::ceil(object.y + reach + 1)))) {}
};

template <typename Fn>
void for_each_pixel(const SceneObject& object, std::int64_t size, Fn&& fn) {
  const SceneOutline outline(object);
  const Window window(object, outline.reach(), size);
  for (std::int64_t i = window.y0; i < window.y1; ++i)
    for (std::int64_t j = window.x0; j < window.x1; ++j) {
      const double x = double(j) + 0.5, y = double(i) + 0.5;
      fn(i * size + j, x, y, outline.body(x, y), outline.handle(x, y));
    }
}

// A grid of soft colours between black and white, none of them near an object's.
void paint_ground(std::vector<Rgb>& picture, std::int64_t size, SceneDraws& draws) {
  constexpr int kCells = 4;
  Rgb base{};
  const float grey = float(draws.between(70, 150));
  for (float& channel : base) channel = grey + float(draws.between(-14, 14));
  std::array<std::array<Rgb, kCells + 1>, kCells + 1> grid{};
  for (auto& row : grid)
    for (Rgb& colour : row) {
      const float light = float(draws.between(-26, 26));
      for (std::size_t c = 0; c < 3; ++c) colour[c] = base[c] + light + float(draws.between(-12, 12));
    }
  for (std::int64_t i = 0; i < size; ++i) {
    const float v = (float(i) + 0.5f) / float(size) * kCells;
    const auto row = std::size_t(v);
    const float down = v - float(row);
    for (std::int64_t j = 0; j < size; ++j) {
      const float u = (float(j) + 0.5f) / float(size) * kCells;
      const auto column = std::size_t(u);
      const float right = u - float(column);
      const auto mix = [&](std::size_t r, std::size_t c) {
        return grid[r][column][c] * (1 - right) + grid[r][column + 1][c] * right;
      };
      for (std::size_t c = 0; c < 3; ++c)
        picture[std::size_t(i * size + j)][c] = mix(row, c) * (1 - down) + mix(row + 1, c) * down;
    }
  }
}

// How bright the body is at a point of its own coordinates, in radii.
float texture_light(SceneTexture texture, double u, double v) {
  const auto wave = [](double t) { return t - std::floor(t); };
  if (texture == SceneTexture::striped) return wave(v / 0.62) < 0.5 ? 1.0f : 0.55f;
  if (texture == SceneTexture::dotted) {
    const double du = wave(u / 0.66) - 0.5, dv = wave(v / 0.66) - 0.5;
    return du * du + dv * dv < 0.075 ? 0.5f : 1.0f;
  }
  return 1;
}

void blend(Rgb& under, const Rgb& over, double distance) {
  const float share = float(std::clamp(0.5 - distance, 0.0, 1.0));
  for (std::size_t c = 0; c < 3; ++c) under[c] += share * (over[c] - under[c]);
}

void paint_object(const SceneObject& object, std::vector<Rgb>& picture, std::int64_t size,
                  SceneDraws& draws) {
  Rgb colour = kPalette[std::size_t(object.colour)], wood = kHandle;
  for (float& channel : colour) channel += float(draws.between(-14, 14));
  for (float& channel : wood) channel += float(draws.between(-10, 10));
  const double cosine = std::cos(object.rotation), sine = std::sin(object.rotation);
  for_each_pixel(object, size, [&](std::int64_t at, double x, double y, double body, double handle) {
    Rgb& pixel = picture[std::size_t(at)];
    if (handle < 0.5) blend(pixel, wood, handle);
    if (body >= 0.5) return;
    const double u = (x - object.x) / object.radius, v = (y - object.y) / object.radius;
    const float light = texture_light(object.texture, u * cosine + v * sine, v * cosine - u * sine);
    blend(pixel, {colour[0] * light, colour[1] * light, colour[2] * light}, body);
  });
}

}  // namespace

SceneOwners paint_owners(const std::vector<SceneObject>& objects, std::int64_t size) {
  SceneOwners owners(std::size_t(size * size));
  for (std::size_t i = 0; i < objects.size(); ++i)
    for_each_pixel(objects[i], size, [&](std::int64_t at, double, double, double body, double handle) {
      if (body <= 0)
        owners[std::size_t(at)] = std::uint8_t(2 * i + 1);
      else if (handle <= 0)
        owners[std::size_t(at)] = std::uint8_t(2 * i + 2);
    });
  return owners;
}

bool measure_objects(const SceneOwners& owners, double visible, std::vector<SceneObject>& objects,
                     std::int64_t size) {
  std::vector<std::int64_t> counts(2 * objects.size() + 1);
  for (const std::uint8_t owner : owners) ++counts[owner];
  bool enough = true;
  for (std::size_t i = 0; i < objects.size(); ++i) {
    objects[i].handle_area = counts[2 * i + 2];
    objects[i].area = counts[2 * i + 1] + counts[2 * i + 2];
    std::int64_t whole = 0;
    for_each_pixel(objects[i], size,
                   [&](std::int64_t, double, double, double body, double) { whole += body <= 0; });
    enough = enough && double(counts[2 * i + 1]) >= visible * double(whole);
  }
  return enough;
}

Image paint_picture(const std::vector<SceneObject>& objects, std::int64_t size, SceneDraws draws) {
  std::vector<Rgb> picture(std::size_t(size * size));
  paint_ground(picture, size, draws);
  for (const SceneObject& object : objects) paint_object(object, picture, size, draws);
  Image image{size, size, 3, std::vector<std::uint8_t>(std::size_t(3 * size * size))};
  PhiloxCounter words{};
  for (std::size_t at = 0; at < image.pixels.size(); ++at) {
    if (at % 16 == 0) words = draws.words();
    const std::uint32_t byte = (words[at / 4 % 4] >> (8 * (at % 4))) & 0xFFu;
    const float noise = (float(byte) / 127.5f - 1) * kNoise;
    image.pixels[at] = std::uint8_t(std::clamp(picture[at / 3][at % 3] + noise + 0.5f, 0.0f, 255.0f));
  }
  return image;
}

}  // namespace uls
