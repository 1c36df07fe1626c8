// SPDX-License-Identifier: Apache-2.0
#include "data/transforms/transform.h"

#include "core/base/error.h"
#include "data/transforms/normalise.h"

namespace uls {

const FieldTable<TransformConfig>& transform_table() {
  static const auto table = [] {
    FieldTable<TransformConfig> fields("transform");
    using C = TransformConfig;
    fields.add("preset", &C::preset, "how pictures are prepared").choices({"cris", "plain", "augment"});
    fields.add("size", &C::size, "side of the input in pixels, a multiple of 4").range(4, 32764);
    fields.add("fit", &C::fit, "whole picture with a border, or squashed to the square")
        .choices({"preset", "letterbox", "squash"});
    fields.add("target", &C::target, "a cell's first pixel, or its share of foreground")
        .choices({"preset", "nearest", "area"});
    fields.add("crop", &C::crop, "preset augment: least share of a side that a crop keeps").range(0.05, 1);
    fields.add("flip", &C::flip, "preset augment: probability of mirroring").range(0, 1);
    fields.add("brightness", &C::brightness, "preset augment: most change of brightness").range(0, 1);
    fields.add("contrast", &C::contrast, "preset augment: most change of contrast").range(0, 1);
    fields.add("colour", &C::colour, "preset augment: most change of each colour channel").range(0, 1);
    return fields;
  }();
  return table;
}

Transform::Transform(const TransformConfig& config)
    : side_(config.size),
      fit_(parse_fit(config.fit != "preset"    ? config.fit
                     : config.preset == "cris" ? "letterbox"
                                               : "squash")),
      target_(parse_target(config.target != "preset" ? config.target
                           : config.preset == "cris" ? "nearest"
                                                     : "area")),
      random_(config.preset == "augment"),
      ranges_{config.crop, config.flip, config.brightness, config.contrast, config.colour} {
  ULS_CHECK(random_ || config.preset == "cris" || config.preset == "plain",
            "transform.preset: unknown word; got '{}'; expected cris, plain or augment", config.preset);
  ULS_CHECK(side_ >= kGridStride && side_ % kGridStride == 0,
            "transform.size: wrong side; got {}; expected a multiple of {}", side_, kGridStride);
}

void Transform::write_pixels(const Image& image, std::span<float> pixels) const {
  ULS_CHECK(std::int64_t(pixels.size()) == side_ * side_ * 3,
            "transform: another size; got room for {} values; expected {}x{}x3", pixels.size(), side_, side_);
  normalise(fit_image(image, fit(image.height, image.width)).pixels.data(), side_ * side_, pixels.data());
}

void Transform::write_target(std::span<const std::uint8_t> mask, const Fit& where, std::span<float> target,
                             const IgnoredPixels& ignored) const {
  grid_target(mask, where, target_, target);
  if (!ignored.mask.empty()) ignore_in_target(ignored.mask, where, target_, target, ignored.weight);
}

Augmentation Transform::apply(const Image& image, std::span<const std::uint8_t> mask, Granularity granularity,
                              std::string& text, SampleRandom& random, std::span<float> pixels,
                              std::span<float> target, const IgnoredPixels& ignored) const {
  ULS_CHECK(std::int64_t(mask.size()) == image.height * image.width,
            "transform: another size; got a mask of {} pixels; expected {}x{}", mask.size(), image.height,
            image.width);
  if (!random_) {
    write_pixels(image, pixels);
    write_target(mask, fit(image.height, image.width), target, ignored);
    return {.height = image.height, .width = image.width};
  }
  const Augmentation change =
      draw_augmentation(ranges_, mask, image.height, image.width, granularity, text, random);
  write_pixels(augmented(image, change), pixels);
  const auto changed = [&](std::span<const std::uint8_t> of) {
    return of.empty() ? std::vector<std::uint8_t>() : augmented_mask(of, image.width, change);
  };
  const std::vector<std::uint8_t> left_out = changed(ignored.mask);
  write_target(changed(mask), fit(change.height, change.width), target, {left_out, ignored.weight});
  text = augmented_text(text, change);
  return change;
}

void Transform::apply(const Image& image, std::span<float> pixels) const { write_pixels(image, pixels); }

}  // namespace uls
