// SPDX-License-Identifier: Apache-2.0
#include "data/scenes/scene_sentences.h"

#include <algorithm>
#include <set>

#include "data/scenes/scene_layout.h"
#include "data/scenes/scene_level.h"

namespace uls {
namespace {

using Phrases = std::vector<ScenePhrase>;

constexpr double kSalientLead = 1.35, kPlainPositions = 0.3;
constexpr std::int64_t kLeastHandle = 8;  // visible pixels of a handle that is asked for

ScenePhrase the(SceneNoun noun) { return {.noun = std::move(noun)}; }

SceneNoun pair_of(const SceneObject& object) { return {.colour = object.colour, .shape = object.shape}; }

class Composer {
 public:
  Composer(const SceneOptions& options, const std::vector<SceneObject>& objects, SceneDraws& draws)
      : options_(options),
        rules_(rules_of(options.level)),
        objects_(objects),
        margin_(phrase_margin(scene_size(options))),
        draws_(draws) {}

  std::vector<SceneSentence> picture() {
    for (int i = 0; i < int(objects_.size()); ++i) {
      if (!is_subject(i)) continue;
      choose(Task::referring, "attribute", rules_.attribute, i, attributes(i));
      choose(Task::referring, "size", rules_.relative_size, i, sizes(i));
      choose(Task::referring, "position", rules_.position, i, positions(i));
      choose(Task::referring, "relation", rules_.relation, i, relations(i));
      if (objects_[std::size_t(i)].handle_area >= kLeastHandle) choose(Task::part, "part", 1, i, handles(i));
    }
    semantic();
    salient();
    open_vocabulary();
    if (options_.plain)
      std::erase_if(sentences_, [&](const SceneSentence& sentence) {
        return sentence.kind == "relation" ||
               (sentence.kind == "position" && !draws_.chance(kPlainPositions));
      });
    return std::move(sentences_);
  }

  std::vector<SceneSentence> clip() {
    for (int i = 0; i < int(objects_.size()); ++i) {
      if (!is_subject(i)) continue;
      const SceneObject& object = objects_[std::size_t(i)];
      const Phrases moving = distinct(i, {the({.shape = object.shape, .motion = object.motion}),
                                          the({.colour = object.colour, .motion = object.motion})});
      const bool moves = !moving.empty() && draws_.chance(0.6);
      choose(Task::video, moves ? "motion" : "attribute", 1, i, moves ? moving : attributes(i));
    }
    return std::move(sentences_);
  }

 private:
  bool is_subject(int i) const {
    const SceneObject& object = objects_[std::size_t(i)];
    return options_.split != SceneSplit::held_out || is_held_out(object.colour, object.shape);
  }

  // Those that mean object i alone.
  Phrases distinct(int i, const Phrases& phrases) const {
    Phrases fit;
    for (const ScenePhrase& phrase : phrases)
      if (resolve_phrase(phrase, objects_, margin_) == std::vector<int>{i}) fit.push_back(phrase);
    return fit;
  }

  Phrases attributes(int i) const {
    const SceneObject& object = objects_[std::size_t(i)];
    Phrases all{the(pair_of(object))};
    if (object.texture != SceneTexture::plain) {
      all.push_back(the({.texture = object.texture, .shape = object.shape}));
      all.push_back(the({.texture = object.texture, .colour = object.colour, .shape = object.shape}));
    }
    return distinct(i, all);
  }

  // The size must be needed.
  Phrases sizes(int i) const {
    const SceneObject& object = objects_[std::size_t(i)];
    Phrases needed;
    for (const bool coloured : {false, true}) {
      SceneNoun noun{.shape = object.shape};
      if (coloured) noun.colour = object.colour;
      const bool alone = !distinct(i, {the(noun)}).empty();
      noun.size = object.size;
      if (!alone) needed.push_back(the(noun));
    }
    return distinct(i, needed);
  }

  Phrases positions(int i) const {
    const SceneObject& object = objects_[std::size_t(i)];
    std::vector<SceneNoun> nouns{{.shape = object.shape}, {.colour = object.colour}, pair_of(object)};
    Phrases all;
    for (const SceneNoun& noun : nouns)
      for (const auto side : {SceneSide::left, SceneSide::right, SceneSide::top, SceneSide::bottom})
        all.push_back({.noun = noun, .side = side});
    return distinct(i, all);
  }

  Phrases relations(int i) const {
    const SceneObject& object = objects_[std::size_t(i)];
    Phrases all;
    for (std::size_t j = 0; j < objects_.size(); ++j)
      for (const auto side : {SceneSide::left, SceneSide::right, SceneSide::top, SceneSide::bottom})
        for (const SceneNoun& noun : {SceneNoun{.shape = object.shape}, pair_of(object)})
          if (int(j) != i) all.push_back({.noun = noun, .side = side, .other = pair_of(objects_[j])});
    return distinct(i, all);
  }

  Phrases handles(int i) const {
    Phrases all = attributes(i);
    for (const ScenePhrase& phrase : sizes(i)) all.push_back(phrase);
    for (ScenePhrase& phrase : all) phrase.handle = true;
    return all;
  }

  void choose(Task task, const char* kind, double chance, int i, const Phrases& phrases) {
    if (phrases.empty() || !draws_.chance(chance)) return;
    add(task, kind, draws_.pick(phrases), {i});
  }

  void add(Task task, const std::string& kind, const ScenePhrase& phrase, std::vector<int> objects) {
    sentences_.push_back({phrase, kind, task, std::move(objects), phrase_texts(phrase, rules_.paraphrases)});
  }

  void choose_all(Task task, const char* kind, double chance, const SceneNoun& noun) {
    if (!draws_.chance(chance)) return;
    const ScenePhrase phrase{.all = true, .noun = noun};
    add(task, kind, phrase, resolve_phrase(phrase, objects_, margin_));
  }

  // Every shape that is there, so that these sentences make a label map.
  void semantic() {
    std::set<SceneShape> shapes;
    std::set<SceneColour> colours;
    for (const SceneObject& object : objects_) shapes.insert(object.shape), colours.insert(object.colour);
    for (const SceneShape shape : shapes) choose_all(Task::semantic, "shape", 1, {.shape = shape});
    for (const SceneColour colour : colours)
      choose_all(Task::semantic, "colour", rules_.colour, {.colour = colour});
    choose_all(Task::semantic, "everything", rules_.everything, {});
  }

  void salient() {
    std::vector<int> order;
    for (int i = 0; i < int(objects_.size()); ++i) order.push_back(i);
    const auto area = [&](int i) { return objects_[std::size_t(i)].area; };
    std::ranges::stable_sort(order, [&](int a, int b) { return area(a) > area(b); });
    if (double(area(order[0])) >= kSalientLead * double(area(order[1])))
      sentences_.push_back({{}, "salient", Task::salient, {order[0]}, {"the most salient object"}});
  }

  void open_vocabulary() {
    std::set<std::pair<SceneColour, SceneShape>> pairs;
    for (int i = 0; i < int(objects_.size()); ++i)
      if (is_subject(i)) pairs.insert({objects_[std::size_t(i)].colour, objects_[std::size_t(i)].shape});
    const double chance = options_.split == SceneSplit::held_out ? 1 : rules_.pair;
    for (const auto& [colour, shape] : pairs)
      choose_all(Task::open_vocabulary, "pair", chance, {.colour = colour, .shape = shape});
    for (const auto group : {SceneGroup::round, SceneGroup::angular, SceneGroup::warm, SceneGroup::cold})
      if (std::ranges::any_of(objects_, [&](const auto& o) { return SceneNoun{.group = group}.fits(o); }))
        choose_all(Task::open_vocabulary, "group", rules_.group, {.group = group});
  }

  const SceneOptions& options_;
  const SceneLevelRules& rules_;
  const std::vector<SceneObject>& objects_;
  double margin_;
  SceneDraws& draws_;
  std::vector<SceneSentence> sentences_;
};

}  // namespace

std::vector<SceneSentence> scene_sentences(const SceneOptions& options,
                                           const std::vector<SceneObject>& objects, SceneDraws& draws) {
  return Composer(options, objects, draws).picture();
}

std::vector<SceneSentence> clip_sentences(const SceneOptions& options,
                                          const std::vector<SceneObject>& objects, SceneDraws& draws) {
  return Composer(options, objects, draws).clip();
}

}  // namespace uls
