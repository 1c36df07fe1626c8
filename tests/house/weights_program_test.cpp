// SPDX-License-Identifier: Apache-2.0
// `unilseg weights` as users meet it.
#include <unistd.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <map>
#include <sstream>

#include "core/config/settings.h"
#include "core/io/safetensors.h"
#include "core/io/weights_file.h"
#include "core/io/zip.h"
#include "core/json/json.h"
#include "core/tensor/primitives.h"
#include "tests/core/io_fixture.h"
#include "tests/support/process.h"
#include "tests/support/support.h"

using namespace uls;
using test::get;
using test::ProcessResult;
using test::put;
using test::run_process;

namespace {

const std::string kFixtures = ULS_SOURCE_DIR "/tests/fixtures/";

ProcessResult weights(std::vector<std::string> words) {
  words.insert(words.begin(), {ULS_PROGRAM, "weights"});
  return run_process(words);
}

void check_refusal(const std::vector<std::string>& words, int code, const std::string& text) {
  const ProcessResult result = weights(words);
  INFO(result.err);
  CHECK(result.code == code);
  CHECK(result.out.empty());
  CHECK_THAT(result.err, Catch::Contains("unilseg: error: " + text));
}

}  // namespace

TEST_CASE("weights inspect: tensors, totals and what else there is") {
  const test::Folder folder;
  const std::string json_path = folder / "a.json";
  const ProcessResult result = weights({"inspect", kFixtures + "loader_zip.pth", "--json", json_path});
  CHECK(result.code == 0);
  CHECK(result.err == "unilseg: weights: taking 'state_dict' of " + kFixtures +
                          "loader_zip.pth (--key or --all take others)\n");
  CHECK_THAT(result.out,
             Catch::StartsWith(kFixtures + "loader_zip.pth: PyTorch, part 'state_dict'\n\n  tensor  "));
  CHECK_THAT(result.out, Catch::Contains("\n  module.channels_last  float32   [2, 3, 4, 5]\n"));
  CHECK_THAT(result.out, Catch::Contains("\n  2 tensors in other parts: --all\n"));
  CHECK_THAT(result.out, Catch::Contains("\n  epoch = 12\n"));

  const Json report = read_json_file(json_path);
  CHECK(report.at("format").as_string() == "PyTorch");
  CHECK(report.at("part").as_string() == "state_dict");
  CHECK(report.at("tensors").size() == 19);
  CHECK(report.at("tensors")[0] ==
        Json::object({{"name", "module.plain"}, {"dtype", "float32"}, {"shape", Json::array({3, 4})}}));
  CHECK(report.at("all").at("elements").as_int64() == 573);
  CHECK(report.at("totals").size() == 19);
  CHECK(report.at("plain")[0] == Json::object({{"name", "epoch"}, {"value", "12"}}));
}

TEST_CASE("weights inspect: other parts, by key or all") {
  const std::string path = kFixtures + "loader_zip.pth";
  const ProcessResult all = weights({"inspect", path, "--all"});
  CHECK(all.err.empty());
  CHECK_THAT(all.out, Catch::Contains("\n  optimizer.state.0.exp_avg ") &&
                          Catch::Contains("\n  state_dict.module.plain "));
  CHECK_THAT(all.out,
             Catch::Contains("\n  optimizer         2 ") && Catch::Contains("\n  all              21 "));
  const ProcessResult one = weights({"inspect", path, "--key", "optimizer.state"});
  CHECK_THAT(one.out, Catch::Contains("\n  0.exp_avg ") && Catch::Contains("19 tensors in other parts"));
  check_refusal({"inspect", path, "--key", "state_dct"}, 2,
                "weights: no part 'state_dct' in " + path + " (did you mean 'state_dict'?)");
  check_refusal({"inspect", path, "--key", "state_dict", "--all"}, 2, "weights: two choices of parts");
}

TEST_CASE("weights convert: both ways and back, bit for bit") {
  const test::Folder folder;
  const auto expected = SafetensorsFile::open(kFixtures + "loader_expected.safetensors");
  const auto check = [&](const std::string& path, const std::string& prefix) {
    const WeightsFile file = open_weights(path);
    const auto tensors = flatten(*state_dict_of(file).node);
    CHECK(tensors.size() == expected.names().size());
    for (const auto& [name, stored] : tensors)
      CHECK(test::same_bits(stored->read(), expected.tensor(prefix + name)));
  };
  const std::string a = folder / "a.safetensors", b = folder / "b.pth", c = folder / "c.pt",
                    d = folder / "d.safetensors";
  const ProcessResult first = weights({"convert", kFixtures + "loader_legacy.pth", a});
  CHECK(first.code == 0);
  CHECK(first.out == a + ": 19 tensors from " + kFixtures + "loader_legacy.pth\n");
  CHECK_THAT(first.err, Catch::Contains("taking 'state_dict'") &&
                            Catch::Contains("left out: epoch = 12; best = 0.75; ") &&
                            Catch::Contains("; 2 tensors in other parts\n"));
  check(a, "");
  CHECK(weights({"convert", a, b, "--strip-prefix", "module.", "--nest", "model"}).code == 0);
  check(b, "module.");
  CHECK(open_weights(b).root.children[0].key == "model");
  CHECK(weights({"convert", b, c, "--key", "model"}).code == 0);
  check(c, "module.");
  CHECK(weights({"convert", c, c}).code == 0);  // in place
  CHECK(weights({"convert", c, d}).code == 0);
  check(d, "module.");
}

TEST_CASE("weights convert: a checkpoint to safetensors and back is the same, image tower and all") {
  const std::string path = settings().shared + "/fixtures/e2e_checkpoint.pth";
  if (!std::filesystem::exists(path)) ULS_SKIP("shared", "no " + path);
  const test::Folder folder;
  REQUIRE(weights({"convert", path, folder / "a.safetensors"}).code == 0);
  REQUIRE(weights({"convert", folder / "a.safetensors", folder / "a.pth", "--nest", "state_dict"}).code == 0);
  const WeightsFile from = open_weights(path), to = open_weights(folder / "a.pth");
  const auto expected = flatten(*state_dict_of(from).node), actual = flatten(*state_dict_of(to).node);
  CHECK(actual.size() == expected.size());
  const std::map<std::string, const StoredTensor*> found(actual.begin(), actual.end());
  for (const auto& [name, tensor] : expected) {
    INFO(name);
    REQUIRE(found.contains(name));
    CHECK(test::same_bits(found.at(name)->read(), tensor->read()));
  }
  CHECK(found.contains("module.backbone.visual.conv1.weight"));
  if (!test::has_peer()) ULS_SKIP("peer", "no Python with PyTorch in ULS_PEER");
  const ProcessResult loaded =
      run_process({settings().peer, ULS_SOURCE_DIR "/tests/scripts/torch_archives.py", "load", folder / "a"});
  INFO(loaded.err);
  CHECK(loaded.out == std::to_string(expected.size()) + " equal tensors\n");
}

TEST_CASE("weights convert: the free texts of safetensors stay, or are named") {
  const test::Folder folder;
  write_safetensors(folder / "a.safetensors", {{"x", zeros({2})}}, {{"config", "{}"}});
  CHECK(weights({"convert", folder / "a.safetensors", folder / "b.safetensors"}).err.empty());
  CHECK(get(folder / "a.safetensors") == get(folder / "b.safetensors"));
  const ProcessResult result = weights({"convert", folder / "a.safetensors", folder / "b.pth"});
  CHECK(result.err == "unilseg: weights: left out: the text config\n");
  CHECK_THAT(weights({"inspect", folder / "a.safetensors"}).out,
             Catch::Contains("\n  besides\n  config = \"{}\"\n"));
}

TEST_CASE("weights: a user's mistake is 2, bad data is 3, and nothing is written") {
  const test::Folder folder;
  const std::string in = kFixtures + "loader_flat.pth", out = folder / "a.pth", bad = folder / "bad.pth";
  check_refusal({"inspect", folder / "none"}, 2, "read " + folder / "none" + ": cannot be opened");
  check_refusal({"convert", in, folder / "a.bin"}, 2,
                "weights convert: unknown ending; got '" + folder / "a.bin" + "'");
  check_refusal({"convert", in, folder / "a.safetensors", "--nest", "model"}, 2,
                "weights convert: safetensors have no parts");
  check_refusal({"convert", in, out, "--strip-prefix", "module."}, 2,
                "weights convert: no name starts with 'module.'");
  put(bad, "\x80\2cos\nsystem\n(S'touch " + folder / "ran" + "'\ntR.");
  check_refusal(
      {"inspect", bad}, 3,
      "read " + bad + ": magic number from byte 0: byte 2: the file wants to run os.system; refused");
  std::string damaged = get(in);
  damaged[std::size_t(ZipFile(std::make_shared<const MappedFile>(in)).find("loader_flat/data/0")->begin)] ^=
      1;
  put(bad, damaged);
  const ProcessResult result = weights({"convert", bad, out});
  CHECK(result.code == 3);
  CHECK_THAT(result.err, Catch::Contains("damaged"));
  put(bad, "\x80\2\x8a\nl\xfc\x9c\x46\xf9 j\xa8P\x19.\x80\2M\xe9\3.");
  check_refusal({"convert", bad, out}, 3, "read " + bad + ": system from byte 21: byte 0: cut off");
  CHECK(folder.names() == std::vector<std::string>{"bad.pth"});
}

TEST_CASE("weights: every help page fits a screen") {
  for (const std::vector<std::string>& words :
       std::vector<std::vector<std::string>>{{"--help"}, {"inspect", "--help"}, {"convert", "--help"}}) {
    const ProcessResult result = weights(words);
    CHECK(result.code == 0);
    CHECK_THAT(result.out, Catch::StartsWith("usage: unilseg weights "));
    CHECK(std::ranges::count(result.out, '\n') <= 40);
    std::istringstream lines(result.out);
    for (std::string line; std::getline(lines, line);) CHECK(line.size() <= 100);
  }
}
