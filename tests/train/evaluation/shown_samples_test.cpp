// SPDX-License-Identifier: Apache-2.0
#include "train/evaluation/shown_samples.h"

#include <catch2/catch.hpp>

#include "data/browse/page_parts.h"
#include "eval/overlay.h"

namespace uls {
namespace {

// A picture of ten pixels in a row, of which the truth has the first five and the prediction `right` of them
// and `wrong` others.
struct Case {
  Case(const std::string& sample, const std::string& text, std::int64_t right, std::int64_t wrong)
      : image{1, 10, 3, std::vector<std::uint8_t>(30, 90)}, truth(10), prediction(10) {
    for (std::int64_t i = 0; i < 5; ++i) truth[std::size_t(i)] = 1;
    for (std::int64_t i = 0; i < right; ++i) prediction[std::size_t(i)] = 1;
    for (std::int64_t i = 0; i < wrong; ++i) prediction[std::size_t(9 - i)] = 1;
    row = {.sample = sample, .text = text, .asked = text, .counts = count_masks(prediction, truth)};
  }
  EvalView view() const { return {row, image, truth, prediction, {}}; }

  EvalRow row;
  Image image;
  std::vector<std::uint8_t> truth, prediction;
};

std::vector<std::string> texts_of(const Json& list) {
  std::vector<std::string> texts;
  for (const Json& sample : list.items()) texts.push_back(sample.at("text").as_string());
  return texts;
}

TEST_CASE("shown samples: the worst and the best, one of a picture, the earlier of equal ones") {
  ShownSamples shown(3);
  const std::vector<Case> cases{{"a", "half", 2, 0},     {"a", "all", 5, 0},      {"b", "most", 4, 0},
                                {"c", "none", 0, 1},     {"d", "none too", 0, 2}, {"e", "little", 1, 1},
                                {"f", "most too", 4, 0}, {"g", "all again", 5, 0}};
  for (const Case& c : cases) shown.add("set", c.view());
  Case nothing("h", "nothing there", 0, 0);
  nothing.row.counts = count_masks(nothing.prediction, nothing.prediction);
  shown.add("set", nothing.view());
  const Json json = shown.to_json();
  CHECK(texts_of(json.at("worst")) == std::vector<std::string>{"none", "none too", "little"});
  CHECK(texts_of(json.at("best")) == std::vector<std::string>{"all", "all again", "most"});
  CHECK(json.at("worst")[2].at("iou").as_double() == 1.0 / 6);
}

TEST_CASE("shown samples: what is right, wrong and missed by colour") {
  ShownSamples shown;
  Case one("a", "it", 3, 2);
  one.image.pixels[3] = 170;  // the second pixel, of which 2/8 is red
  Image grey = one.image;
  for (std::size_t c = 3; c < 6; ++c) grey.pixels[c] = 110;
  shown.add("set", one.view());
  const Json sample = shown.to_json().at("best")[0];
  const auto url = [&](const std::vector<std::uint16_t>& labels) {
    return data_url("image/png", encode_png(overlaid(grey, labels)));
  };
  CHECK(sample.at("picture").as_string() == data_url("image/png", encode_png(one.image)));
  CHECK(sample.at("truth").as_string() == url({3, 3, 3, 3, 3, 0, 0, 0, 0, 0}));
  CHECK(sample.at("prediction").as_string() == url({3, 3, 3, 2, 2, 0, 0, 0, 1, 1}));
}

}  // namespace
}  // namespace uls
