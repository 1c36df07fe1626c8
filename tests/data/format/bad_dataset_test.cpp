// SPDX-License-Identifier: Apache-2.0
// Sets that are damaged, unfinished or not ours: one line each, with the file and the place.
#include <catch2/catch.hpp>

#include "data/format/dataset.h"
#include "tests/core/io_fixture.h"
#include "tests/data/format/format_fixture.h"
#include "tests/support/support.h"

using namespace uls;
using namespace uls::test;

namespace {

// A set of three samples in which some text of a file was replaced.
class DamagedSet {
 public:
  DamagedSet() { write_small_set(path(), 3); }
  std::string path() const { return folder_ / "set"; }
  std::string operator/(const std::string& name) const { return path() + "/" + name; }

  void replace(const std::string& name, const std::string& from, const std::string& to) {
    std::string text = get(*this / name);
    const auto at = text.find(from);
    REQUIRE(at != std::string::npos);
    put(*this / name, text.replace(at, from.size(), to));
  }
  // What opening says, without the folder in front.
  std::string refusal() const {
    return relative(data_error_of([&] { Dataset::open(path()); }));
  }
  std::string relative(const std::string& message) const {
    return message.starts_with(path()) ? message.substr(path().size()) : message;
  }

 private:
  Folder folder_;
};

}  // namespace

TEST_CASE("bad set: missing files") {
  const Folder folder;
  CHECK(data_error_of([&] { Dataset::open(folder / "none"); }) ==
        (folder / "none") + ": no data set; expected a folder with manifest.json");
  CHECK(data_error_of([&] { Dataset::open(folder.path()); }) ==
        folder.path() + ": no data set, or one that is not finished; it has no manifest.json");
  DamagedSet set;
  fs::remove(set / "samples.jsonl");
  CHECK(set.refusal().find("samples.jsonl: cannot be opened; got No such file or directory") !=
        std::string::npos);
  put(set / "samples.jsonl", "");
  CHECK(set.refusal().find("samples.jsonl: the file is empty") != std::string::npos);
}

TEST_CASE("bad set: manifests") {
  DamagedSet set;
  set.replace("manifest.json", R"("version": 1)", R"("version": 9)");
  CHECK(set.refusal() == "/manifest.json:3: another version of the format; got 9; expected 1");
  put(set / "manifest.json", "{");
  CHECK(set.refusal().starts_with("/manifest.json:1:2: not JSON"));
  put(set / "manifest.json", "");
  CHECK(set.refusal().starts_with("/manifest.json:1:1: not JSON"));
}

TEST_CASE("bad set: lines") {
  DamagedSet set;
  const std::string lines = get(set / "samples.jsonl");
  put(set / "samples.jsonl", lines.substr(0, lines.size() - 1));
  CHECK(set.refusal() == "/samples.jsonl:3: cut short; the line has no end");
  put(set / "samples.jsonl", lines.substr(0, 100) + "\n");
  CHECK(set.refusal().starts_with("/samples.jsonl:1:"));
  put(set / "samples.jsonl", lines + "\n");
  CHECK(set.refusal().starts_with("/samples.jsonl:4:1: not JSON"));
  put(set / "samples.jsonl", lines + lines.substr(0, lines.find('\n') + 1));
  CHECK(set.refusal() == R"(/samples.jsonl:4: sample "s000" is there already; expected each id once)");
  put(set / "samples.jsonl", lines);
  set.replace("samples.jsonl", R"("id":"s001/b")", R"("id":"s000/cc")");
  set.replace("samples.jsonl", R"("id":"s002/b")", R"("id":"s000/cc")");
  CHECK(set.refusal() == R"(/samples.jsonl:3: target "s000/cc" is there already; expected each id once)");
  put(set / "samples.jsonl", lines);
  set.replace("samples.jsonl", R"("category":0)", R"("category":20)");
  CHECK(set.refusal() ==
        R"(/samples.jsonl:1: target "s000/b": no category 20; the manifest has 2 classes of semantic)");
  put(set / "samples.jsonl", lines);
  set.replace("samples.jsonl", "images/1.png", "../../../1.png");
  CHECK(set.refusal() ==
        R"(/samples.jsonl:2: sample "s001": image: path leaves the root; got "../../../1.png"; )"
        "expected names with '/' between");
}

TEST_CASE("bad set: the index") {
  DamagedSet set;
  const std::string index = get(set / "index.bin"), lines = get(set / "samples.jsonl");
  for (std::size_t cut = 1; cut < index.size(); ++cut) {
    put(set / "index.bin", index.substr(0, cut));
    CHECK(set.refusal() == "/index.bin: damaged index; delete it, and it is made anew");
  }
  // Every byte: refused on opening, or where it is used, or without effect on what is read.
  for (std::size_t at = 0; at < index.size(); ++at) {
    INFO(at);
    std::string flipped = index;
    flipped[at] = char(flipped[at] ^ 0x40);
    put(set / "index.bin", flipped);
    CHECK_NOTHROW(data_error_of([&] {
      const auto opened = Dataset::open(set.path());
      for (std::int64_t i = 0; i < opened->size(); ++i) opened->sample(i);
      for (std::int64_t i = 0; i < opened->target_count(); ++i) opened->target(i);
    }));
  }
  put(set / "index.bin", "");
  CHECK(set.refusal().find("/index.bin: the file is empty") != std::string::npos);
}

TEST_CASE("bad set: images and masks") {
  DamagedSet set;
  set.replace("samples.jsonl", R"({"rle":)", R"({"png":"m.png","source":)");
  set.replace("samples.jsonl", R"(,"source":{"ann_id":0})", "");
  const auto opened = Dataset::open(set.path());
  const Sample sample = opened->sample(0);
  const auto mask = [&] { opened->target_mask(sample, sample.targets[0]); };
  const auto image = [&] { opened->image(sample); };
  CHECK(set.relative(data_error_of(mask)).starts_with("/m.png: cannot be read; got No such file"));
  write_png(set / "m.png", {4, 5, 1, std::vector<std::uint8_t>(20)});
  CHECK(set.relative(data_error_of(mask)) ==
        R"(/m.png: another size than sample "s000" says; got 4x5; expected 4x6)");
  Image right{4, 6, 1, std::vector<std::uint8_t>(24)};
  right.pixels[7] = 5;
  write_png(set / "m.png", right);
  right.pixels[7] = 1;
  CHECK(opened->target_mask(sample, sample.targets[0]) == right.pixels);

  put(set / "images/0.png", "");
  CHECK(set.relative(data_error_of(image)) ==
        "/images/0.png: the file is empty; got 0 bytes; expected a file with content");
  write_png(set / "images/0.png", {2, 6, 3, std::vector<std::uint8_t>(36)});
  CHECK(data_error_of(image) ==
        set.path() + R"(: images/0.png: another size than sample "s000" says; got 2x6; expected 4x6)");
  put(set / "images/0.png", "text");
  CHECK(data_error_of(image).starts_with(set.path() + ": images/0.png: broken or unknown image"));
}

TEST_CASE("bad set: two classes at one pixel are no label map") {
  DamagedSet set;
  set.replace("samples.jsonl", R"("task":"referring","granularity":"fine")",
              R"("task":"semantic","granularity":"fine","category":1)");
  const auto opened = Dataset::open(set.path());
  CHECK(data_error_of([&] { opened->label_map(opened->sample(0), Task::semantic); }) ==
        set.path() + R"(: sample "s000": pixel 0,0 has two classes of semantic; got values 3 and 1)");
  CHECK(error_of([&] { opened->label_map(opened->sample(0), Task::part); }) ==
        set.path() + ": no classes of part; the manifest has no such list");
}

TEST_CASE("bad set: what the writer refuses") {
  const Folder folder;
  const std::string path = folder / "set";
  const std::string write = "write " + path;
  write_small_set(path, 2);
  const auto open_writer = [&](const Manifest& manifest) {
    return error_of([&] { DatasetWriter writer(path, manifest); });
  };
  CHECK(open_writer(small_manifest()) == write + ": a complete set is there already; expected another name");
  fs::remove(path + "/manifest.json");
  CHECK(open_writer(small_manifest()) ==
        write + ": samples without a manifest are there already; expected another name");
  fs::remove_all(path);
  Manifest other = small_manifest();
  other.class_lists.clear();
  {
    DatasetWriter writer(path, small_manifest());
    CHECK(open_writer(small_manifest()) == write + ": another process is writing this set");
    CHECK(error_of([&] { writer.finish(); }) == write + ": no samples; expected at least one");
    for (const char* name : {"manifest.json", "samples.jsonl.part", "index.bin"})
      CHECK(error_of([&] { writer.add_file(name, "x"); }) ==
            write + ": " + name + " is the set's own file; expected another name");
    CHECK(error_of([&] { writer.add_file("../x", "x"); }).starts_with(write + ": path leaves the root"));
    writer.add(small_sample(0));
    const std::string place = path + "/samples.jsonl.part:2: ";
    CHECK(error_of([&] { writer.add(small_sample(0)); }) ==
          place + R"(sample "s000" is there already; expected each id once)");
    Sample wrong = small_sample(1);
    wrong.targets[0].regions = {5};
    CHECK(error_of([&] { writer.add(wrong); }) ==
          place + R"(sample "s001": target "s001/a": no region 5; expected 0 to 1)");
  }
  CHECK(open_writer(other) ==
        write + R"(: an unfinished set of another source or other options is there; got "small"; )"
                R"(expected "small")");
  CHECK(DatasetWriter(path, small_manifest()).done() == 1);
  put(folder / "file", "x");
  CHECK(error_of([&] {
          DatasetWriter writer(folder / "file", small_manifest());
        }).starts_with("write " + (folder / "file") + ": cannot be created"));
}

TEST_CASE("bad set: a full disk while samples are written") {
  const Folder folder;
  const SizeLimit limit(6000);
  const std::string message = error_of([&] {
    DatasetWriter writer(folder / "set", small_manifest());
    for (std::int64_t n = 0; n < 20; ++n) writer.add(small_sample(n));
    writer.finish();
  });
  CHECK(message.find(
            "samples.jsonl.part: stopped after 20 samples; got File too large; expected enough free space") !=
        std::string::npos);
}
