// SPDX-License-Identifier: Apache-2.0
#include "train/log/interval.h"

namespace uls {

void Interval::add(const StepResult& result, const std::vector<BatchItem>& items, double waited_s) {
  waited_s_ += waited_s;
  passes_s_ += result.passes_s;
  update_s_ += result.update_s;
  samples_ += std::int64_t(items.size());
  ++steps_;
  if (result.skipped) {
    ++skipped_;
    return;
  }
  loss_ += result.loss;
  gradient_norm_ += result.gradient_norm;
  for (std::size_t i = 0; i < items.size(); ++i) {
    TaskSum& task = tasks_[to_string(items[i].task)];
    task.loss += result.sample_losses[i];
    ++task.samples;
  }
}

Scalars Interval::scalars() const {
  const double steps = double(steps_), whole = seconds(),
               told = waited_s_ + passes_s_ + update_s_ + saving_s_;
  Scalars scalars{{"loss", loss()},
                  {"grad_norm", gradient_norm_ / double(steps_ - skipped_)},
                  {"skipped", double(skipped_)},
                  {"samples_per_second", samples_per_second()},
                  {"time/step", whole / steps},
                  {"time/waiting", waited_s_ / steps},
                  {"time/passes", passes_s_ / steps},
                  {"time/update", update_s_ / steps},
                  {"time/saving", saving_s_ / steps},
                  {"time/other", (whole - told) / steps}};
  for (const auto& [task, sum] : tasks_) scalars.emplace_back("loss/" + task, sum.loss / double(sum.samples));
  return scalars;
}

Json Interval::state() const {
  Json tasks = Json::object();
  for (const auto& [task, sum] : tasks_)
    tasks.set(task, Json::object({{"loss", scalar_json(sum.loss)}, {"samples", sum.samples}}));
  return Json::object({{"loss", scalar_json(loss_)},
                       {"grad_norm", scalar_json(gradient_norm_)},
                       {"tasks", tasks},
                       {"steps", steps_},
                       {"skipped", skipped_}});
}

void Interval::restore(const Json& state) {
  loss_ = scalar_of(state.at("loss"));
  gradient_norm_ = scalar_of(state.at("grad_norm"));
  steps_ = state.at("steps").as_int64();
  skipped_ = state.at("skipped").as_int64();
  for (const JsonMember& task : state.at("tasks").members())
    tasks_[task.key] = {scalar_of(task.value.at("loss")), task.value.at("samples").as_int64()};
}

}  // namespace uls
