// SPDX-License-Identifier: Apache-2.0
#include "data/loader/item_maker.h"

#include <algorithm>

#include "core/base/error.h"
#include "data/text/clip_tokenizer.h"

namespace uls {

BatchItem ItemMaker::make(const OrderItem& item, const Room& room) const {
  const LoaderPart& part = parts_[std::size_t(item.part)];
  const PartItem which = part.item(item.index);
  const TargetRef ref = part.data().target(which.target);
  const Sample sample = part.data().sample(ref.sample);
  const Target& target = sample.targets.at(std::size_t(ref.target));
  SampleRandom random(seed_, std::uint64_t(item.epoch), std::uint64_t(item.position),
                      std::uint64_t(which.target) * 64 + std::uint64_t(item.part));
  const std::int64_t drawn = random.below(std::int64_t(target.texts.size()));
  const std::int32_t sentence =
      which.sentence >= 0 ? which.sentence : std::int32_t(random_sentence_ ? drawn : 0);
  std::string text = target.texts.at(std::size_t(sentence));
  std::vector<std::uint8_t> mask = part.data().target_mask(sample, target);
  const std::vector<std::uint8_t> ignored = ignored_pixels(sample);
  drop_ignored(ignored, mask);
  std::ranges::fill(room.weight, 1.0f);
  transform_.apply(part.data().image(sample), mask, target.granularity, text, random, room.image, room.target,
                   {ignored, room.weight});
  const auto ids = ClipTokenizer::instance().encode_row(text, std::int64_t(room.ids.size()));
  std::ranges::copy(ids, room.ids.begin());
  return {.set = part.data().path(),
          .sample = sample.id,
          .target = target.id,
          .target_index = which.target,
          .task = target.task,
          .text = std::move(text),
          .sentence = sentence,
          .kind = target.kind,
          .empty = target.regions.empty(),
          .ignores = !ignored.empty(),
          .height = sample.height,
          .width = sample.width};
}

std::string ItemMaker::name_of(const OrderItem& item) const {
  const LoaderPart& part = parts_[std::size_t(item.part)];
  const TargetRef ref = part.data().target(part.item(item.index).target);
  return fmt::format("sample {}, target {} of {}", ref.sample, ref.target, part.data().path());
}

}  // namespace uls
