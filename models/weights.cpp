// SPDX-License-Identifier: Apache-2.0
#include "models/weights.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "core/autograd/grad_mode.h"
#include "core/io/safetensors.h"
#include "core/io/weights_file.h"
#include "core/tensor/primitives.h"
#include "kernels/spatial/resize_bilinear/resize_bilinear.h"
#include "models/unilseg/unilseg.h"

namespace uls {
namespace {

constexpr std::size_t kListed = 20;  // names of a kind before the rest is counted

bool all_start_with(const NamedTensors& tensors, const std::string& prefix) {
  return !tensors.empty() &&
         std::ranges::all_of(tensors, [&](const auto& item) { return item.first.starts_with(prefix); });
}

NamedTensors without_prefix(const NamedTensors& tensors, const std::string& prefix) {
  NamedTensors plain;
  for (const auto& [name, x] : tensors) plain[name.substr(prefix.size())] = x;
  return plain;
}

// [(2 K - 1)^2, N] as a picture of offsets, from one window to another, with the corners in place.
Tensor resized_bias_table(const Tensor& table, const Shape& wanted) {
  const auto side = [](std::int64_t entries) {
    return std::int64_t(std::llround(std::sqrt(double(entries))));
  };
  const std::int64_t from = side(table.size(0)), to = side(wanted[0]);
  const NoGrad no_grad;
  return resize_bilinear(converted(table, DType::float64).reshaped({1, from, from, table.size(1)}), to, to,
                         true)
      .reshaped(wanted);
}

class Loader {
 public:
  Loader(const NamedTensors& weights, const LoadOptions& options) : weights_(weights), options_(options) {}

  void load(const std::string& name, const Tensor& target, FileLayout layout) {
    const auto found = weights_.find(name);
    if (found == weights_.end()) {
      report_.missing.push_back(name);
      return;
    }
    const Shape wanted = file_shape(target.shape(), layout);
    Tensor value = found->second;
    if (value.shape() != wanted) {
      const bool is_table = name.ends_with("relative_position_bias_table") && value.rank() == 2 &&
                            wanted.size() == 2 && value.size(1) == wanted[1];
      if (!is_table || !options_.resize_bias_tables) {
        report_.misfits.push_back({name, value.shape(), wanted});
        return;
      }
      value = resized_bias_table(value, wanted);
      report_.resized.push_back(name);
    }
    Tensor place = target.detached();
    copy_(place, from_file_layout(value, layout));
    ++report_.loaded;
  }

  LoadReport finish(const Parameters& parameters) {
    std::set<std::string> known;
    for (const Parameter& p : parameters.all()) known.insert(p.name);
    for (const Buffer& b : parameters.buffers()) known.insert(b.name);
    for (const auto& [name, x] : weights_) {
      if (known.contains(name)) continue;
      if (!is_passenger(name))
        report_.unexpected.push_back(name);
      else if (!is_index_of_resized(name))
        report_.passengers[name] = x;
    }
    return std::move(report_);
  }

 private:
  // An index into a bias table that has another size now.
  bool is_index_of_resized(const std::string& name) const {
    const std::string index = "relative_position_index";
    return name.ends_with(index) &&
           std::ranges::find(report_.resized, name.substr(0, name.size() - index.size()) +
                                                  "relative_position_bias_table") != report_.resized.end();
  }

  const NamedTensors& weights_;
  const LoadOptions& options_;
  LoadReport report_;
};

}  // namespace

std::string LoadReport::text() const {
  std::string text = fmt::format("weights: {} tensors loaded", loaded);
  if (!passengers.empty()) text += fmt::format(", {} that nothing uses left aside", passengers.size());
  if (!resized.empty()) text += fmt::format(", {} bias tables resized", resized.size());
  const auto list = [&text](const char* kind, std::size_t count, const auto& line) {
    for (std::size_t i = 0; i < std::min(count, kListed); ++i)
      text += fmt::format("\n  {:<10}  {}", kind, line(i));
    if (count > kListed) text += fmt::format("\n  {:<10}  and {} more", kind, count - kListed);
  };
  list("missing", missing.size(), [&](std::size_t i) { return missing[i]; });
  list("unexpected", unexpected.size(), [&](std::size_t i) { return unexpected[i]; });
  list("mis-shaped", misfits.size(), [&](std::size_t i) {
    return fmt::format("{}: {} in the file, {} in the model", misfits[i].name, to_string(misfits[i].file),
                       to_string(misfits[i].model));
  });
  return text;
}

NamedTensors weights_of_file(const std::string& path) {
  const WeightsFile file = open_weights(path);
  NamedTensors tensors;
  for (const auto& [name, stored] : flatten(*state_dict_of(file).node)) tensors[name] = stored->read();
  return with_plain_names(tensors);
}

NamedTensors read_tensors(const std::string& path) {
  const SafetensorsFile file = SafetensorsFile::open(path);
  NamedTensors tensors;
  for (const std::string& name : file.names()) tensors[name] = file.tensor(name);
  return tensors;
}

NamedTensors with_plain_names(const NamedTensors& file) {
  NamedTensors plain = file;
  if (all_start_with(plain, "module.")) plain = without_prefix(plain, "module.");
  for (const char* scalar : {"input_resolution", "context_length", "vocab_size"}) plain.erase(scalar);
  return plain;
}

LoadReport load_weights(const Parameters& parameters, const NamedTensors& weights,
                        const LoadOptions& options) {
  Loader loader(weights, options);
  for (const Parameter& p : parameters.all()) loader.load(p.name, p.value, p.layout);
  for (const Buffer& b : parameters.buffers()) loader.load(b.name, b.value, FileLayout::same);
  return loader.finish(parameters);
}

void require_complete(const LoadReport& report, const std::string& where) {
  ULS_CHECK(report.is_complete(),
            "weights: {} does not fit the model; got {}; expected a tensor for each name", where,
            report.text());
}

NamedTensors state_dict(const Parameters& parameters, const NamedTensors& passengers) {
  NamedTensors state = passengers;
  for (const Parameter& p : parameters.all()) state[p.name] = to_file_layout(p.value, p.layout);
  for (const Buffer& b : parameters.buffers()) state[b.name] = b.value;
  return state;
}

}  // namespace uls
