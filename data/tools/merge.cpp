// SPDX-License-Identifier: Apache-2.0
#include "data/tools/merge.h"

#include <algorithm>
#include <array>

#include "core/base/error.h"
#include "core/base/strings.h"
#include "core/io/foreign_text.h"
#include "data/tools/in_order.h"
#include "data/tools/repeats.h"

namespace uls {
namespace {

// Ids of samples, of targets, and names of clips: each differ among themselves.
constexpr std::size_t kSpaces = 3;

template <typename Visit>
void for_each_id(const Sample& sample, Visit&& visit) {
  visit(0, sample.id);
  for (const Target& target : sample.targets) visit(1, target.id);
  if (!sample.video.empty()) visit(2, sample.video);
}

// The sets' names, made different.
std::vector<std::string> prefixes_of(const std::vector<const Dataset*>& sets) {
  std::vector<std::string> prefixes;
  for (const Dataset* set : sets) {
    const std::string& name = set->manifest().name;
    std::string prefix = name + "/";
    for (int i = 2; std::ranges::find(prefixes, prefix) != prefixes.end(); ++i)
      prefix = fmt::format("{}-{}/", name, i);
    prefixes.push_back(prefix);
  }
  return prefixes;
}

using Spaces = std::array<Repeats, kSpaces>;  // hashes of all ids, with the number of their set

// Calls found(first set, another set) where they share an id.
template <typename Found>
void for_each_collision(Spaces spaces, Found&& found) {
  for (Repeats& space : spaces)
    space.for_each_group([&](std::uint64_t, const std::vector<std::int64_t>& group) {
      for (const std::int64_t set : group)
        if (set != group[0]) found(std::size_t(group[0]), std::size_t(set));
    });
}

Spaces read_ids(const std::vector<const Dataset*>& sets, const std::vector<std::string>& prefixes) {
  Spaces spaces;
  for (std::size_t set = 0; set < sets.size(); ++set)
    in_order(
        "data merge: ids of " + sets[set]->path(), 0, sets[set]->size(), 1024,
        [&](std::int64_t index) {
          std::vector<std::pair<std::size_t, std::uint64_t>> hashes;
          for_each_id(sets[set]->sample(index), [&](std::size_t space, const std::string& id) {
            hashes.emplace_back(space, Repeats::hash(prefixes[set] + id));
          });
          return hashes;
        },
        [&](std::int64_t, const auto& hashes) {
          for (const auto& [space, hash] : hashes) spaces[space].add(hash, std::int64_t(set));
        });
  return spaces;
}

void add_unlike(std::vector<std::string>& texts, const std::string& text) {
  if (!text.empty() && std::ranges::find(texts, text) == texts.end()) texts.push_back(text);
}

bool has_targets(const Dataset& set, Task task) {
  for (std::int64_t i = 0; i < set.target_count(); ++i)
    if (set.target(i).task == task) return true;
  return false;
}

bool same_list(const ClassList& a, const ClassList& b) {
  return a.names == b.names && a.values == b.values && a.ignore == b.ignore && a.background == b.background;
}

}  // namespace

std::vector<std::string> id_prefixes(const std::vector<const Dataset*>& sets) {
  std::vector<std::string> chosen(sets.size());
  const std::vector<std::string> prefixes = prefixes_of(sets);
  for_each_collision(read_ids(sets, chosen),
                     [&](std::size_t, std::size_t set) { chosen[set] = prefixes[set]; });
  if (std::ranges::all_of(chosen, &std::string::empty)) return chosen;
  for_each_collision(read_ids(sets, chosen), [&](std::size_t a, std::size_t b) {
    fail(
        "data merge: ids are equal even with the sets' names in front; got some of {} and {}; expected ids "
        "that do "
        "not begin with another set's name",
        sets[a]->path(), sets[b]->path());
  });
  return chosen;
}

void add_prefix(Sample& sample, const std::string& prefix) {
  sample.id.insert(0, prefix);
  for (Target& target : sample.targets) target.id.insert(0, prefix);
  if (!sample.video.empty()) sample.video.insert(0, prefix);
}

std::map<Task, ClassList> merged_class_lists(const std::vector<const Dataset*>& sets) {
  std::map<Task, ClassList> merged;
  std::map<Task, const Dataset*> owners;
  for (const Dataset* set : sets)
    for (const auto& [task, list] : set->manifest().class_lists) {
      const auto [at, is_new] = merged.emplace(task, list);
      if (is_new) owners[task] = set;
      ULS_CHECK(same_list(at->second, list),
                "data merge: the class lists of task {} differ; got {} classes in {} and {} in {}; expected "
                "the same "
                "names, values, ignore and background (sets of different classes stay apart)",
                to_string(task), at->second.names.size(), owners[task]->path(), list.names.size(),
                set->path());
    }
  for (const auto& [task, list] : merged)
    for (const Dataset* set : sets)
      ULS_CHECK(
          set->manifest().class_lists.contains(task) || !has_targets(*set, task),
          "data merge: {} has targets of task {} but no class list; got one in {}; expected the same in both "
          "(sets of different classes stay apart)",
          set->path(), to_string(task), owners[task]->path());
  return merged;
}

Manifest merged_manifest(const std::vector<const Dataset*>& sets) {
  std::vector<std::string> names, sources, licences;
  for (const Dataset* set : sets) {
    add_unlike(names, set->manifest().name);
    add_unlike(sources, set->manifest().source);
    add_unlike(licences, set->manifest().licence);
  }
  return {.name = join(names, "+"),
          .source = join(sources, "; "),
          .licence = join(licences, "; "),
          .class_lists = merged_class_lists(sets)};
}

}  // namespace uls
