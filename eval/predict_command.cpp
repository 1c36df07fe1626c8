// SPDX-License-Identifier: Apache-2.0
#include "eval/predict_command.h"

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <map>
#include <memory>
#include <set>

#include "eval/model_file.h"
#include "eval/overlay.h"
#include "eval/predictor.h"

namespace uls {
namespace {

namespace fs = std::filesystem;

struct PredictOptions {
  std::string checkpoint{}, model{}, image{}, mask{}, overlay{};
  std::vector<std::string> texts{}, transform{};
  double threshold = kMaskThreshold;
};

// A picture and the files that are asked for, "" for none.
struct PredictJob {
  std::string image{}, mask{}, overlay{};
};

bool is_picture(const fs::path& path) {
  static const std::set<std::string> kEndings{".png", ".jpg", ".jpeg", ".bmp", ".webp", ".tif", ".tiff"};
  std::string ending = path.extension().string();
  std::ranges::transform(ending, ending.begin(), [](unsigned char c) { return char(std::tolower(c)); });
  return kEndings.contains(ending);
}

std::string in_folder(const std::string& folder, const std::string& stem) {
  return folder.empty() ? "" : (fs::path(folder) / (stem + ".png")).string();
}

std::vector<PredictJob> jobs_of_folder(const PredictOptions& options) {
  std::map<std::string, std::string> pictures;  // by stem, hence sorted
  for (const fs::directory_entry& entry : fs::directory_iterator(options.image)) {
    if (!entry.is_regular_file() || !is_picture(entry.path())) continue;
    const auto [at, is_new] = pictures.emplace(entry.path().stem().string(), entry.path().string());
    ULS_CHECK(is_new,
              "predict: two pictures would have one output; got '{}' and '{}'; expected names that "
              "differ before the dot",
              at->second, entry.path().string());
  }
  ULS_CHECK(!pictures.empty(),
            "predict: no picture; got the folder '{}'; expected PNG, JPEG, BMP, WebP or "
            "TIFF files in it",
            options.image);
  for (const std::string& folder : {options.mask, options.overlay})
    if (!folder.empty()) fs::create_directories(folder);
  std::vector<PredictJob> jobs;
  for (const auto& [stem, picture] : pictures)
    jobs.push_back({picture, in_folder(options.mask, stem), in_folder(options.overlay, stem)});
  return jobs;
}

void predict_one(const PredictJob& job, const PredictOptions& options, const Predictor& predictor) {
  const Image image = read_image(job.image);
  const std::vector<std::uint16_t> labels =
      label_pixels(predictor(image, options.texts), float(options.threshold));
  for (std::size_t t = 0; t < options.texts.size(); ++t) {
    const auto pixels = std::ranges::count(labels, std::uint16_t(t + 1));
    print("{}: '{}': {} pixels, {:.1f} %\n", job.image, options.texts[t], pixels,
          100.0 * double(pixels) / double(labels.size()));
  }
  if (!job.mask.empty()) {
    // One text's mask is black and white; several are told apart by their numbers.
    const int scale = options.texts.size() == 1 ? 255 : 1;
    Image mask{image.height, image.width, 1, {}};
    for (const std::uint16_t label : labels) mask.pixels.push_back(std::uint8_t(label * scale));
    write_png(job.mask, mask);
  }
  if (!job.overlay.empty()) write_png(job.overlay, overlaid(image, labels));
}

void run(const PredictOptions& options) {
  ULS_CHECK(options.texts.size() <= 255, "predict: too many texts; got {}; expected at most 255",
            options.texts.size());
  const std::vector<PredictJob> jobs =
      fs::is_directory(options.image)
          ? jobs_of_folder(options)
          : std::vector<PredictJob>{{options.image, options.mask, options.overlay}};
  const LoadedModel loaded = load_model(options.checkpoint, options.model, options.transform);
  const Predictor predictor(*loaded.model, loaded.transform, loaded.word_len);
  for (const PredictJob& job : jobs) predict_one(job, options, predictor);
}

}  // namespace

Command predict_command() {
  return {"predict", "masks of sentences on pictures", [](Options& options) {
            const auto o = std::make_shared<PredictOptions>();
            options.option("checkpoint", o->checkpoint, "C",
                           "a run's folder, a checkpoint's, or a file of weights", Need::required);
            options.option("image", o->image, "I", "a picture, or a folder of pictures", Need::required);
            options.option("text", o->texts, "T",
                           "what to find; several give one map, each pixel with the likeliest text's number",
                           Need::required);
            options.option("mask", o->mask, "OUT",
                           "PNG: 255 where the text is, or the text's number from 1; a folder for a folder");
            options.option("overlay", o->overlay, "OUT", "PNG: the picture with the masks; likewise");
            options.option("threshold", o->threshold, "P", "a pixel of a larger probability is found");
            options.option(
                "model", o->model, "CFG",
                "the model's config, for weights that neither bring one nor are the released model's");
            options.rest("KEY=VALUE", o->transform, "keys of the transform, such as size=480");
            return [o] { run(*o); };
          }};
}

}  // namespace uls
