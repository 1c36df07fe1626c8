// SPDX-License-Identifier: Apache-2.0
#include "data/loader/loader.h"

#include <algorithm>
#include <map>
#include <set>
#include <thread>
#include <utility>

#include "core/base/error.h"
#include "core/base/log.h"
#include "core/tensor/primitives.h"
#include "data/loader/item_maker.h"
#include "data/loader/prefetcher.h"

namespace uls {
namespace {

// One Order of all parts, or one for each task.
std::vector<Order> groups_of(const LoaderParts& parts, bool per_task, bool training, std::uint64_t seed) {
  std::vector<std::int64_t> visits;
  if (training)
    visits = visits_of(parts.mixture);
  else
    for (const LoaderPart& part : parts.parts) visits.push_back(part.size());
  std::map<Task, std::vector<Order::Part>> members;
  for (std::size_t i = 0; i < parts.parts.size(); ++i)
    members[per_task ? parts.tasks[i] : Task::referring].push_back(
        {std::int32_t(i), parts.parts[i].size(), visits[i]});
  std::vector<Order> groups;
  for (auto& [task, group] : members) groups.emplace_back(std::move(group), seed, training);
  return groups;
}

void check(const LoaderConfig& config, bool training, std::int64_t rank, std::int64_t ranks) {
  ULS_CHECK(config.batch >= 1 && config.word_len >= 2 && config.threads >= -1 && config.prefetch >= 1 &&
                config.most_bad >= 0 && config.seed >= 0,
            "loader: a number out of range; expected what `config explain data` says");
  ULS_CHECK(rank >= 0 && rank < ranks, "loader: wrong rank; got {} of {}", rank, ranks);
  ULS_CHECK(training || !config.per_task, "loader: data.per_task is for training; got an evaluation");
  ULS_CHECK(!training || config.sentences != "all",
            "loader: data.sentences: training shows one a visit; got all; expected random or first");
  const std::vector<std::string> words{"auto", "random", "first", "all"};
  ULS_CHECK(std::ranges::find(words, config.sentences) != words.end(),
            "loader: data.sentences: unknown word; got '{}'; expected auto, random, first or all",
            config.sentences);
}

}  // namespace

struct Loader::State {
  State(const std::vector<LoaderSet>& sets, const LoaderConfig& options, Mode mode, std::int64_t number,
        std::int64_t count)
      : config(options),
        training(mode == Mode::train),
        rank(number),
        ranks(count),
        global_batch(options.batch * count),
        transform(options.transform),
        parts(parts_of(sets, options.per_task)),
        maker(parts.parts, transform, std::uint64_t(options.seed),
              options.sentences == "random" || (options.sentences == "auto" && training)) {
    if (config.sentences == "all")
      for (LoaderPart& part : parts.parts) part.list_sentences();
    auto groups = groups_of(parts, config.per_task, training, std::uint64_t(config.seed));
    for (const Order& group : groups) epoch_size += group.epoch_size();
    // Positions in an epoch and the numbers of samples are 32 bits of the random numbers' counter.
    ULS_CHECK(epoch_size < std::int64_t(1) << 32, "loader: too many items an epoch; got {}; expected < 2^32",
              epoch_size);
    order.emplace(std::move(groups), global_batch, std::uint64_t(config.seed));
    const std::int64_t cores = std::max(1u, std::thread::hardware_concurrency());
    const CoreSplit split = split_cores(cores, config.threads);
    threads = split.loader;
    log_info(
        "loader: {} of {} cores for its threads, {} for the compute pool; {} batches ahead; {} items an "
        "epoch",
        split.loader, cores, split.compute, config.prefetch, epoch_size);
    start(0);
  }

  void start(std::int64_t first) {
    prefetcher.reset();  // the old threads end before the new ones begin
    given = first;
    prefetcher.emplace(
        threads, config.prefetch, first, [this](std::int64_t batch) { return open(batch); },
        [this](PendingBatch& batch, std::int64_t item) { fill(batch, item); });
  }

  // Items of this rank in batch `number`.
  std::int64_t items_of(std::int64_t number) const {
    if (training) return config.batch;
    const std::int64_t left = epoch_size - number * global_batch - rank * config.batch;
    return std::clamp<std::int64_t>(left, 0, config.batch);
  }

  std::unique_ptr<PendingBatch> open(std::int64_t number) const {
    if (!training && number * global_batch >= epoch_size) return nullptr;
    const std::int64_t items = items_of(number), side = transform.side(), cells = transform.cells();
    auto pending = std::make_unique<PendingBatch>();
    pending->batch = {.image = empty({items, side, side, 3}),
                      .ids = empty({items, config.word_len}, DType::int64),
                      .target = empty({items, 1, cells, cells}),
                      .weight = empty({items, 1, cells, cells}),
                      .items = std::vector<BatchItem>(std::size_t(items)),
                      .number = number};
    pending->bad.resize(std::size_t(items));
    return pending;
  }

  template <typename T>
  static std::span<T> room_of(const Tensor& tensor, std::int64_t item) {
    const std::int64_t size = tensor.numel() / tensor.size(0);
    return {tensor.data<T>() + item * size, std::size_t(size)};
  }

  void fill(PendingBatch& pending, std::int64_t item) const {
    LoadedBatch& batch = pending.batch;
    const ItemMaker::Room room{room_of<float>(batch.image, item), room_of<float>(batch.target, item),
                               room_of<float>(batch.weight, item), room_of<std::int64_t>(batch.ids, item)};
    for (std::int64_t later = 0;; ++later) {
      const OrderItem which = order->at(batch.number, rank * config.batch + item, later);
      try {
        batch.items[std::size_t(item)] = maker.make(which, room);
        return;
      } catch (const DataError& error) {
        const std::string text = fmt::format("{}: {}", maker.name_of(which), error.what());
        if (!training) throw DataError("loader: bad " + text);
        pending.bad[std::size_t(item)].push_back({which.part, which.index, text});
        // Enough to know that there are too many; next() counts.
        if (later > config.most_bad)
          throw DataError(fmt::format("loader: {} bad targets in a row; the last is {}; data.most_bad is {}",
                                      later + 1, text, config.most_bad));
      }
    }
  }

  // In the order of the items, so that the count is the same for any number of threads.
  void count_bad(const PendingBatch& pending) {
    for (const auto& of_item : pending.bad)
      for (const BadItem& one : of_item) {
        if (!known_bad.insert({one.part, one.index}).second) continue;
        bad.push_back(one.text);
        log_warning("loader: bad {}; another takes its place", one.text);
        if (std::int64_t(bad.size()) > config.most_bad)
          throw DataError(fmt::format("loader: {} bad targets; the last is {}; data.most_bad is {}",
                                      bad.size(), one.text, config.most_bad));
      }
  }

  LoaderConfig config;
  bool training;
  std::int64_t rank, ranks, global_batch, epoch_size = 0, threads = 0;
  Transform transform;
  LoaderParts parts;
  ItemMaker maker;
  std::optional<BatchOrder> order;
  std::int64_t given = 0;  // batches
  std::vector<std::string> bad;
  std::set<std::pair<std::int32_t, std::int64_t>> known_bad;  // at most most_bad + 1
  std::optional<Prefetcher> prefetcher;                       // last: its threads use all of the above
};

Loader::Loader(const std::vector<LoaderSet>& sets, const LoaderConfig& config, Mode mode, std::int64_t rank,
               std::int64_t ranks) {
  check(config, mode == Mode::train, rank, ranks);
  state_ = std::make_unique<State>(sets, config, mode, rank, ranks);
}

Loader::~Loader() = default;

std::optional<LoadedBatch> Loader::next() {
  const auto pending = state_->prefetcher->take();
  if (!pending) return std::nullopt;
  state_->count_bad(*pending);
  ++state_->given;
  if (std::ranges::none_of(pending->batch.items, &BatchItem::ignores)) pending->batch.weight = Tensor();
  return std::move(pending->batch);
}

std::int64_t Loader::epoch_size() const { return state_->epoch_size; }

std::int64_t Loader::batches() const {
  return (state_->epoch_size + state_->global_batch - 1) / state_->global_batch;
}

std::int64_t Loader::threads() const { return state_->threads; }

const Transform& Loader::transform() const { return state_->transform; }

const std::vector<std::string>& Loader::bad_targets() const { return state_->bad; }

Json Loader::state() const {
  return Json::object({{"batches", state_->given},
                       {"global_batch", state_->global_batch},
                       {"epoch_size", state_->epoch_size},
                       {"seed", state_->config.seed}});
}

void Loader::restore(const Json& state) {
  const Json now = this->state();
  for (const char* key : {"global_batch", "epoch_size", "seed"})
    ULS_CHECK(state.at(key).as_int64() == now.at(key).as_int64(),
              "loader: this position belongs to another run: {}; got {}; expected {}", key,
              state.at(key).as_int64(), now.at(key).as_int64());
  const std::int64_t batches = state.at("batches").as_int64();
  ULS_CHECK(batches >= 0, "loader: wrong position; got {} batches; expected 0 or more", batches);
  state_->start(batches);
}

}  // namespace uls
