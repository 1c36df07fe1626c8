// SPDX-License-Identifier: Apache-2.0
// `unilseg data convert` as users meet it: what it prints, interruption, bad input.
#include <catch2/catch.hpp>

#include <random>

#include "core/base/stopwatch.h"
#include "tests/data/convert/convert_fixture.h"
#include "tests/data/convert/small_trees.h"
#include "tests/support/process.h"
#include "tests/support/support.h"

namespace uls {
namespace {

using namespace test;
using Catch::Matchers::Contains;

const std::vector<std::string> kTwo{"ULS_THREADS=2"};

std::vector<std::string> command(std::vector<std::string> words) {
  words.insert(words.begin(), {ULS_PROGRAM, "data", "convert"});
  return words;
}

ProcessResult convert_command(const std::vector<std::string>& words) {
  return run_process(command(words), kTwo);
}

// Every file of a folder with its bytes.
std::map<std::string, std::string> contents(const std::string& folder) {
  std::map<std::string, std::string> files;
  for (const auto& entry : fs::recursive_directory_iterator(folder))
    if (entry.is_regular_file())
      files[entry.path().lexically_relative(folder).string()] = get(entry.path().string());
  return files;
}

}  // namespace

TEST_CASE("convert: list names all sources") {
  const ProcessResult result = convert_command({"list"});
  CHECK(result.code == 0);
  for (const SourceKind& kind : source_kinds()) {
    CHECK_THAT(result.out, Contains("\n" + kind.name + " ") || Catch::StartsWith(kind.name + " "));
    for (const auto& [extra, meaning] : kind.extras) CHECK_THAT(result.out, Contains("  " + extra + "="));
  }
}

TEST_CASE("convert: the result, its counts and the published ones") {
  const Folder folder;
  make_camvid_tree(folder / "in");
  put(folder / "t.yaml", "semantic: ['all {}', 'each {}']\n");
  const ProcessResult result = convert_command({"camvid", "--root", folder / "in", "--out", folder / "out",
                                                "--templates", folder / "t.yaml", "--split", "train"});
  INFO(result.err);
  CHECK(result.code == 0);
  CHECK(result.out == "train: 2 samples, 10 targets; published 367 samples, DIFFERENT\n");
  const auto dataset = Dataset::open(folder / "out");
  CHECK(dataset->size() == 2);
  CHECK(dataset->sample(0).targets[0].texts == std::vector<std::string>{"all sky", "each sky"});
  CHECK(dataset->label_map(dataset->sample(1), Task::semantic).labels ==
        std::vector<std::uint16_t>{0, 0, 1, 11, 11, 0, 0, 10, 10, 11, 3, 3, 10, 10, 9});
}

TEST_CASE("convert: killed at 20 moments and started again, the bytes are the same") {
  const Folder folder;
  const std::string in = folder / "in";
  const std::map<char, int> letters{{'a', 10}, {'b', 11}};
  std::mt19937 random(20);
  for (int i = 0; i < 400; ++i) {
    const std::string name = fmt::format("/x{:03}.png", i);
    put_picture(in + "/train" + name, 48, 80);
    std::vector<std::string> rows(48);
    for (std::string& row : rows)
      for (int x = 0; x < 80; ++x) row += "0123456789ab"[random() % 12];
    put_labels(in + "/trainannot" + name, rows, letters);
  }
  const auto words = [&](const std::string& out) {
    return std::vector<std::string>{"camvid", "--root", in, "--out", out};
  };
  const Stopwatch watch;
  REQUIRE(convert_command(words(folder / "whole")).code == 0);
  const double seconds = watch.seconds();
  const auto whole = contents(folder / "whole");
  REQUIRE(whole.size() >= 2);

  int killed = 0, resumed = 0;
  for (int round = 0; killed < 20 && round < 200; ++round) {
    const ProcessResult result =
        run_and_kill(seconds * double(1 + random() % 1000) / 1000, command(words(folder / "cut")), kTwo);
    resumed += result.err.find("goes on at sample") != result.err.npos;
    killed += result.code != 0;
    if (fs::exists(folder / "cut/manifest.json")) {  // it was done before the blow
      CHECK(contents(folder / "cut") == whole);
      fs::remove_all(folder / "cut");
      continue;
    }
    INFO(result.err);
    REQUIRE(result.code == 128 + 9);
    if (killed % 4) continue;  // up to four blows to one set
    const ProcessResult last = convert_command(words(folder / "cut"));
    INFO(last.err);
    REQUIRE(last.code == 0);
    CHECK(contents(folder / "cut") == whole);
    fs::remove_all(folder / "cut");
  }
  CHECK(killed == 20);
  CHECK(resumed > 0);
}

TEST_CASE("convert: a user's mistakes are one line and exit code 2") {
  const Folder folder;
  make_camvid_tree(folder / "in");
  const auto error = [&](const std::vector<std::string>& words) {
    const ProcessResult result = convert_command(words);
    CHECK(result.code == 2);
    CHECK(result.out.empty());
    CHECK(std::count(result.err.begin(), result.err.end(), '\n') == 1);
    return result.err;
  };
  const std::string in = folder / "in", out = folder / "out";
  CHECK_THAT(error({"camvit", "--root", in, "--out", out}),
             Contains("unknown source 'camvit' (did you mean 'camvid'?)"));
  CHECK_THAT(error({"camvid", "--out", out}), Contains("--root is missing"));
  CHECK_THAT(error({"camvid", "--root", in}), Contains("--out is missing"));
  CHECK_THAT(error({"camvid", "--root", in + "x", "--out", out}),
             Contains("no such folder") && Contains(in + "x"));
  CHECK_THAT(error({"camvid", "--root", folder.path(), "--out", out}),
             Contains("expected a folder train or val or test"));
  CHECK_THAT(error({"camvid", "--root", in, "--out", out, "--split", "test"}),
             Contains("no such split; got 'test'; expected train, val"));
  CHECK_THAT(error({"camvid", "--root", in, "--out", out, "x=1"}),
             Contains("unknown option 'x'; expected none"));
  CHECK_THAT(error({"coco_stuff", "--root", in, "--out", out, "yaer=1"}), Contains("(did you mean 'year'?)"));
  CHECK_THAT(error({"coco_stuff", "--root", in, "--out", out}),
             Contains("wrong layout") && Contains("stuffthingmaps/train2017"));
  CHECK_THAT(error({"refcoco", "--root", in, "--out", out}), Contains("images/mscoco/images/train2014"));
}

TEST_CASE("convert: broken data is one line with its file, and exit code 3") {
  const Folder folder;
  const std::string in = folder / "in", out = folder / "out";
  const auto error = [&](const std::string& source, const std::vector<std::string>& more = {}) {
    fs::remove_all(out);
    std::vector<std::string> words{source, "--root", in, "--out", out};
    words.insert(words.end(), more.begin(), more.end());
    const ProcessResult result = convert_command(words);
    CHECK(result.code == 3);
    CHECK(std::count(result.err.begin(), result.err.end(), '\n') == 1);
    return result.err;
  };
  make_camvid_tree(in);
  fs::remove(in + "/trainannot/x2.png");
  CHECK_THAT(error("camvid"), Contains("sample 1: ") && Contains("trainannot/x2.png"));
  put_labels(in + "/trainannot/x2.png", {"0", "1"}, {});
  CHECK_THAT(
      error("camvid"),
      Contains("trainannot/x2.png: mask of another size; got 1 x 2; expected 5 x 3 of image train/x2.png"));
  put_labels(in + "/trainannot/x2.png", {"00000", "00000", "0000z"}, {{'z', 77}});
  CHECK_THAT(error("camvid"), Contains("trainannot/x2.png: a value that is no class; got 77"));
  const std::string good = get(in + "/trainannot/x1.png");
  put(in + "/trainannot/x2.png", good.substr(0, good.size() / 2));
  CHECK_THAT(error("camvid"), Contains("trainannot/x2.png"));

  fs::remove_all(in);
  make_refer_tree(in);
  put(in + "/refcoco/instances.json", coco_json().substr(0, 900));
  CHECK_THAT(error("refcoco"), Contains("refcoco/instances.json: byte "));
  std::string annotations = coco_json();
  annotations.replace(annotations.find("\"id\": 13"), 8, "\"id\": 99");
  put(in + "/refcoco/instances.json", annotations);
  CHECK_THAT(error("refcoco"), Contains("ref 3: ") && Contains("no annotation with the id 13"));
  put(in + "/refcoco/instances.json", coco_json());
  put_picture(in + "/images/mscoco/images/train2014/COCO_train2014_000000000001.jpg", 31, 40);
  CHECK_THAT(error("refcoco"), Contains("image 1: mask of another size; got 40 x 30; expected 40 x 31"));
  fs::remove(in + "/images/mscoco/images/train2014/COCO_train2014_000000000001.jpg");
  CHECK_THAT(error("refcoco"), Contains("COCO_train2014_000000000001.jpg"));
  put(in + "/refcoco/refs(unc).p", "cposix\nsystem\n.");
  CHECK_THAT(error("refcoco"), Contains("refs(unc).p: byte 0: ") && Contains("posix.system"));

  fs::remove_all(in);
  make_coco_tree(in);
  const std::string panoptic = in + "/annotations/panoptic_val2017.json";
  std::string segments = get(panoptic);
  segments.replace(segments.find("\"id\": 768"), 9, "\"id\": 769");
  put(panoptic, segments);
  CHECK_THAT(error("coco_panoptic"), Contains("000000000009.png: segment 768 is not in"));
}

}  // namespace uls
