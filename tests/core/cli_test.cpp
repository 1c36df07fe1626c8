// SPDX-License-Identifier: Apache-2.0
#include "core/cli/cli.h"

#include <fcntl.h>
#include <stdio_ext.h>
#include <unistd.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdio>
#include <filesystem>
#include <sstream>

#include "core/base/error.h"
#include "core/cli/build_facts.h"
#include "core/config/settings.h"
#include "core/config_command.h"
#include "core/device/cuda_info.h"
#include "core/doctor_command.h"
#include "core/json/json.h"

using uls::Command;
using uls::Need;
using uls::Options;

namespace {

// Points a standard stream at another file for as long as it lives.
class Redirected {
 public:
  Redirected(std::FILE* stream, int target) : stream_(stream), saved_(dup(fileno(stream))) {
    std::fflush(stream_);
    dup2(target, fileno(stream_));
  }
  ~Redirected() {
    std::fflush(stream_);
    __fpurge(stream_);  // what could not be written must not appear on the real stream
    std::clearerr(stream_);
    dup2(saved_, fileno(stream_));
    close(saved_);
  }

 private:
  std::FILE* stream_;
  int saved_;
};

struct Outcome {
  int code;
  std::string out, err;
};

std::string content(std::FILE* file) {
  std::string text;
  std::rewind(file);
  for (int c; (c = std::fgetc(file)) != EOF;) text += char(c);
  std::fclose(file);
  return text;
}

const uls::ProgramInfo kProgram{.name = "unilseg", .summary = "A summary.", .version = "1.2.3 (test)"};

Outcome run(const std::vector<Command>& commands, std::vector<const char*> words, int out = -1) {
  words.insert(words.begin(), "unilseg");
  std::FILE *out_file = std::tmpfile(), *err_file = std::tmpfile();
  int code = -1;
  {
    const Redirected output(stdout, out < 0 ? fileno(out_file) : out), errors(stderr, fileno(err_file));
    code = uls::run_program(kProgram, commands, int(words.size()), words.data());
  }
  return {code, content(out_file), content(err_file)};
}

struct Given {
  bool fast = false;
  std::string out = "a.png";
  std::int64_t steps = 10;
  double rate = 0.5;
  std::vector<std::string> texts;
  std::string source;
  std::vector<std::string> overrides;
};

Command train(Given& given) {
  return {"train", "trains a model", [&given](Options& options) {
            options.flag("fast", given.fast, "hurry");
            options.option("out", given.out, "FILE", "where the picture goes");
            options.option("steps", given.steps, "N", "number of steps");
            options.option("rate", given.rate, "R", "learning rate");
            options.option("text", given.texts, "T", "a sentence");
            options.positional("SOURCE", given.source, "what to read");
            options.rest("key=value", given.overrides, "changes to the config");
            return [] { uls::print("done\n"); };
          }};
}

Command throwing(const char* name, std::function<void()> function) {
  return {name, "fails", [function](Options&) { return function; }};
}

std::vector<Command> several() {
  static Given given;
  given = {};
  return {train(given),
          {.name = "data",
           .summary = "data sets",
           .children = {throwing("check", [] { throw uls::DataError("bad row 3"); })}},
          throwing("error", [] { uls::fail("op: wrong; got {}; expected {}", 1, 2); }),
          throwing("bug", [] { ULS_ASSERT(1 == 2, "numbers"); }),
          throwing("standard", [] { throw std::runtime_error("something else"); })};
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

}  // namespace

TEST_CASE("cli: options reach their targets") {
  Given given;
  const auto outcome =
      run({train(given)}, {"train", "--fast", "--steps", "-3", "--rate=1e-3", "--text", "a cat", "in.png",
                           "--text", "a dog", "lr=-1", "--out=b.png", "x=y"});
  CHECK(outcome.code == 0);
  CHECK(outcome.out == "done\n");
  CHECK(outcome.err.empty());
  CHECK(given.fast);
  CHECK(given.steps == -3);
  CHECK(given.rate == 1e-3);
  CHECK(given.out == "b.png");
  CHECK(given.source == "in.png");
  CHECK(given.texts == std::vector<std::string>{"a cat", "a dog"});
  CHECK(given.overrides == std::vector<std::string>{"lr=-1", "x=y"});
}

TEST_CASE("cli: defaults stay where nothing is given") {
  Given given;
  CHECK(run({train(given)}, {"train", "in.png"}).code == 0);
  CHECK(given.out == "a.png");
  CHECK(given.steps == 10);
  CHECK(given.texts.empty());
}

TEST_CASE("cli: a user's slips are one line and exit code 2") {
  const auto error_of = [](std::vector<const char*> words) {
    const auto outcome = run(several(), std::move(words));
    CHECK(outcome.code == 2);
    CHECK(outcome.out.empty());
    CHECK(std::ranges::count(outcome.err, '\n') == 1);
    return outcome.err;
  };
  CHECK(error_of({"trian"}) == "unilseg: error: unknown command 'trian' (did you mean 'train'?)\n");
  CHECK(error_of({"xylophone"}) ==
        "unilseg: error: unknown command 'xylophone'; expected train, data, error, bug, standard\n");
  CHECK(error_of({"data", "chek"}) == "unilseg: error: unknown command 'chek' (did you mean 'check'?)\n");
  CHECK(error_of({"--versoin"}) ==
        "unilseg: error: unknown option '--versoin' (did you mean '--version'?)\n");
  CHECK(error_of({"train", "a", "--stps", "3"}) ==
        "unilseg: error: unknown option '--stps' (did you mean '--steps'?)\n");
  CHECK(error_of({"train", "a", "--stps=3"}) ==
        "unilseg: error: unknown option '--stps' (did you mean '--steps'?)\n");
  CHECK(error_of({"train", "a", "-s"}) == "unilseg: error: unknown option '-s'\n");
  CHECK(error_of({"train", "a", "--steps", "many"}) ==
        "unilseg: error: --steps: wrong value; got 'many'; expected a whole number\n");
  CHECK(error_of({"train", "a", "--steps", "010x"}) ==
        "unilseg: error: --steps: wrong value; got '010x'; expected a whole number\n");
  CHECK(error_of({"train", "a", "--rate", "nan"}) ==
        "unilseg: error: --rate: wrong value; got 'nan'; expected a number\n");
  CHECK(error_of({"train", "a", "--out", "--fast"}) ==
        "unilseg: error: --out: no value; got the next option '--fast'\n");
  CHECK(error_of({"train", "a", "--text", "--fast"}) ==
        "unilseg: error: --text: no value; got the next option '--fast'\n");
  CHECK(error_of({"train", "a", "--out"}) == "unilseg: error: --out: 1 required FILE missing\n");
  CHECK_THAT(error_of({"train", "a", "--steps", "1", "--steps", "2"}),
             Catch::StartsWith("unilseg: error: --steps"));
  CHECK(error_of({"train"}) == "unilseg: error: missing SOURCE (what to read)\n");
  CHECK(error_of({"error", "more"}) == "unilseg: error: unexpected word 'more'\n");
}

TEST_CASE("cli: required options") {
  std::string config;
  const Command command{"run", "runs", [&](Options& options) {
                          options.option("config", config, "F", "the config file", Need::required);
                          return [] {};
                        }};
  const auto outcome = run({command}, {"run"});
  CHECK(outcome.code == 2);
  CHECK(outcome.err == "unilseg: error: missing --config F (the config file)\n");
  CHECK(run({command}, {"run", "--config", "a.yaml"}).code == 0);
  CHECK(config == "a.yaml");
}

TEST_CASE("cli: each kind of failure has its exit code") {
  const auto error = run(several(), {"error"});
  CHECK(error.code == 2);
  CHECK(error.err == "unilseg: error: op: wrong; got 1; expected 2\n");
  const auto data = run(several(), {"data", "check"});
  CHECK(data.code == 3);
  CHECK(data.err == "unilseg: error: bad row 3\n");
  const auto bug = run(several(), {"bug"});
  CHECK(bug.code == 1);
  CHECK_THAT(bug.err, Catch::StartsWith("unilseg: error: bug: numbers [1 == 2 does not hold]"));
  const auto standard = run(several(), {"standard"});
  CHECK(standard.code == 1);
  CHECK(standard.err == "unilseg: error: something else\n");
}

TEST_CASE("cli: help and version") {
  CHECK(run(several(), {"--version"}).out == "unilseg 1.2.3 (test)\n");
  const auto nothing = run(several(), {}), help = run(several(), {"--help"});
  CHECK(nothing.code == 2);
  CHECK(help.code == 0);
  CHECK(nothing.out == help.out);
  CHECK_THAT(help.out, Catch::StartsWith("usage: unilseg COMMAND [options]\n\nA summary.\n\ncommands:\n"
                                         "  train     trains a model\n"));
  CHECK(run(several(), {"data", "--help"}).out ==
        "usage: unilseg data COMMAND [options]\n\ndata sets\n\ncommands:\n  check  fails\n\noptions:\n"
        "  --help  this page\n\nunilseg data COMMAND --help tells more.\n");
  // Asking for help needs nothing else to be right.
  const auto page = run(several(), {"train", "--help"});
  CHECK(page.code == 0);
  CHECK(page.out ==
        "usage: unilseg train SOURCE [key=value ...] [options]\n\ntrains a model\n\nwords:\n"
        "  SOURCE         what to read\n  key=value ...  changes to the config\n\noptions:\n"
        "  --fast      hurry\n  --out FILE  where the picture goes (default a.png)\n"
        "  --steps N   number of steps (default 10)\n  --rate R    learning rate (default 0.5)\n"
        "  --text T    a sentence; may be repeated\n  --help      this page\n");
}

TEST_CASE("cli: long help texts are wrapped at 100 columns") {
  bool flag = false;
  std::string words;
  for (int i = 0; i < 60; ++i) words += "word" + std::to_string(i) + " ";
  const Command command{"a", "b", [&](Options& options) {
                          options.flag("flag", flag, words);
                          return [] {};
                        }};
  const auto lines = lines_of(run({command}, {"a", "--help"}).out);
  CHECK(std::ranges::max(lines, {}, &std::string::size).size() > 90);
  CHECK(std::ranges::max(lines, {}, &std::string::size).size() <= 100);
  CHECK_THAT(lines[6], Catch::StartsWith("          word"));
}

TEST_CASE("cli: prepare runs before a command and not before help") {
  int calls = 0;
  uls::ProgramInfo program = kProgram;
  program.prepare = [&] { ++calls; };
  const Command command = throwing("work", [&] { calls *= 10; });
  const char* help[] = {"unilseg", "work", "--help"};
  {
    std::FILE* file = std::tmpfile();
    const Redirected output(stdout, fileno(file));
    CHECK(uls::run_program(program, {command}, 3, help) == 0);
    CHECK(calls == 0);
    CHECK(uls::run_program(program, {command}, 2, help) == 0);
    std::fclose(file);
  }
  CHECK(calls == 10);
}

TEST_CASE("cli: an output that cannot be written") {
  const Command chatty = throwing("chatty", [] {
    for (int i = 0; i < 100'000; ++i) uls::print("line {}\n", i);
  });
  const int full = open("/dev/full", O_WRONLY);
  const auto disk = run({chatty}, {"chatty"}, full);
  CHECK(disk.code == 1);
  CHECK(disk.err == "unilseg: error: the output cannot be written: No space left on device\n");
  close(full);

  int ends[2];
  REQUIRE(pipe(ends) == 0);
  close(ends[0]);
  const auto gone = run({chatty}, {"chatty"}, ends[1]);
  CHECK(gone.code == 0);
  CHECK(gone.err.empty());
  close(ends[1]);
}

TEST_CASE("doctor: text and JSON agree, and other rooms add rows") {
  const auto path = (std::filesystem::temp_directory_path() / "uls_doctor_test.json").string();
  const auto extra = [] {
    return std::vector<uls::DoctorRow>{{"build", "oneDNN", "2.6.3"}, {"missing", "fish", "go and catch one"}};
  };
  const auto outcome = run({uls::doctor_command(extra)}, {"doctor", "--json", path.c_str()});
  CHECK(outcome.code == 0);
  CHECK(outcome.err.empty());
  CHECK_THAT(outcome.out,
             Catch::StartsWith("unilseg " + uls::build_facts().version + "\n\nbuild\n  compiler"));
  CHECK_THAT(outcome.out, Catch::Contains("go and catch one"));

  const uls::Json report = uls::read_json_file(path);
  CHECK(report.at("build").at("oneDNN").as_string() == "2.6.3");
  CHECK(report.members().back().key == "missing");
  CHECK(report.at("machine").find("processor") != nullptr);
  for (const auto& field : uls::settings_table().fields())
    CHECK_THAT(report.at("environment").at(field.variable).as_string(), Catch::Contains(field.meaning));
  for (const auto& [section, rows] : report.members()) {
    if (section == "version") continue;
    CHECK_THAT(outcome.out, Catch::Contains("\n\n" + section + "\n"));
    for (const auto& [name, value] : rows.members())
      CHECK_THAT(outcome.out, Catch::Contains("  " + value.as_string() + "\n"));
  }
  std::filesystem::remove(path);
}

TEST_CASE("doctor: a machine without a CUDA device says why") {
  const uls::CudaInfo info = uls::cuda_info();
  CHECK(info.built == uls::build_facts().cuda);
  CHECK(info.devices.empty() == !info.problem.empty());
  CHECK((info.runtime_version > 0) == info.built);
  for (const auto& device : info.devices) {
    CHECK_FALSE(device.name.empty());
    CHECK(device.memory_bytes > 0);
    CHECK(device.major >= 5);
    CHECK(device.processors > 0);
  }
}

TEST_CASE("config explain") {
  const std::vector<Command> commands{uls::config_command({&uls::settings_table()})};
  CHECK(run(commands, {"config", "explain", "threads"}).out ==
        "[settings]\nthreads\n  meaning   threads of CPU loops; 0: as many as the machine offers\n"
        "  value     a whole number from 0 to 4096\n  default   0\n  variable  ULS_THREADS\n");
  CHECK(run(commands, {"config", "explain", "ULS_THREADS"}).out ==
        run(commands, {"config", "explain", "threads"}).out);
  const auto all = run(commands, {"config", "explain"});
  CHECK(all.code == 0);
  for (const auto& field : uls::settings_table().fields())
    CHECK_THAT(all.out, Catch::Contains("\n" + field.name + "="));
  const auto unknown = run(commands, {"config", "explain", "thread"});
  CHECK(unknown.code == 2);
  CHECK(unknown.err ==
        "unilseg: error: config explain: unknown key 'thread' (did you mean 'threads'?); `config explain` "
        "lists all\n");
}

TEST_CASE("core commands: help fits a screen") {
  const std::vector<Command> commands{uls::doctor_command(), uls::config_command({&uls::settings_table()})};
  for (const auto& words : std::vector<std::vector<const char*>>{
           {"--help"}, {"doctor", "--help"}, {"config", "--help"}, {"config", "explain", "--help"}}) {
    const auto outcome = run(commands, words);
    CHECK(outcome.code == 0);
    const auto lines = lines_of(outcome.out);
    CHECK(lines.size() <= 40);
    CHECK(std::ranges::max(lines, {}, &std::string::size).size() <= 100);
  }
}
