// SPDX-License-Identifier: Apache-2.0
#include "tests/support/support.h"

#include <cmath>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <limits>
#include <set>

#include "core/base/strings.h"
#include "core/config/settings.h"
#include "core/tensor/primitives.h"

namespace uls::test {

namespace fs = std::filesystem;

namespace {

std::vector<std::string> golden_folders() {
  const char* folder = std::getenv("ULS_GOLDEN");
  if (folder && *folder) return {folder};
  return {ULS_SOURCE_DIR "/tests/fixtures", settings().shared + "/fixtures"};
}

}  // namespace

std::string golden_folder() { return golden_folders().front(); }

std::string golden_path(const std::string& stem) {
  for (const std::string& folder : golden_folders())
    if (fs::exists(folder + "/" + stem + ".json")) return folder + "/" + stem;
  return "";
}

std::string golden_places() { return join(golden_folders(), " or "); }

std::vector<std::string> golden_stems(const std::string& pattern) {
  const bool open_end = pattern.ends_with('*');
  const std::string start = open_end ? pattern.substr(0, pattern.size() - 1) : pattern;
  std::set<std::string> stems;
  for (const std::string& folder : golden_folders()) {
    if (!fs::is_directory(folder)) continue;
    for (const auto& entry : fs::directory_iterator(folder)) {
      const std::string stem = entry.path().stem().string();
      if (entry.path().extension() == ".json" && (open_end ? stem.starts_with(start) : stem == start))
        stems.insert(stem);
    }
  }
  return {stems.begin(), stems.end()};
}

Tensor tensor(const Shape& shape, const std::vector<float>& values) { return from_values(shape, values); }

Tensor parameter(const Shape& shape, const std::vector<double>& values) {
  return from_values(shape, values).set_requires_grad();
}

double largest_difference(const Tensor& a, const Tensor& b) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  if (a.shape() != b.shape()) return kInfinity;
  const auto va = to_doubles(a), vb = to_doubles(b);
  double largest = 0;
  for (std::size_t i = 0; i < va.size(); ++i) {
    if (va[i] == vb[i] || (std::isnan(va[i]) && std::isnan(vb[i]))) continue;
    const double difference = std::abs(va[i] - vb[i]);
    largest = std::isnan(difference) ? kInfinity : std::max(largest, difference);
  }
  return largest;
}

}  // namespace uls::test
