// SPDX-License-Identifier: Apache-2.0
// `unilseg forward` as users meet it.
#include <algorithm>
#include <catch2/catch.hpp>

#include "core/base/golden_bound.h"
#include "core/config/settings.h"
#include "core/io/safetensors.h"
#include "core/io/weights_file.h"
#include "core/json/json.h"
#include "core/tensor/primitives.h"
#include "tests/core/io_fixture.h"
#include "tests/support/process.h"
#include "tests/support/support.h"

using namespace uls;
using test::ProcessResult;
using test::run_process;

namespace {

const std::string kCase = ULS_SOURCE_DIR "/tests/fixtures/e2e_eval",
                  kWeights = ULS_SOURCE_DIR "/tests/fixtures/e2e_weights.safetensors";

using Tensors = std::vector<std::pair<std::string, Tensor>>;

// The case's model, its tensors, and a folder for files.
struct Fixture {
  test::Folder folder;
  SafetensorsFile tensors = SafetensorsFile::open(kCase + ".safetensors");
  Json info = read_json_file(kCase + ".json");
  std::string config = folder / "model.json";

  Fixture() { write_json_file(config, info.at("config")); }

  ProcessResult forward(const std::string& inputs, const std::vector<std::string>& more,
                        const std::string& weights = kWeights) const {
    std::vector<std::string> words{ULS_PROGRAM, "forward", "--model",  config,
                                   "--weights", weights,   "--inputs", inputs};
    words.insert(words.end(), more.begin(), more.end());
    return run_process(words);
  }
  // Writes the tensors to a file of their own.
  std::string file(const Tensors& tensors) const {
    const std::string path = folder / "in.safetensors";
    write_safetensors(path, tensors);
    return path;
  }
  // What agrees with the case's `key`, within its bound.
  void compare(const SafetensorsFile& out, const std::string& key, const std::string& as) const {
    INFO(as);
    const Tensor expected = tensors.tensor(key), actual = out.tensor(as);
    CHECK(test::largest_difference(actual, expected) <=
          golden_bound(info.at("noise").at(key).as_double(), info.at("scale").at(key).as_double()).allowed());
  }
};

// One line on stderr, nothing on stdout.
void check_refusal(const ProcessResult& result, int code, const std::string& text) {
  INFO(result.err);
  CHECK(result.code == code);
  CHECK(result.out.empty());
  CHECK_THAT(result.err, Catch::Contains("unilseg: error: ") && Catch::Contains(text));
}

}  // namespace

TEST_CASE("forward: the whole model, outputs in a file", "[golden]") {
  const Fixture fixture;
  const std::string out = fixture.folder / "out.safetensors";
  const ProcessResult result = fixture.forward(kCase + ".safetensors", {"--out", out});
  INFO(result.err);
  REQUIRE(result.code == 0);
  CHECK_THAT(result.out, Catch::Contains("out.maps "));
  const SafetensorsFile written = SafetensorsFile::open(out);
  CHECK(written.metadata().at("model") == "unilseg");
  for (const std::string& key : fixture.tensors.names())
    if (key.starts_with("out.")) fixture.compare(written, key, key);
}

TEST_CASE("forward --part: a part gives what it gives inside of the whole", "[golden]") {
  const Fixture fixture;
  const std::string out = fixture.folder / "out.safetensors";
  const auto run = [&](const std::string& part, const Tensors& inputs) {
    const ProcessResult result = fixture.forward(fixture.file(inputs), {"--part", part, "--out", out});
    INFO(part << ": " << result.err);
    REQUIRE(result.code == 0);
    return SafetensorsFile::open(out);
  };
  const auto given = [&](const std::string& key) { return fixture.tensors.tensor(key); };
  const SafetensorsFile swin = run("swin", {{"in.image", given("in.image")}});
  for (int i = 0; i < 4; ++i)
    fixture.compare(swin, "out.swin.stage" + std::to_string(i), "out.stage" + std::to_string(i));
  const SafetensorsFile text = run("text", {{"in.words", given("in.words")}});
  fixture.compare(text, "out.words", "out.words");
  fixture.compare(text, "out.state", "out.state");

  // Sequences [L, B, C] of the last fusion as maps.
  const auto map_of = [&](const std::string& fusion, const std::string& stage) {
    const Shape like = given(stage).shape();
    return contiguous(given(fusion).permuted({1, 2, 0})).reshaped(like);
  };
  const Tensor state = given("out.state"), words = given("out.words");
  const SafetensorsFile queries =
      run("query_decoder", {{"in.visual", map_of("out.fusion.last", "out.swin.stage3")}, {"in.text", state}});
  fixture.compare(queries, "out.query_decoder", "out.queries");

  const Tensor ids = given("in.words");
  Tensor mask = empty(ids.shape(), DType::boolean);
  for (std::int64_t i = 0; i < ids.numel(); ++i) mask.data<bool>()[i] = ids.data<std::int64_t>()[i] == 0;
  Tensors features{{"in.text", words}, {"in.mask", mask}};
  for (int i = 0; i < 4; ++i) {
    const std::string n = std::to_string(i);
    features.emplace_back("in.feature" + n,
                          map_of("out.fusion." + (i == 3 ? "last" : n), "out.swin.stage" + n));
  }
  fixture.compare(run("pixel_decoder", features), "out.pixel_decoder", "out.mask_features");
}

TEST_CASE("forward: bad input is one line that names it") {
  const Fixture fixture;
  const Tensor image = fixture.tensors.tensor("in.image"), words = fixture.tensors.tensor("in.words");
  const std::string good = kCase + ".safetensors", bad = fixture.folder / "bad.pth";
  const auto refuse = [&](const Tensors& inputs, const std::string& text) {
    check_refusal(fixture.forward(fixture.file(inputs), {}), 2, text);
  };
  refuse({{"in.image", image}}, "unilseg: no input 'words'");
  refuse({{"in.image", contiguous(image.sliced(1, 0, 2))}, {"in.words", words}},
         "unilseg: image and words do not fit; got float32 [4, 58, 74, 2]");
  refuse({{"in.image", image.reshaped({image.numel()})}, {"in.words", words}}, "wrong number of dimensions");
  refuse({{"in.image", image}, {"in.words", converted(words, DType::float32)}}, "float32");
  refuse({{"in.image", converted(image, DType::int32)}, {"in.words", words}}, "int32");
  refuse({{"in.image", image}, {"in.words", full(words.shape(), 1 << 20, DType::int64)}}, "1048576");
  check_refusal(fixture.forward(good, {"--part", "swim"}), 2, "(did you mean 'swin'?)");
  check_refusal(fixture.forward(good, {"--part", "clip"}), 2, "forward: no part of that name; got 'clip'");
  check_refusal(fixture.forward(good, {"--dtype", "float16"}), 2, "forward: unknown --dtype");
  check_refusal(fixture.forward(fixture.file({{"in.image", image}, {"in.words", words}}), {"--grads"}), 2,
                "forward: no objective to take gradients of");
  check_refusal(fixture.forward(good, {"embed_dm=8"}), 2, "embed_dm");
  check_refusal(fixture.forward(good, {"embed_dim=12"}), 2, "embed_dim");
  check_refusal(fixture.forward(fixture.folder / "none", {}), 2, "none: cannot be opened");
  check_refusal(fixture.forward(good, {}, fixture.folder / "none"), 2, "none: cannot be opened");
  check_refusal(fixture.forward(good, {}, good), 2, "lacks ");

  const std::string weights = test::get(kWeights);
  test::put(bad, weights.substr(0, weights.size() / 2));
  check_refusal(fixture.forward(good, {}, bad), 3, "read " + bad);
  check_refusal(fixture.forward(bad, {}), 3, "read " + bad);
  test::put(bad, "\x80\2cos\nsystem\n(S'true'\ntR.");
  check_refusal(fixture.forward(good, {}, bad), 3, "os.system");
  CHECK(run_process({ULS_PROGRAM, "forward", "--case", "nowhere"}).code == 2);
}
