// SPDX-License-Identifier: Apache-2.0
// Every golden case of the model and its parts, by fused kernels and by their plain twins: outputs, all
// gradients, buffers after a training pass.
#include <catch2/catch.hpp>

#include <cstdio>

#include "core/cli/build_facts.h"
#include "kernels/common/fused.h"
#include "models/golden_replay.h"
#include "tests/support/support.h"

#define ULS_REPLAY_MODELS(pattern)                                                \
  if (!::uls::replay_models(pattern)) {                                           \
    ULS_SKIP("golden", "no " pattern ".json in " + ::uls::test::golden_places()); \
  }

namespace uls {
namespace {

// Files that other cases or tests name.
bool is_no_case(const std::string& stem) { return stem == "e2e_weights" || stem == "e2e_training"; }

void replay_model(const std::string& stem) {
  const std::string path = test::golden_path(stem);
  const std::size_t slash = path.find_last_of('/');
  for (const bool fused : {true, false}) {
    if (!fused && stem == "full_size") continue;  // minutes, and gigabytes of scores
    const kernels::FusedScope scope(fused);
    const std::vector<GoldenRow> rows = replay_golden_case(path.substr(0, slash), stem);
    CHECK(rows.size() > 0);
    int floored = 0;
    for (const GoldenRow& row : rows) {
      INFO(stem << " " << row.key << (fused ? "" : ", by plain operations"));
      CHECK(row.difference <= row.allowed);
      floored += row.floored;
    }
    if (floored)
      std::printf("golden: %s: a floor was used for %d of %zu keys\n", stem.c_str(), floored, rows.size());
  }
}

bool replay_models(const std::string& pattern) {
  bool found = false;
  for (const std::string& stem : test::golden_stems(pattern)) {
    if (is_no_case(stem)) continue;
    found = true;
    replay_model(stem);
  }
  return found;
}

TEST_CASE("models: swin, golden", "[golden]") { ULS_REPLAY_MODELS("swin_*"); }
TEST_CASE("models: text encoder, golden", "[golden]") { ULS_REPLAY_MODELS("text_encoder"); }
TEST_CASE("models: fusion, golden", "[golden]") { ULS_REPLAY_MODELS("fusion"); }
TEST_CASE("models: vision-language block, golden", "[golden]") { ULS_REPLAY_MODELS("vision_language_block"); }
TEST_CASE("models: pixel decoder, golden", "[golden]") { ULS_REPLAY_MODELS("fpn_decoder_*"); }
TEST_CASE("models: query decoder, golden", "[golden]") { ULS_REPLAY_MODELS("query_decoder_*"); }
TEST_CASE("models: whole, golden", "[golden]") { ULS_REPLAY_MODELS("e2e_*"); }
TEST_CASE("models: whole at full size, golden", "[golden]") {
  if (build_facts().sanitizer == "thread") ULS_SKIP("time", "too slow under ThreadSanitizer");
  ULS_REPLAY_MODELS("full_size");
}

}  // namespace
}  // namespace uls
