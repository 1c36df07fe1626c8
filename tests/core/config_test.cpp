// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>

#include "core/base/error.h"
#include "core/base/strings.h"
#include "core/cli/build_facts.h"
#include "core/config/field.h"
#include "core/config/settings.h"
#include "core/config/text_value.h"
#include "tests/support/support.h"

using uls::ConfigNode;
using uls::FieldTable;
using uls::Json;

namespace {

struct Optimizer {
  double lr = 1e-3;
  std::string kind = "adam";
  std::vector<double> betas{0.9, 0.999};
};

struct Run {
  std::int64_t steps = 100;
  bool ema = true;
  std::int64_t budget = 0;
  std::vector<std::int64_t> sizes{1, 2};
  std::vector<std::string> tasks;
  Optimizer optimizer;
  std::string name = "run 1";
};

const FieldTable<Run>& run_table() {
  static const FieldTable<Run> table = [] {
    FieldTable<Optimizer> optimizer("optimizer");
    optimizer.add("lr", &Optimizer::lr, "peak learning rate").range(0, 10);
    optimizer.add("kind", &Optimizer::kind, "update rule").choices({"adam", "adamw", "sgd"});
    optimizer.add("betas", &Optimizer::betas, "decay of the moments").range(0, 1);
    FieldTable<Run> t("run");
    t.add("steps", &Run::steps, "number of steps").range(1, 1e9);
    t.add("ema", &Run::ema, "keep an average");
    t.add("budget", &Run::budget, "memory").bytes().environment("ULS_TEST_BUDGET");
    t.add("sizes", &Run::sizes, "sides").environment("ULS_TEST_SIZES");
    t.add("tasks", &Run::tasks, "what is learned");
    t.section("optimizer", &Run::optimizer, optimizer);
    t.add("name", &Run::name, "of the run");
    return t;
  }();
  return table;
}

// Configs of these tests are read as YAML where the build has it, else as JSON: the flow style below is both.
ConfigNode config(const std::string& text) {
  return uls::build_facts().io ? uls::parse_yaml(text, "a.yaml")
                               : uls::config_from_json(Json::parse(text, "a.yaml"));
}

std::string load_error(const std::string& text) {
  return uls::test::error_of([&] {
    Run run;
    run_table().load(run, config(text));
  });
}

std::string set_error(const std::string& assignment) {
  return uls::test::error_of([&] {
    Run run;
    run_table().set(run, assignment);
  });
}

class Variable {
 public:
  Variable(const char* name, const char* value) : name_(name) {
    if (const char* before = std::getenv(name)) before_ = before;
    setenv(name, value, 1);
  }
  ~Variable() { before_ ? setenv(name_, before_->c_str(), 1) : unsetenv(name_); }

 private:
  const char* name_;
  std::optional<std::string> before_;
};

}  // namespace

TEST_CASE("config: words that stand for values") {
  CHECK(uls::parse_whole_number("-9223372036854775808") == std::numeric_limits<std::int64_t>::min());
  CHECK(uls::parse_number("1e-3") == 1e-3);
  CHECK(uls::parse_boolean("1") == true);
  CHECK(uls::parse_boolean("false") == false);
  for (const char* text : {"", " 1", "1 ", "1.0", "9223372036854775808", "0x10", "+1", "1e3"})
    CHECK_FALSE(uls::parse_whole_number(text).has_value());
  for (const char* text : {"", "nan", "inf", "-inf", "1e400", "1,5", "1.5x"})
    CHECK_FALSE(uls::parse_number(text).has_value());
  CHECK_FALSE(uls::parse_boolean("yes").has_value());
}

TEST_CASE("config: UTF-8") {
  for (const char* text :
       {"", "plain", "\xc3\xbc", "\xe7\x8c\xab", "\xf0\x9f\x90\x88", "\xf4\x8f\xbf\xbf", "\xed\x9f\xbf"})
    CHECK(uls::is_utf8(text));
  for (const char* text : {"\xff", "\x80", "\xc3", "\xc3(", "\xc0\xaf", "\xe0\x80\xaf", "\xed\xa0\x80",
                           "\xf4\x90\x80\x80", "\xf0\x9f\x90", "\xf8\x88\x80\x80\x80"})
    CHECK_FALSE(uls::is_utf8(text));
}

TEST_CASE("config: sizes in bytes") {
  CHECK(uls::parse_bytes("0") == 0);
  CHECK(uls::parse_bytes("4096") == 4096);
  CHECK(uls::parse_bytes("3KiB") == 3072);
  CHECK(uls::parse_bytes("512MiB") == 536870912);
  CHECK(uls::parse_bytes("8388607TiB") == 9223370937343148032);
  for (const char* text : {"", "-1", "1.5GiB", "4GB", "MiB", "1 MiB", "8388608TiB", "9223372036854775808"})
    CHECK(uls::test::error_of([&] { uls::parse_bytes(text); }) ==
          "size: not a number of bytes; got '" + std::string(text) +
              "'; expected bytes, or a whole number with a unit such as 512MiB or 4GiB");
}

TEST_CASE("config: a file overrides defaults, and only what it names") {
  Run run;
  run_table().load(run, config(R"({"steps": 7, "budget": "2KiB", "sizes": [3, 4], "tasks": ["a b", "c"],
                                   "optimizer": {"lr": 1e-2, "kind": "sgd"}, "ema": false})"));
  CHECK(run.steps == 7);
  CHECK(run.budget == 2048);
  CHECK(run.sizes == std::vector<std::int64_t>{3, 4});
  CHECK(run.tasks == std::vector<std::string>{"a b", "c"});
  CHECK(run.optimizer.lr == 1e-2);
  CHECK(run.optimizer.kind == "sgd");
  CHECK(run.optimizer.betas == std::vector<double>{0.9, 0.999});
  CHECK_FALSE(run.ema);
  CHECK(run.name == "run 1");
}

TEST_CASE("config: unknown keys name file, line and the nearest key") {
  CHECK(load_error("{\"steps\": 1,\n\n \"optimzer\": {\n\"lr\": 1}}") ==
        "a.yaml:3: unknown key 'optimzer' (did you mean 'optimizer'?)");
  CHECK(load_error("{\"optimizer\": {\n\"knd\": 1}}") ==
        "a.yaml:2: unknown key 'optimizer.knd' (did you mean 'optimizer.kind'?)");
  CHECK(load_error("{\"lr\": 1}") == "a.yaml:1: unknown key 'lr' (did you mean 'optimizer.lr'?)");
  CHECK(load_error("{\"xylophone\": 1}") ==
        "a.yaml:1: unknown key 'xylophone'; expected steps, ema, budget, sizes, tasks, optimizer, name");
  CHECK(load_error("{\"optimizer\": 3}") ==
        "a.yaml:1: optimizer: a section; got '3'; expected the keys lr, kind, betas");
  CHECK(load_error("[1]") == "a.yaml:1: not a config; got a list; expected keys with values");
}

TEST_CASE("config: wrong types and ranges say what was expected") {
  CHECK(load_error("{\"steps\": 1.5}") ==
        "a.yaml:1: steps: wrong value; got '1.5'; expected a whole number from 1 to 1000000000");
  CHECK(load_error("{\"steps\": 0}") ==
        "a.yaml:1: steps: wrong value; got '0'; expected a whole number from 1 to 1000000000");
  CHECK(load_error("{\"steps\": null}") ==
        "a.yaml:1: steps: wrong value; got nothing; expected a whole number from 1 to 1000000000");
  CHECK(load_error("{\"ema\": \"yes\"}") == "a.yaml:1: ema: wrong value; got 'yes'; expected true or false");
  CHECK(load_error("{\"optimizer\": {\n\"lr\": 11}}") ==
        "a.yaml:2: optimizer.lr: wrong value; got '11'; expected a number from 0 to 10");
  CHECK(
      load_error("{\"optimizer\": {\"kind\": \"adm\"}}") ==
      "a.yaml:1: optimizer.kind: wrong value; got 'adm' (did you mean 'adam'?); expected adam, adamw or sgd");
  CHECK(load_error("{\"optimizer\": {\"betas\": [0.9, 1.5]}}") ==
        "a.yaml:1: optimizer.betas: wrong value; got a list; expected a list of numbers from 0 to 1");
  CHECK(load_error("{\"sizes\": 3}") ==
        "a.yaml:1: sizes: wrong value; got '3'; expected a list of whole numbers");
  CHECK(load_error("{\"name\": [1]}") == "a.yaml:1: name: wrong value; got a list; expected a text");
  CHECK(load_error("{\"budget\": \"4GB\"}") ==
        "a.yaml:1: budget: wrong value; got '4GB'; expected bytes, such as 4096, 512MiB or 4GiB");
  CHECK(load_error("{\"budget\": -1}") ==
        "a.yaml:1: budget: wrong value; got '-1'; expected bytes, such as 4096, 512MiB or 4GiB");
}

TEST_CASE("config: overrides") {
  Run run;
  run_table().set(run, "optimizer.lr=1e-4");
  run_table().set(run, "sizes=5,6,7");
  run_table().set(run, "tasks=[a, b c]");
  run_table().set(run, "name=x=y");
  run_table().set(run, "steps=2");
  run_table().set(run, "steps=3");
  CHECK(run.optimizer.lr == 1e-4);
  CHECK(run.sizes == std::vector<std::int64_t>{5, 6, 7});
  CHECK(run.tasks == std::vector<std::string>{"a", "b c"});
  CHECK(run.name == "x=y");
  CHECK(run.steps == 3);
  run_table().set(run, "tasks=[]");
  CHECK(run.tasks.empty());

  CHECK(set_error("optimizer.lr") == "override: no '='; got 'optimizer.lr'; expected key=value");
  CHECK(set_error("optimzer.lr=1") == "unknown key 'optimzer.lr' (did you mean 'optimizer.lr'?)");
  CHECK(set_error("optimizer=adam") ==
        "optimizer: a section; got 'optimizer=adam'; expected optimizer.lr=... or optimizer.kind=... or "
        "optimizer.betas=...");
  CHECK(set_error("optimizer.lr=fast") ==
        "optimizer.lr: wrong value; got 'fast'; expected a number from 0 to 10");
  CHECK(set_error("sizes=1,,2") == "sizes: wrong value; got a list; expected a list of whole numbers");
  CHECK(set_error("name=\xff") == "name: not UTF-8; expected a text");
  CHECK(set_error("tasks=a,\xff") == "tasks: not UTF-8; expected a list of texts");
  CHECK(set_error("steps=") == "steps: wrong value; got ''; expected a whole number from 1 to 1000000000");
}

TEST_CASE("config: the resolved dump reads back to the same values") {
  Run run;
  run.optimizer.lr = 1.0 / 3;
  run.tasks = {"true", "a: b", "", "null", "plain", "3", "\xc3\xbc\n"};
  run.name = "../runs/a.1";
  const Json resolved = run_table().to_json(run);
  CHECK(resolved.dump() ==
        R"({"steps":100,"ema":true,"budget":0,"sizes":[1,2],)"
        R"("tasks":["true","a: b","","null","plain","3","ü\n"],)"
        R"("optimizer":{"lr":0.3333333333333333,"kind":"adam","betas":[0.9,0.999]},"name":"../runs/a.1"})");
  const std::string text = uls::to_yaml(resolved);
  CHECK(text ==
        "steps: 100\nema: true\nbudget: 0\nsizes: [1, 2]\n"
        "tasks: [\"true\", \"a: b\", \"\", \"null\", plain, \"3\", \"\xc3\xbc\\n\"]\n"
        "optimizer:\n  lr: 0.3333333333333333\n  kind: adam\n  betas: [0.9, 0.999]\nname: ../runs/a.1\n");
  Run from_json, from_yaml;
  run_table().load(from_json, uls::config_from_json(resolved));
  CHECK(run_table().to_json(from_json) == resolved);
  if (!uls::build_facts().io) return;
  run_table().load(from_yaml, uls::parse_yaml(text, "a.yaml"));
  CHECK(run_table().to_json(from_yaml) == resolved);
}

TEST_CASE("config: nested values as YAML") {
  const Json value = Json::object({{"a", Json::array({Json::array({1, 2}), Json::object({{"k", 1}})})},
                                   {"b", Json::object()},
                                   {"no", Json()}});
  CHECK(uls::to_yaml(value) == "a:\n  - [1, 2]\n  -\n    k: 1\nb: {}\n\"no\": null\n");
}

TEST_CASE("config: help lines and explanations") {
  const auto lines = run_table().help_lines();
  REQUIRE(lines.size() == 9);
  CHECK(lines[0] == "steps=100                     number of steps (a whole number from 1 to 1000000000)");
  CHECK(lines[6] == "optimizer.kind=adam           update rule (adam, adamw or sgd)");
  CHECK(
      run_table().explain("optimizer.lr") ==
      "optimizer.lr\n  meaning   peak learning rate\n  value     a number from 0 to 10\n  default   0.001\n");
  CHECK(run_table().explain("ULS_TEST_SIZES") ==
        "sizes\n  meaning   sides\n  value     a list of whole numbers\n  default   [1, 2]\n  variable  "
        "ULS_TEST_SIZES\n");
  CHECK_THAT(run_table().explain("optimizer"),
             Catch::StartsWith("optimizer.lr\n") && Catch::Contains("\noptimizer.betas\n"));
  CHECK(run_table().explain("lr").empty());
}

TEST_CASE("config: environment variables") {
  {
    const Variable budget("ULS_TEST_BUDGET", "1MiB"), sizes("ULS_TEST_SIZES", "8,9");
    Run run;
    run_table().load_environment(run);
    CHECK(run.budget == 1048576);
    CHECK(run.sizes == std::vector<std::int64_t>{8, 9});
  }
  const Variable empty("ULS_TEST_BUDGET", ""), wrong("ULS_TEST_SIZES", "8,x");
  Run run;
  CHECK(uls::test::error_of([&] { run_table().load_environment(run); }) ==
        "ULS_TEST_SIZES: wrong value; got a list; expected a list of whole numbers");
}

TEST_CASE("config: settings of the process") {
  const Variable threads("ULS_THREADS", "3"), log("ULS_LOG", "warning"), cache("ULS_MEMORY_CACHE", "0"),
      anomaly("ULS_ANOMALY", "1"), limit("ULS_MEMORY_LIMIT", "4GiB"), require("ULS_REQUIRE", "shared,gpu");
  const uls::Settings settings = uls::settings_from_environment();
  CHECK(settings.threads == 3);
  CHECK(settings.log_level == "warning");
  CHECK_FALSE(settings.memory_cache);
  CHECK(settings.anomaly);
  CHECK(settings.memory_limit == std::int64_t{4} << 30);
  CHECK(settings.require == std::vector<std::string>{"shared", "gpu"});

  const Variable loud("ULS_LOG", "loud");
  CHECK(uls::test::error_of([] { uls::settings_from_environment(); }) ==
        "ULS_LOG: wrong value; got 'loud'; expected debug, info, warning, error or off");
}

TEST_CASE("config: every setting has its variable, and unknown variables their nearest name") {
  for (const auto& field : uls::settings_table().fields())
    CHECK_THAT(field.variable, Catch::StartsWith("ULS_"));
  const auto before = uls::unknown_variables().size();
  const Variable slip("ULS_ANOMOLY", "1");
  const auto lines = uls::unknown_variables();
  REQUIRE(lines.size() == before + 1);
  CHECK(std::find(lines.begin(), lines.end(),
                  "ULS_ANOMOLY: unknown variable (did you mean 'ULS_ANOMALY'?)") != lines.end());
}

TEST_CASE("config: YAML") {
  if (!uls::build_facts().io) {
    CHECK(uls::test::error_of([] { uls::parse_yaml("a: 1", "a.yaml"); }) ==
          "a.yaml: cannot be read: this build has no YAML (ULS_IO=OFF)");
    return;
  }
  const auto yaml_error = [](const std::string& text) {
    return uls::test::error_of([&] { uls::parse_yaml(text, "a.yaml"); });
  };

  SECTION("blocks, quotes and comments, with their lines") {
    const ConfigNode node = uls::parse_yaml(
        "# a run\nsteps: 5\noptimizer:\n  betas:\n    - 0.5\n    - 0.6\nname: '~'\nx:\n", "a.yaml");
    CHECK(node.find("steps")->where() == "a.yaml:2");
    CHECK(node.find("optimizer")->where() == "a.yaml:3");
    CHECK(node.find("optimizer")->find("betas")->items[1].where() == "a.yaml:6");
    CHECK(node.find("name")->text == "~");
    CHECK(node.find("x")->kind == ConfigNode::Kind::null);
    CHECK(uls::parse_yaml("", "a.yaml").kind == ConfigNode::Kind::null);
    CHECK(load_error("steps: 1\noptimzer:\n  lr: 1\n") ==
          "a.yaml:2: unknown key 'optimzer' (did you mean 'optimizer'?)");
    CHECK(load_error("") == "");
    CHECK(load_error("optimizer:\n") == "");
  }
  SECTION("what is not one plain document") {
    CHECK(yaml_error("a: 1\nb: 2\na: 3\n") == "a.yaml:3: key 'a' appears twice; first on line 1");
    CHECK(yaml_error("a: [1,\nb: 2").starts_with("a.yaml:"));
    CHECK_THAT(yaml_error("a:\n\t- 1\n"), Catch::StartsWith("a.yaml:2: not YAML: "));
    CHECK(yaml_error("a: 1\n---\nb: 2\n") == "a.yaml:2: a second document; expected one");
    CHECK(yaml_error("a: &x 1\nb: *x\n") == "a.yaml:1: anchors are not supported");
    CHECK(yaml_error("a: !!python/object x\n") ==
          "a.yaml:1: tags are not supported; got 'tag:yaml.org,2002:python/object'");
    CHECK(yaml_error("? [1, 2]\n: 3\n") == "a.yaml:1: a key that is not a word");
  }
  SECTION("hostile texts") {
    std::string bomb = "a: &a [x, x]\n";
    for (char c = 'b'; c < 'z'; ++c) bomb += fmt::format("{0}: &{0} [*{1}, *{1}]\n", c, char(c - 1));
    CHECK(yaml_error(bomb) == "a.yaml:1: anchors are not supported");
    CHECK(yaml_error(std::string(50, '[') + std::string(50, ']')) == "");
    CHECK(yaml_error(std::string(51, '[') + std::string(51, ']')) ==
          "a.yaml:1: nested too deeply; expected at most 50 levels");
    CHECK(yaml_error(std::string(100'000, '[')).starts_with("a.yaml:1: "));
    CHECK(yaml_error(std::string(100'000, '{')).starts_with("a.yaml:1: "));
    CHECK(yaml_error(std::string((1 << 20) + 1, ' ')) ==
          "a.yaml: too large for a config; got 1048577 bytes; expected at most 1048576");
    CHECK(load_error("steps: 1\nname: x\xff") == "a.yaml:2: name: not UTF-8; expected a text");
  }
  SECTION("files") {
    const auto path = (std::filesystem::temp_directory_path() / "uls_config_test.yaml").string();
    std::ofstream(path) << "steps: 4\n";
    CHECK(uls::read_yaml(path).find("steps")->where() == path + ":1");
    std::filesystem::remove(path);
    CHECK(uls::test::error_of([&] { uls::read_yaml(path); }) == path + ": cannot be opened for reading");
  }
}
