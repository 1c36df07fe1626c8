// SPDX-License-Identifier: Apache-2.0
#include "train/evaluation/shown_samples.h"

#include <algorithm>
#include <functional>

#include "data/browse/thumbnail.h"
#include "eval/overlay.h"

namespace uls {
namespace {

enum : std::uint16_t { kNothing, kWrong, kMissed, kRight };

// Colours of the picture would mix with those of the masks.
Image greyed(const Image& image) {
  Image grey = image;
  for (std::size_t i = 0; i + 2 < grey.pixels.size(); i += 3) {
    const int sum = 2 * grey.pixels[i] + 5 * grey.pixels[i + 1] + grey.pixels[i + 2];
    std::fill_n(grey.pixels.begin() + std::ptrdiff_t(i), 3, std::uint8_t(sum / 8));
  }
  return grey;
}

std::string overlay_url(const EvalView& view, const std::function<std::uint16_t(bool, bool)>& label) {
  std::vector<std::uint16_t> labels;
  for (std::size_t i = 0; i < view.truth.size(); ++i)
    labels.push_back(label(view.truth[i] != 0, view.prediction[i] != 0));
  return thumbnail_url(overlaid(greyed(view.image), labels));
}

Json shown_json(const std::string& set, const EvalView& view) {
  const auto truth = [](bool t, bool) { return t ? kRight : kNothing; };
  const auto prediction = [](bool t, bool p) { return p ? (t ? kRight : kWrong) : t ? kMissed : kNothing; };
  return Json::object({{"set", set},
                       {"sample", view.row.sample},
                       {"task", to_string(view.row.task)},
                       {"kind", view.row.kind},
                       {"text", view.row.asked},
                       {"iou", view.row.counts.iou()},
                       {"picture", thumbnail_url(view.image)},
                       {"truth", overlay_url(view, truth)},
                       {"prediction", overlay_url(view, prediction)}});
}

}  // namespace

template <typename Better>
void ShownSamples::insert(std::vector<Shown>& list, Better better, const std::string& set,
                          const EvalView& view) const {
  const double iou = view.row.counts.iou();
  const std::string picture = set + "/" + view.row.sample;
  const auto same = std::ranges::find(list, picture, &Shown::sample);
  if (same != list.end()) {
    if (!better(iou, same->iou)) return;
    list.erase(same);
  } else if (list.size() == most_) {
    if (!better(iou, list.back().iou)) return;
    list.pop_back();
  }
  const auto place = std::ranges::find_if(list, [&](const Shown& shown) { return better(iou, shown.iou); });
  list.insert(place, {iou, picture, shown_json(set, view)});
}

void ShownSamples::add(const std::string& set, const EvalView& view) {
  if (view.row.counts.empty_truth) return;
  insert(worst_, std::less<>(), set, view);
  insert(best_, std::greater<>(), set, view);
}

Json ShownSamples::to_json() const {
  const auto list = [](const std::vector<Shown>& all) {
    Json json = Json::array();
    for (const Shown& shown : all) json.push_back(shown.json);
    return json;
  };
  return Json::object({{"worst", list(worst_)}, {"best", list(best_)}});
}

}  // namespace uls
