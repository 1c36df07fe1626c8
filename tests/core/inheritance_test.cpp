// SPDX-License-Identifier: Apache-2.0
#include "core/config/inheritance.h"

#include <catch2/catch.hpp>

#include "core/cli/build_facts.h"
#include "tests/core/io_fixture.h"
#include "tests/support/support.h"

namespace uls {
namespace {

using test::Folder;
using test::put;

#define SKIP_WITHOUT_YAML() \
  if (!build_facts().io) ULS_SKIP("yaml", "this build has no YAML (ULS_IO=OFF)")

TEST_CASE("inheritance: sections merge key by key, everything else as a whole, and the last word wins") {
  SKIP_WITHOUT_YAML();
  const Folder folder;
  std::filesystem::create_directory(folder / "base");
  put(folder / "base/first.yaml", "steps: 1\noptimizer: {lr: 1, kind: sgd}\nsizes: [1, 2]\n");
  put(folder / "base/second.yaml", "base: first.yaml\noptimizer:\n  lr: 2\n");
  put(folder / "run.yaml", "base: [base/second.yaml]\nsizes: [3]\nname: here\n");
  const ConfigNode run = read_config(folder / "run.yaml");
  CHECK(run.find("base") == nullptr);
  CHECK(run.find("steps")->text == "1");
  CHECK(run.find("name")->text == "here");
  CHECK(run.find("sizes")->items.size() == 1);
  CHECK(run.find("optimizer")->find("lr")->text == "2");
  CHECK(run.find("optimizer")->find("kind")->text == "sgd");
  CHECK(run.find("optimizer")->find("lr")->where() == (folder / "base/second.yaml") + ":3");
  CHECK(run.find("optimizer")->find("kind")->where() == (folder / "base/first.yaml") + ":2");
}

TEST_CASE("inheritance: of several bases a later one wins") {
  SKIP_WITHOUT_YAML();
  const Folder folder;
  put(folder / "a.yaml", "x: 1\ny: 1\n");
  put(folder / "b.yaml", "x: 2\n");
  put(folder / "run.yaml", "base: [a.yaml, b.yaml]\n");
  const ConfigNode run = read_config(folder / "run.yaml");
  CHECK(run.find("x")->text == "2");
  CHECK(run.find("y")->text == "1");
}

TEST_CASE("inheritance: what cannot be a base is told with its place") {
  SKIP_WITHOUT_YAML();
  const Folder folder;
  const auto error = [&](const std::string& text) {
    put(folder / "run.yaml", text);
    return test::error_of([&] { read_config(folder / "run.yaml"); });
  };
  CHECK(error("base: none.yaml\n") == (folder / "none.yaml") + ": cannot be opened for reading");
  CHECK(error("base: {a: b}\n") ==
        (folder / "run.yaml") + ":1: base: not a path; got a map; expected a path or a list of paths");
  CHECK(error("base: [[a]]\n") ==
        (folder / "run.yaml") + ":1: base: not a path; got a list; expected a path or a list of paths");
  CHECK(error("- 1\n") == (folder / "run.yaml") + ": not a config; got a list; expected keys with values");
  put(folder / "loop.yaml", "base: run.yaml\n");
  CHECK_THAT(error("base: loop.yaml\n"), Catch::Contains("base: leads back to itself"));
}

}  // namespace
}  // namespace uls
