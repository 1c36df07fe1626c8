// SPDX-License-Identifier: Apache-2.0
#include "data/loader/loader.h"

#include <catch2/catch.hpp>

#include <algorithm>
#include <map>
#include <set>

#include "core/base/log.h"
#include "data/text/clip_tokenizer.h"
#include "tests/core/io_fixture.h"
#include "tests/data/format/format_fixture.h"
#include "tests/data/loader/memory_dataset.h"
#include "tests/support/support.h"

using namespace uls;
using namespace uls::test;

namespace {

using Mode = Loader::Mode;

LoaderConfig small_config(std::int64_t threads = 0) {
  return {.batch = 4,
          .word_len = 6,
          .threads = threads,
          .prefetch = 3,
          .seed = 11,
          .transform = {.preset = "augment", .size = 16}};
}

std::shared_ptr<MemoryDataset> memory_set(std::int64_t count, std::int64_t targets = 1,
                                          const std::string& path = "mem") {
  return std::make_shared<MemoryDataset>(path, numbered_samples(count, targets));
}

// All that a batch says, for comparisons.
struct Said {
  std::vector<std::string> targets, texts;
  std::vector<float> image, target;
  std::vector<std::int64_t> ids;
  friend bool operator==(const Said&, const Said&) = default;
};

void append(Said& said, const LoadedBatch& batch) {
  for (const BatchItem& item : batch.items) {
    said.targets.push_back(item.set + ":" + item.target);
    said.texts.push_back(item.text);
  }
  const auto add = [](auto& to, const auto* from, std::int64_t count) {
    to.insert(to.end(), from, from + count);
  };
  add(said.image, batch.image.data<float>(), batch.image.numel());
  add(said.target, batch.target.data<float>(), batch.target.numel());
  add(said.ids, batch.ids.data<std::int64_t>(), batch.ids.numel());
}

Said next_said(Loader& loader) {
  Said said;
  append(said, *loader.next());
  return said;
}

std::vector<BatchItem> next_items(Loader& loader) { return loader.next()->items; }

std::vector<Said> batches_of(Loader& loader, std::int64_t count) {
  std::vector<Said> all;
  for (std::int64_t i = 0; i < count; ++i) all.push_back(next_said(loader));
  return all;
}

// Fewer lines in the tests' output.
struct Quiet {
  Quiet() { set_log_level(LogLevel::error); }
  ~Quiet() { set_log_level(LogLevel::info); }
};

}  // namespace

TEST_CASE("loader: a batch's shapes and contents") {
  const Quiet quiet;
  LoaderConfig config = small_config(1);
  config.transform = {.preset = "plain", .size = 8};
  config.sentences = "first";
  Loader loader({{.data = memory_set(20)}}, config, Mode::evaluate);
  CHECK((loader.epoch_size() == 20 && loader.batches() == 5));
  const auto batch = loader.next();
  REQUIRE(batch);
  CHECK(batch->image.shape() == Shape{4, 8, 8, 3});
  CHECK(batch->ids.shape() == Shape{4, 6});
  CHECK(batch->target.shape() == Shape{4, 1, 2, 2});
  for (std::int64_t i = 0; i < 4; ++i) {
    const BatchItem& item = batch->items[std::size_t(i)];
    CHECK(item.sample == "s" + std::to_string(i));
    CHECK(item.target == item.sample + "/0");
    CHECK((item.set == "mem" && item.target_index == i && item.sentence == 0 && !item.empty));
    CHECK(item.task == (i % 2 ? Task::semantic : Task::referring));
    CHECK((item.height == 8 && item.width == 12));
    CHECK(item.text == "thing " + std::to_string(i));
    const auto ids = ClipTokenizer::instance().encode_row(item.text, 6);
    CHECK(std::equal(ids.begin(), ids.end(), batch->ids.data<std::int64_t>() + 6 * i));
    CHECK(batch->image.data<float>()[i * 192] ==
          Approx((float(i) / 255 - 0.48145466f) / 0.26862954f).margin(1e-5));
    // The mask's rows 1..4 and columns i..i+4, in cells of 4 x 6 pixels.
    const double left = double(std::min<std::int64_t>(6, i + 5) - i), right = 5 - left;
    const float* target = batch->target.data<float>() + 4 * i;
    CHECK(target[0] == Approx(left * 3 / 24));
    CHECK(target[1] == Approx(right * 3 / 24).margin(1e-6));
    CHECK(target[2] == Approx(left / 24));
  }
}

TEST_CASE("loader: ignored pixels have no weight, and batches without any no weights") {
  const Quiet quiet;
  LoaderConfig config = small_config(1);
  config.transform = {.preset = "plain", .size = 8};
  std::vector<Sample> samples = numbered_samples(8);
  // Of sample 1 the left half: one cell of its grid of 2 x 2, above and below; masks end there.
  samples[1].ignore = box_mask({0, 0, 6, 8}, 8, 12);
  Loader loader({{.data = std::make_shared<MemoryDataset>("mem", samples)}}, config, Mode::evaluate);
  const auto first = loader.next(), second = loader.next();
  REQUIRE(first->weight);
  CHECK(first->weight.shape() == first->target.shape());
  for (std::int64_t i = 0; i < 4; ++i) {
    CHECK(first->items[std::size_t(i)].ignores == (i == 1));
    for (std::int64_t cell = 0; cell < 4; ++cell) {
      const bool left_out = i == 1 && cell % 2 == 0;
      CHECK(first->weight.data<float>()[4 * i + cell] == (left_out ? 0 : 1));
      if (left_out) CHECK(first->target.data<float>()[4 * i + cell] == 0);
    }
  }
  CHECK_FALSE(second->weight);
}

TEST_CASE("loader: the same for any number of threads, and from run to run") {
  const Quiet quiet;
  const auto data = memory_set(23, 2);
  Loader plain({{.data = data}}, small_config(0), Mode::train);
  const auto expected = batches_of(plain, 30);  // into the third epoch
  for (const std::int64_t threads : {1, 2, 4}) {
    Loader loader({{.data = data}}, small_config(threads), Mode::train);
    CHECK(batches_of(loader, 30) == expected);
  }
  LoaderConfig other = small_config();
  other.seed = 12;
  Loader another({{.data = data}}, other, Mode::train);
  CHECK(batches_of(another, 30) != expected);
}

TEST_CASE("loader: ranks share each global batch") {
  const Quiet quiet;
  const auto data = memory_set(23, 2);
  LoaderConfig config = small_config();
  config.batch = 8;
  Loader whole({{.data = data}}, config, Mode::train);
  config.batch = 4;
  config.threads = 2;
  Loader first({{.data = data}}, config, Mode::train, 0, 2),
      second({{.data = data}}, config, Mode::train, 1, 2);
  for (int i = 0; i < 15; ++i) {
    Said shares;
    append(shares, *first.next());
    append(shares, *second.next());
    CHECK(shares == next_said(whole));
  }
  CHECK(first.state() == second.state());
  CHECK(first.state() == whole.state());
}

TEST_CASE("loader: ranks of an evaluation show all between them, once") {
  const Quiet quiet;
  const auto data = memory_set(17);
  std::vector<std::string> seen;
  for (std::int64_t rank = 0; rank < 3; ++rank) {
    Loader loader({{.data = data}}, small_config(1), Mode::evaluate, rank, 3);
    int batches = 0;
    while (const auto batch = loader.next()) {
      ++batches;
      CHECK(batch->image.size(0) == std::int64_t(batch->items.size()));
      for (const BatchItem& item : batch->items) seen.push_back(item.sample);
    }
    CHECK(batches == 2);
    CHECK_FALSE(loader.next());
  }
  CHECK(seen.size() == 17);
  CHECK(std::set(seen.begin(), seen.end()).size() == 17);
}

TEST_CASE("loader: resumes at every position as if it had not stopped") {
  const Quiet quiet;
  const auto data = memory_set(9, 2);
  Loader loader({{.data = data}}, small_config(2), Mode::train);
  std::vector<Json> states{loader.state()};
  std::vector<Said> expected;
  for (int i = 0; i < 12; ++i) {
    expected.push_back(next_said(loader));
    states.push_back(Json::parse(loader.state().dump(), "state"));
  }
  for (std::size_t i = 0; i < expected.size(); ++i) {
    Loader again({{.data = data}}, small_config(1), Mode::train);
    again.restore(states[i]);
    CHECK(again.state() == states[i]);
    CHECK(next_said(again) == expected[i]);
    loader.restore(states[i]);  // also backwards
    CHECK(next_said(loader) == expected[i]);
  }
  LoaderConfig other = small_config();
  other.seed = 5;
  Loader stranger({{.data = data}}, other, Mode::train);
  CHECK(error_of([&] { stranger.restore(states[3]); }) ==
        "loader: this position belongs to another run: seed; got 11; expected 5");
}

TEST_CASE("loader: weights and caps of a mixture, counted") {
  const Quiet quiet;
  const auto small = memory_set(10, 1, "small"), large = memory_set(50, 1, "large");
  const auto counts_of = [&](const LoaderSet& a, const LoaderSet& b) {
    LoaderConfig config = small_config(2);
    config.batch = 10;
    Loader loader({a, b}, config, Mode::train);
    std::map<std::string, int> counts;
    for (std::int64_t i = 0; i < 2 * loader.epoch_size() / 10; ++i)
      for (const BatchItem& item : next_items(loader)) ++counts[item.set];
    return counts;
  };
  using Counts = std::map<std::string, int>;
  CHECK(counts_of({.data = small}, {.data = large}) == Counts{{"small", 20}, {"large", 100}});
  CHECK(counts_of({.data = small, .weight = 1}, {.data = large, .weight = 2}) ==
        Counts{{"small", 40}, {"large", 80}});
  CHECK(counts_of({.data = small}, {.data = large, .cap = 20}) == Counts{{"small", 20}, {"large", 40}});
}

TEST_CASE("loader: splits, tasks, and batches of one task") {
  const Quiet quiet;
  const auto data = memory_set(40, 2);  // 36 of train
  LoaderConfig config = small_config(2);
  Loader semantic({{.data = data, .split = "train", .tasks = {Task::semantic}}}, config, Mode::train);
  CHECK(semantic.epoch_size() == 36);
  for (const BatchItem& item : next_items(semantic)) CHECK(item.task == Task::semantic);

  config.per_task = true;
  Loader by_task({{.data = data, .split = "train"}}, config, Mode::train);
  CHECK(by_task.epoch_size() == 72);
  std::set<std::string> seen;
  std::map<Task, int> batches;
  for (int i = 0; i < 18; ++i) {
    const auto batch = by_task.next();
    ++batches[batch->items[0].task];
    for (const BatchItem& item : batch->items) {
      CHECK(item.task == batch->items[0].task);
      seen.insert(item.target);
    }
  }
  CHECK(seen.size() == 72);
  CHECK(batches == std::map<Task, int>{{Task::referring, 9}, {Task::semantic, 9}});
  CHECK(error_of([&] { Loader({{.data = data, .split = "test"}}, small_config(), Mode::train); }) ==
        "mem: no split of this name; got 'test'; expected one of train, val");
  CHECK(error_of([&] { Loader({{.data = data, .tasks = {Task::video}}}, small_config(), Mode::train); }) ==
        "mem: no target of split '' and the tasks asked for");
}

TEST_CASE("loader: sentences: a random one a visit, the first, or all") {
  const Quiet quiet;
  const auto data = memory_set(10, 2);
  std::map<std::string, std::set<std::int32_t>> drawn;
  Loader training({{.data = data}}, small_config(1), Mode::train);
  for (int i = 0; i < 60; ++i)
    for (const BatchItem& item : next_items(training)) drawn[item.target].insert(item.sentence);
  CHECK(drawn.size() == 20);
  for (const auto& [target, sentences] : drawn) CHECK(sentences.size() == 2);

  for (const char* which : {"auto", "all"}) {
    LoaderConfig config = small_config(2);
    config.sentences = which;
    Loader loader({{.data = data, .tasks = {Task::referring}}}, config, Mode::evaluate);
    std::vector<std::pair<std::int64_t, std::int32_t>> shown, expected;
    while (const auto batch = loader.next())
      for (const BatchItem& item : batch->items) shown.emplace_back(item.target_index, item.sentence);
    for (std::int64_t target = 0; target < 20; ++target) {
      if (data->target(target).task != Task::referring) continue;
      expected.emplace_back(target, 0);
      if (std::string(which) == "all") expected.emplace_back(target, 1);
    }
    CHECK(shown == expected);
  }
}

TEST_CASE("loader: bad samples are named, counted, replaced, and too many stop the run") {
  const Quiet quiet;
  const auto data = memory_set(12);
  Loader whole({{.data = data}}, small_config(), Mode::train);
  const Said good = batches_of(whole, 1)[0];
  const auto broken = memory_set(12);
  broken->broken = {good.targets[1].substr(4, good.targets[1].find('/') - 4), "s3"};
  for (const std::int64_t threads : {0, 1, 4}) {
    Loader loader({{.data = broken}}, small_config(threads), Mode::train);
    // The next of the order stands in for it.
    const Said said = batches_of(loader, 1)[0];
    CHECK(said.targets[0] == good.targets[0]);
    CHECK(said.targets[1] == good.targets[2]);
    batches_of(loader, 8);
    CHECK(loader.bad_targets().size() == 2);
    const auto named = std::ranges::find_if(loader.bad_targets(), [](const std::string& one) {
      return one == "sample 3, target 0 of mem: i3: broken by the test";
    });
    CHECK(named != loader.bad_targets().end());

    LoaderConfig strict = small_config(threads);
    strict.most_bad = 1;
    Loader stops({{.data = broken}}, strict, Mode::train);
    CHECK(error_of([&] { batches_of(stops, 9); }).starts_with("loader: 2 bad targets; the last is sample "));
  }
  for (int n = 0; n < 12; ++n) broken->broken.insert("s" + std::to_string(n));
  Loader none({{.data = broken}}, small_config(2), Mode::train);
  CHECK(error_of([&] { none.next(); }).starts_with("loader: 12 bad targets in a row; the last is sample "));
  Loader evaluation({{.data = broken}}, small_config(2), Mode::evaluate);
  CHECK(error_of([&] { evaluation.next(); }).starts_with("loader: bad sample "));
}

TEST_CASE("loader: ends while its threads are at work") {
  const Quiet quiet;
  const auto data = memory_set(50);
  for (int i = 0; i < 20; ++i) {
    Loader loader({{.data = data}}, small_config(3), Mode::train);
    if (i % 2) CHECK(loader.next());
  }
}

TEST_CASE("loader: reads a set of the unified format named in a config") {
  const Quiet quiet;
  const Folder folder;
  write_small_set(folder / "set", 6);
  LoaderConfig config = small_config(2);
  loader_table().set(config, "transform.preset=cris");
  const std::string text = (folder / "set") + " split=train tasks=referring,semantic weight=2 cap=5";
  const LoaderSet set = parse_loader_set(text);
  CHECK((set.split == "train" && set.tasks.size() == 2 && set.weight == 2 && set.cap == 5));
  Loader loader({set}, config, Mode::evaluate);
  CHECK(loader.epoch_size() == 12);
  int empty = 0;
  while (const auto batch = loader.next())
    for (std::size_t i = 0; i < batch->items.size(); ++i) {
      const float* target = batch->target.data<float>() + 16 * i;
      const bool none = std::all_of(target, target + 16, [](float t) { return t == 0; });
      CHECK((!batch->items[i].empty || none));
      empty += batch->items[i].empty;
    }
  CHECK(empty == 4);
  CHECK(error_of([&] { parse_loader_set((folder / "set") + " weigth=1"); }) ==
        "set of a mixture: wrong word (did you mean 'weight'?); got 'weigth=1'; expected split=NAME, "
        "tasks=NAME,NAME, weight=NUMBER or cap=NUMBER, numbers above 0");
}

TEST_CASE("loader: cores are divided") {
  const auto split = [](std::int64_t cores, std::int64_t wanted) {
    const CoreSplit cut = split_cores(cores, wanted);
    return std::pair{cut.loader, cut.compute};
  };
  using Pair = std::pair<std::int64_t, std::int64_t>;
  CHECK(split(2, -1) == Pair{1, 2});
  CHECK(split(64, -1) == Pair{8, 56});
  CHECK(split(1, -1) == Pair{1, 1});
  CHECK(split(8, -1) == Pair{1, 7});
  CHECK(split(8, 3) == Pair{3, 5});
  CHECK(split(4, 0) == Pair{0, 4});
}

TEST_CASE("loader: what a configuration cannot mean") {
  const auto message = [](const char* assignment, Mode mode) {
    LoaderConfig config = small_config();
    loader_table().set(config, assignment);
    return error_of([&] { Loader({{.data = memory_set(4)}}, config, mode); });
  };
  CHECK(message("sentences=all", Mode::train) ==
        "loader: data.sentences: training shows one a visit; got all; expected random or first");
  CHECK(message("per_task=true", Mode::evaluate) ==
        "loader: data.per_task is for training; got an evaluation");
  CHECK(error_of([] {
          LoaderConfig config;
          loader_table().set(config, "transform.preset=flip");
        }) != "");
}
