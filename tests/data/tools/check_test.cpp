// SPDX-License-Identifier: Apache-2.0
// Every kind of defect, planted one at a time and several at once.
#include <catch2/catch.hpp>

#include <algorithm>
#include <filesystem>

#include "core/json/json.h"
#include "data/format/folder_dataset.h"
#include "data/tools/check.h"
#include "tests/core/io_fixture.h"
#include "tests/data/format/format_fixture.h"
#include "tests/data/format/shard_fixture.h"
#include "tests/support/process.h"

using namespace uls;
using namespace uls::test;

namespace fs = std::filesystem;

namespace {

using Texts = std::vector<std::string>;

// A small set whose files are then changed by hand.
class Planted {
 public:
  explicit Planted(std::int64_t count = 4) { write_small_set(path(), count); }

  std::string path() const { return folder_ / "set"; }
  std::string file(const std::string& name) const { return path() + "/" + name; }
  std::string line(int number) const { return file("samples.jsonl:" + std::to_string(number)); }

  // Replaces `old` in line `number` (from 1).
  void edit(int number, const std::string& old, const std::string& by) const {
    std::string text = get(file("samples.jsonl"));
    std::size_t start = 0;
    for (int i = 1; i < number; ++i) start = text.find('\n', start) + 1;
    const std::size_t at = text.find(old, start);
    REQUIRE(at < text.find('\n', start));
    put(file("samples.jsonl"), text.replace(at, old.size(), by));
  }
  void edit_manifest(const std::string& old, const std::string& by) const {
    std::string text = get(file("manifest.json"));
    REQUIRE(text.find(old) != std::string::npos);
    put(file("manifest.json"), text.replace(text.find(old), old.size(), by));
  }

  // "place: kind: text" of each finding.
  Texts findings(std::int64_t length = 17) const {
    Texts texts;
    const auto set = open_any_folder_dataset(path());
    const CheckResult result = check_dataset(*set, length, [&](const Finding& finding) {
      texts.push_back(finding.place + ": " + finding.kind + ": " + finding.text);
    });
    CHECK(result.findings == std::int64_t(texts.size()));
    CHECK(result.samples == set->size());
    return texts;
  }

 private:
  Folder folder_;
};

std::string only(const Texts& findings) {
  for (const std::string& finding : findings) UNSCOPED_INFO(finding);
  CHECK(findings.size() == 1);
  return findings.empty() ? "" : findings[0];
}

ProcessResult check(const std::string& path, const Texts& options = {}) {
  Texts words{ULS_PROGRAM, "data", "check", path};
  words.insert(words.end(), options.begin(), options.end());
  return run_process(words);
}

// The JSON of a region's mask, as it stands in a line.
std::string mask_text(const Sample& sample, std::int64_t region) {
  return to_json(sample).at("regions")[region].at("rle").dump();
}

}  // namespace

TEST_CASE("data check: nothing is found in a set as written") {
  CHECK(Planted().findings().empty());
  CHECK(Planted(1).findings().empty());
}

TEST_CASE("data check: lines that cannot be read") {
  const Planted set;
  set.edit(2, "\"split\":\"train\"", "\"split\":7");
  set.edit(4, "\"counts\":\"", "\"counts\":\"~");
  const Texts findings = set.findings();
  REQUIRE(findings.size() == 2);
  CHECK(findings[0].starts_with(set.line(2) + ": sample: " + set.line(2)));
  CHECK(findings[1].starts_with(set.line(4) + ": sample: " + set.line(4)));
}

TEST_CASE("data check: a last line that is cut") {
  const Planted set;
  fs::resize_file(set.file("samples.jsonl"), fs::file_size(set.file("samples.jsonl")) - 30);
  CHECK(only(set.findings()).starts_with(set.line(4) + ": sample: " + set.file("samples.jsonl:4:")));
}

TEST_CASE("data check: images that are missing, empty, broken or of another size") {
  const Planted set(5);
  fs::remove(set.file("images/0.png"));
  fs::resize_file(set.file("images/1.png"), 0);
  put(set.file("images/2.png"), "no image");
  write_png(set.file("images/3.png"), Image{5, 6, 3, std::vector<std::uint8_t>(90)});
  const Texts findings = set.findings();
  REQUIRE(findings.size() == 4);
  for (int i = 0; i < 3; ++i) {
    const std::string& finding = findings[std::size_t(i)];
    INFO(finding);
    CHECK(finding.starts_with(set.line(i + 1) + ": image: "));
    CHECK(finding.find("images/" + std::to_string(i) + ".png") != std::string::npos);
  }
  CHECK(findings[3] == set.line(4) +
                           ": image_size: images/3.png: the image's size differs from the sample's; got 5 x "
                           "6; expected 4 x 6 (height x width)");
}

TEST_CASE("data check: a path that leaves the root") {
  const Planted set;
  set.edit(1, "images/0.png", "../../0.png");
  CHECK(only(set.findings()).find("path leaves the root; got \"../../0.png\"") != std::string::npos);
}

TEST_CASE("data check: a mask that is a PNG of another size, or missing") {
  const Planted set;
  const std::string mask = "\"rle\":" + mask_text(small_sample(0), 0);
  set.edit(1, mask, "\"png\":\"m.png\"");
  set.edit(2, mask, "\"png\":\"missing.png\"");
  write_png(set.file("m.png"), Image{3, 3, 1, std::vector<std::uint8_t>(9, 1)});
  Texts findings = set.findings();
  REQUIRE(findings.size() == 4);  // of which two say that there is no label map either
  std::erase_if(findings, [](const auto& text) { return text.find(": label: ") != std::string::npos; });
  REQUIRE(findings.size() == 2);
  CHECK(findings[0].starts_with(set.line(1) + ": mask: " + set.file("m.png")));
  CHECK(findings[1].starts_with(set.line(2) + ": mask: "));
  CHECK(findings[1].find("missing.png") != std::string::npos);
}

TEST_CASE("data check: an empty mask that is not marked") {
  const Planted set;
  Sample empty = small_sample(2);
  empty.regions[0].mask = empty_mask(4, 6);
  set.edit(3, mask_text(small_sample(2), 0), mask_text(empty, 0));
  CHECK(
      only(set.findings()) ==
      set.line(3) +
          ": empty_mask: target \"s002/a\": its mask has no pixel; got 1 region(s) of area 0; expected none "
          "where nothing in the image fits");
}

TEST_CASE("data check: texts that are cut") {
  const Planted set(2);
  CHECK(set.findings(7).empty());  // "the cat on the left", with start and end
  const Texts findings = set.findings(6);
  REQUIRE(findings.size() == 2);
  CHECK(findings[1] ==
        set.line(2) +
            ": long_text: target \"s001/a\": the text \"the cat on the left\" is cut; got 7 tokens; "
            "expected at most 6");
}

TEST_CASE("data check: categories out of the class list") {
  const Planted set;
  set.edit(2, "\"category\":0", "\"category\":2");
  set.edit(3, "\"task\":\"semantic\"", "\"task\":\"part\"");  // which has no list
  Texts findings = set.findings();
  std::erase_if(findings, [](const auto& text) { return text.find(": category: ") == std::string::npos; });
  REQUIRE(findings.size() == 2);
  CHECK(findings[0] ==
        set.line(2) +
            ": category: target \"s001/b\": the category is not in the class list of task semantic; "
            "got 2; expected less than 2");
  CHECK(findings[1].starts_with(set.line(3) + ": category: target \"s002/b\""));
}

TEST_CASE("data check: two classes at one pixel") {
  const Planted set;
  Sample sample = small_sample(0);
  Target other = sample.targets[1];
  other.id = "s000/d";
  other.category = 1;
  sample.targets.push_back(other);
  set.edit(1, to_json(small_sample(0)).dump(), to_json(sample).dump());
  set.edit_manifest("\"train\": 9", "\"train\": 10");
  CHECK(only(set.findings()).starts_with(set.line(1) + ": label: "));
}

TEST_CASE("data check: ids that are taken") {
  const Planted set;
  set.edit(3, "\"id\":\"s002\"", "\"id\":\"s000\"");
  set.edit(4, "\"id\":\"s003/c\"", "\"id\":\"s003/a\"");
  const Texts findings = set.findings();
  REQUIRE(findings.size() == 2);
  CHECK(findings[0] == set.line(3) + ": duplicate_id: the sample id \"s000\" is taken; got it at " +
                           set.line(1) + " already; expected ids that differ");
  CHECK(findings[1] == set.line(4) + ": duplicate_id: the target id \"s003/a\" is taken; got it at " +
                           set.line(4) + " already; expected ids that differ");
}

TEST_CASE("data check: an image in two splits, by its content") {
  const Planted set(7);
  // Sample 2 is of split val, 3 of the same as 0.
  for (const char* name : {"images/2.png", "images/3.png"})
    fs::copy_file(set.file("images/0.png"), set.file(name), fs::copy_options::overwrite_existing);
  CHECK(only(set.findings()) ==
        set.line(3) +
            ": duplicate_image: the image \"images/2.png\" of split \"val\" is in another split too; got it "
            "at " +
            set.line(1) + " in split \"train\"; expected it in one split");
}

TEST_CASE("data check: counts that differ from the manifest's") {
  const Planted set;
  set.edit_manifest("\"train\": 3", "\"train\": 4");
  set.edit_manifest("\"val\": 3", "\"valid\": 3");
  const std::string begin = set.file("manifest.json") + ": count: the ";
  CHECK(set.findings() ==
        Texts{begin + "samples of split \"train\": their number differs; got 3; expected 4",
              begin + "targets of split \"val\": their number differs; got 3; expected 0",
              begin + "targets of split \"valid\": their number differs; got 0; expected 3"});
}

TEST_CASE("data check: an index of other samples") {
  const Planted set;
  std::string index = get(set.file("index.bin"));
  index[56 + 8 * 5 + 12] = 1;  // the first target's split, behind the header and the offsets
  put(set.file("index.bin"), index);
  CHECK(only(set.findings())
            .starts_with(set.line(1) + ": index: the index says another split, task or number"));
}

TEST_CASE("data check: shards that are damaged", "[program]") {
  const Planted set;
  const std::string shards = set.path() + "/shards", file = shards + "/shard-000000.tar";
  pack(set.path(), shards, 1 << 20);
  CHECK(check(shards).out == shards + ": 4 samples, 12 targets: nothing found\n");
  std::string text = get(file);
  const std::size_t byte = text.find("\x89PNG") + 50;
  text[byte] = char(text[byte] ^ 1);
  put(file, text);
  const auto result = check(shards);
  CHECK(result.code == 3);
  CHECK(result.out.starts_with(file + ":000000000.json: image: " + file +
                               ":000000000.png: damaged; got the checksum "));
  CHECK(result.out.find("\n" + file + ": shard: damaged; got the checksum ") != std::string::npos);
  CHECK(result.err == "unilseg: error: data check " + shards +
                          ": 2 findings in 4 samples; got 1 image, 1 shard; expected none\n");
  fs::resize_file(file, 1000);
  const auto cut = check(shards);
  CHECK(cut.code == 3);
  CHECK(cut.err.starts_with("unilseg: error: " + file +
                            ": cut short or of another set; got 1000 bytes; expected "));
}

TEST_CASE("data check: the command says all and ends with 3", "[program]") {
  const Planted set;
  auto result = check(set.path());
  CHECK(result.code == 0);
  CHECK(result.err.empty());
  CHECK(result.out == set.path() + ": 4 samples, 12 targets: nothing found\n");

  set.edit(2, "\"category\":0", "\"category\":\"cat\"");
  set.edit(3, "\"id\":\"s002/a\"", "\"id\":\"s000/a\"");
  fs::remove(set.file("images/3.png"));
  const std::string json = set.file("findings.json");
  result = check(set.path(), {"--json", json, "--length", "6"});
  INFO(result.out);
  CHECK(result.code == 3);
  CHECK(std::ranges::count(result.out, '\n') == 6);
  CHECK(result.err == "unilseg: error: data check " + set.path() +
                          ": 6 findings in 4 samples; got 1 duplicate_id, 1 image, 3 long_text, 1 sample; "
                          "expected none\n");
  const Json written = read_json_file(json);
  CHECK(written.at("samples").as_int64() == 4);
  CHECK(written.at("targets").as_int64() == 9);
  CHECK(written.at("counts").at("long_text").as_int64() == 3);
  REQUIRE(written.at("findings").size() == 6);
  CHECK(written.at("findings")[0].at("kind").as_string() == "long_text");
  CHECK(written.at("findings")[0].at("place").as_string() == set.line(1));
}

TEST_CASE("data check: what is no set", "[program]") {
  const Folder folder;
  CHECK(check(folder / "missing").code == 3);
  CHECK(check(folder / "missing").err.find(folder / "missing") != std::string::npos);
  fs::create_directory(folder / "set");
  put(folder / "set/manifest.json", "{");
  put(folder / "set/samples.jsonl", "");
  const auto result = check(folder / "set");
  CHECK(result.code == 3);
  CHECK(result.err.starts_with("unilseg: error: " + (folder / "set/manifest.json") + ":"));
  CHECK(check(folder / "set", {"--length", "1"}).code == 2);
}
