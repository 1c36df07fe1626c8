// SPDX-License-Identifier: Apache-2.0
// PySODMetrics' own sample pictures, against the values that its repository states for them.
#include <catch2/catch.hpp>

#include <filesystem>

#include "core/config/settings.h"
#include "core/json/json.h"
#include "data/format/image.h"
#include "eval/metrics/saliency.h"
#include "tests/support/support.h"

namespace uls {
namespace {

namespace fs = std::filesystem;

TEST_CASE("saliency: PySODMetrics' sample pictures give its stated values") {
  const fs::path folder = fs::path(settings().shared) / "data/pysodmetrics_testdata";
  if (settings().shared.empty() || !fs::exists(folder))
    ULS_SKIP("shared", "no data/pysodmetrics_testdata in ULS_SHARED");
  std::vector<SaliencySample> samples;
  for (const auto& entry : fs::directory_iterator(folder / "test_data/masks")) {
    const Image truth = read_grey(entry.path().string());
    const Image map = read_grey((folder / "test_data/preds" / entry.path().filename()).string());
    samples.push_back(saliency_sample(map.pixels, truth.pixels, truth.height, truth.width));
  }
  REQUIRE(samples.size() == 3);
  const SaliencyScores scores = saliency_scores(samples);
  const Json stated = read_json_file((folder / "version_performance.json").string()).at("v1_4_3");
  const auto check = [&](const char* name, double ours) {
    INFO(name);
    CHECK(ours == Approx(stated.at(name).as_double()).epsilon(1e-9));
  };
  check("MAE", scores.mae);
  check("Smeasure", scores.s_measure);
  check("wFmeasure", scores.weighted_f);
  check("adpFm", scores.adaptive_f);
  check("meanFm", scores.mean_f);
  check("maxFm", scores.max_f);
  check("adpEm", scores.adaptive_e);
  check("meanEm", scores.mean_e);
  check("maxEm", scores.max_e);
}

}  // namespace
}  // namespace uls
