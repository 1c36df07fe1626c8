// SPDX-License-Identifier: Apache-2.0
#include "data/tools/check.h"

#include <algorithm>
#include <map>
#include <set>
#include <vector>

#include "core/base/error.h"
#include "core/io/foreign_text.h"
#include "data/format/shard_dataset.h"
#include "data/tools/in_order.h"
#include "data/tools/repeats.h"
#include "data/tools/sample_check.h"

namespace uls {
namespace {

using Counts = std::map<std::string, std::int64_t>;

class SetCheck {
 public:
  SetCheck(const Dataset& dataset, std::int64_t length, const std::function<void(const Finding&)>& found)
      : dataset_(dataset), length_(length), found_(found), split_of_(std::size_t(dataset.size())) {}

  CheckResult run() {
    const SampleCheck check(dataset_, length_);
    in_order("data check", 0, dataset_.size(), 1024, check,
             [this](std::int64_t index, const SampleFacts& facts) { take(index, facts); });
    check_ids();
    check_images();
    check_counts("samples", samples_, dataset_.manifest().samples);
    check_counts("targets", targets_, dataset_.manifest().targets);
    for (const auto& [place, text] : shard_faults(dataset_)) report({"shard", place, text});
    return result_;
  }

 private:
  void report(const Finding& finding) {
    ++result_.findings;
    found_(finding);
  }

  // What belongs to no sample stands at the manifest.
  void report_manifest(const char* kind, std::string text) {
    report({kind, dataset_.path() + "/manifest.json", std::move(text)});
  }

  void take(std::int64_t index, const SampleFacts& facts) {
    ++result_.samples;
    for (const Finding& finding : facts.findings) report(finding);
    all_readable_ = all_readable_ && facts.readable;
    if (!facts.readable) return;
    ++samples_[facts.split];
    sample_ids_.add(facts.id, index);
    if (facts.image != 0) images_.add(facts.image, index);
    split_of_[std::size_t(index)] =
        split_numbers_.try_emplace(facts.split, std::int32_t(split_numbers_.size())).first->second;
    for (const std::uint64_t id : facts.target_ids) target_ids_.add(id, index);
    if (const auto count = std::int64_t(facts.tasks.size()); count > 0) targets_[facts.split] += count;
    check_index(index, facts);
    result_.targets += std::int64_t(facts.tasks.size());
  }

  // Once a line is out of step all that follow are: the first says it.
  void check_index(std::int64_t index, const SampleFacts& facts) {
    if (!all_readable_ || !index_agrees_) return;
    for (std::size_t i = 0; i < facts.tasks.size() && index_agrees_; ++i) {
      const std::int64_t position = result_.targets + std::int64_t(i);
      if (position >= dataset_.target_count()) {
        index_agrees_ = false;
      } else {
        const TargetRef ref = dataset_.target(position);
        index_agrees_ = ref.sample == index && std::size_t(ref.target) == i && ref.task == facts.tasks[i] &&
                        dataset_.splits().at(std::size_t(ref.split)) == facts.split;
      }
    }
    if (!index_agrees_)
      report({"index", dataset_.place(index),
              "the index says another split, task or number of targets; got an "
              "index of other samples; expected one that was written with them"});
  }

  void check_ids() {
    sample_ids_.for_each_group([this](std::uint64_t, const std::vector<std::int64_t>& group) {
      Counts first;  // by id: the sample that has it
      for (const std::int64_t index : group) check_id("sample", dataset_.sample(index).id, index, first);
    });
    target_ids_.for_each_group([this](std::uint64_t hash, std::vector<std::int64_t> group) {
      group.erase(std::unique(group.begin(), group.end()), group.end());
      Counts first;
      for (const std::int64_t index : group)
        for (const Target& target : dataset_.sample(index).targets)
          if (Repeats::hash(target.id) == hash) check_id("target", target.id, index, first);
    });
  }

  void check_id(const char* what, const std::string& id, std::int64_t index, Counts& first) {
    const auto [at, is_new] = first.emplace(id, index);
    if (is_new) return;
    report({"duplicate_id", dataset_.place(index),
            fmt::format("the {} id {} is taken; got it at {} already; expected ids that differ", what,
                        shown(id), dataset_.place(at->second))});
  }

  void check_images() {
    images_.for_each_group([this](std::uint64_t, const std::vector<std::int64_t>& group) {
      const auto split_of = [this](std::int64_t index) { return split_of_[std::size_t(index)]; };
      if (std::ranges::all_of(group,
                              [&](std::int64_t index) { return split_of(index) == split_of(group[0]); }))
        return;
      std::map<std::string, Counts> first;  // by bytes and split: the sample
      for (const std::int64_t index : group) {
        const Sample sample = dataset_.sample(index);
        Counts& splits = first[dataset_.image_bytes(sample)];
        if (!splits.emplace(sample.split, index).second || splits.size() == 1) continue;
        const auto other = std::ranges::min_element(splits, {}, &Counts::value_type::second);
        report({"duplicate_image", dataset_.place(index),
                fmt::format(
                    "the image {} of split {} is in another split too; got it at {} in split {}; expected "
                    "it in one split",
                    shown(sample.image), shown(sample.split), dataset_.place(other->second),
                    shown(other->first))});
      }
    });
  }

  void check_counts(const char* what, const Counts& found, const Counts& said) {
    // Of a sample that cannot be read nobody knows the split.
    if (!all_readable_) return;
    std::set<std::string> splits;
    for (const Counts* counts : {&found, &said})
      for (const auto& [split, count] : *counts) splits.insert(split);
    const auto count_in = [](const Counts& counts, const std::string& split) {
      const auto count = counts.find(split);
      return count == counts.end() ? 0 : count->second;
    };
    for (const std::string& split : splits)
      if (count_in(found, split) != count_in(said, split))
        report_manifest("count",
                        fmt::format("the {} of split {}: their number differs; got {}; expected {}", what,
                                    shown(split), count_in(found, split), count_in(said, split)));
  }

  const Dataset& dataset_;
  std::int64_t length_;
  const std::function<void(const Finding&)>& found_;
  CheckResult result_{};
  Counts samples_{}, targets_{};  // by split
  std::map<std::string, std::int32_t> split_numbers_{};
  std::vector<std::int32_t> split_of_;  // of each sample
  Repeats sample_ids_{}, target_ids_{}, images_{};
  bool all_readable_ = true, index_agrees_ = true;
};

}  // namespace

CheckResult check_dataset(const Dataset& dataset, std::int64_t length,
                          const std::function<void(const Finding&)>& found) {
  return SetCheck(dataset, length, found).run();
}

}  // namespace uls
