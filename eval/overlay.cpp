// SPDX-License-Identifier: Apache-2.0
#include "eval/overlay.h"

#include "core/base/error.h"

namespace uls {

std::array<std::uint8_t, 3> label_colour(std::uint16_t label) {
  static constexpr std::array<std::array<std::uint8_t, 3>, 8> kColours{{{213, 94, 0},
                                                                        {0, 114, 178},
                                                                        {0, 158, 115},
                                                                        {240, 228, 66},
                                                                        {204, 121, 167},
                                                                        {86, 180, 233},
                                                                        {230, 159, 0},
                                                                        {120, 120, 120}}};
  return kColours[std::size_t(label + kColours.size() - 1) % kColours.size()];
}

Image overlaid(const Image& image, std::span<const std::uint16_t> labels) {
  ULS_CHECK(image.channels == 3 && std::int64_t(labels.size()) == image.height * image.width,
            "overlay: labels and picture do not fit; got {} labels and {}x{}x{}; expected a label for each "
            "pixel of an RGB picture",
            labels.size(), image.height, image.width, image.channels);
  const auto is_border = [&](std::int64_t y, std::int64_t x) {
    const std::uint16_t label = labels[std::size_t(y * image.width + x)];
    const auto differs = [&](std::int64_t ny, std::int64_t nx) {
      return ny >= 0 && ny < image.height && nx >= 0 && nx < image.width &&
             labels[std::size_t(ny * image.width + nx)] != label;
    };
    return differs(y - 1, x) || differs(y + 1, x) || differs(y, x - 1) || differs(y, x + 1);
  };
  Image shown = image;
  for (std::int64_t y = 0; y < image.height; ++y)
    for (std::int64_t x = 0; x < image.width; ++x) {
      const std::uint16_t label = labels[std::size_t(y * image.width + x)];
      if (label == 0) continue;
      const bool border = is_border(y, x);
      const auto colour = label_colour(label);
      std::uint8_t* pixel = shown.row(y) + x * 3;
      for (std::size_t c = 0; c < 3; ++c)
        pixel[c] = border ? colour[c] : std::uint8_t((pixel[c] + colour[c]) / 2);
    }
  return shown;
}

}  // namespace uls
