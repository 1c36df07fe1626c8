// SPDX-License-Identifier: Apache-2.0
#include "models/full_size.h"

#include <algorithm>
#include <cmath>

#include "core/base/golden_bound.h"
#include "core/io/safetensors.h"
#include "core/random/random_state.h"
#include "core/tensor/primitives.h"
#include "models/forward.h"

namespace uls {
namespace {

constexpr std::uint64_t kGolden = 0x9E3779B97F4A7C15ull;

// u -> factor * u + shift, each operation rounded to float32.
Tensor scaled(const Tensor& u, float factor, float shift = 0) {
  float* values = u.data<float>();
  for (std::int64_t i = 0; i < u.numel(); ++i) {
    const float product = factor * values[i];
    values[i] = shift == 0 ? product : product + shift;
  }
  return u;
}

// The file's rules for weights: the first that fits.
Tensor portable_weight(const std::string& name, const Shape& shape, std::uint64_t seed) {
  const Tensor u = portable_values(name, shape, seed);
  const auto ends = [&](const char* text) { return name.ends_with(text); };
  if (ends("running_var")) return scaled(u, 0.5f, 1);
  if (ends("running_mean")) return scaled(u, 0.2f);
  if (shape.size() == 1 && ends("weight")) return scaled(u, 0.3f, 1);
  if (ends("bias")) return scaled(u, 0.1f);
  if (ends("bias_table")) return scaled(u, 0.5f);
  if (name.find("embedding") != std::string::npos) return scaled(u, 0.3f);
  return scaled(u, float(std::sqrt(3.0 * double(shape[0]) / double(u.numel()))));
}

void set_portable_weights(const Parameters& parameters, std::uint64_t seed) {
  for (const Parameter& p : parameters.all()) {
    Tensor place = p.value.detached();
    copy_(place,
          from_file_layout(portable_weight(p.name, file_shape(place.shape(), p.layout), seed), p.layout));
  }
  for (const Buffer& b : parameters.buffers()) {
    if (!is_floating(b.value.dtype())) continue;
    Tensor place = b.value;
    copy_(place, portable_weight(b.name, place.shape(), seed));
  }
}

// out[i] = flat[(i 2654435761) mod numel].
std::vector<double> sampled(const Tensor& x, std::int64_t count) {
  const std::vector<double> flat = to_doubles(x);
  std::vector<double> samples;
  for (std::int64_t i = 0; i < count; ++i)
    samples.push_back(flat[std::size_t(std::uint64_t(i) * 2654435761u % flat.size())]);
  return samples;
}

class Comparison {
 public:
  Comparison(const Json& info, const SafetensorsFile& file) : info_(info), file_(file) {}

  Tensor expected(const std::string& key) const { return file_.tensor(key); }

  void add(const std::string& key, const std::vector<double>& ours) {
    const std::vector<double> theirs = to_doubles(expected(key));
    ULS_CHECK(ours.size() == theirs.size(), "golden: {} has another size; got {}; expected {}", key,
              theirs.size(), ours.size());
    GoldenRow row = golden_row(info_, key);
    for (std::size_t i = 0; i < ours.size(); ++i)
      row.difference = std::max(row.difference, std::abs(ours[i] - theirs[i]));
    rows_.push_back(row);
  }
  void add(GoldenRow row) { rows_.push_back(std::move(row)); }
  std::vector<GoldenRow> take() { return std::move(rows_); }

 private:
  const Json& info_;
  const SafetensorsFile& file_;
  std::vector<GoldenRow> rows_;
};

Shape shape_of(const Json& sizes) {
  Shape shape;
  for (const Json& size : sizes.items()) shape.push_back(size.as_int64());
  return shape;
}

void compare_evaluation(const Network& network, const Json& info, std::uint64_t seed,
                        Comparison& comparison) {
  const Shape maps = shape_of(info.at("eval_shape.maps"));
  const Shape image{maps[1], 3, 4 * maps[3], 4 * maps[4]};
  const NamedTensors out = run_forward(network,
                                       {{"in.image", scaled(portable_values("input.image", image, seed), 2)},
                                        {"in.words", comparison.expected("eval/in.words")}},
                                       {});
  const std::int64_t samples = info.at("samples").as_int64();
  for (const auto& [key, value] : info.members()) {
    if (!key.starts_with("eval_shape.")) continue;
    const std::string name = key.substr(std::string("eval_shape.").size());
    const Tensor& ours = out.at("out." + name);
    ULS_CHECK(ours.shape() == shape_of(value), "golden: {} has another shape; got {}; expected {}", name,
              to_string(ours.shape()), to_string(shape_of(value)));
    comparison.add("eval/sample." + name, sampled(ours, samples));
  }
  // Every other row and column of the last map.
  const Tensor last = out.at("out.official").reshaped({maps[3], maps[4]});
  comparison.add("eval/out.official", to_doubles(last.sliced(0, 0, maps[3], 2).sliced(1, 0, maps[4], 2)));
}

// The shape behind the name in "input.train_image [3, 3, 160, 192]".
Shape shape_in(const std::string& text) {
  const std::size_t open = text.find('['), close = text.find(']');
  ULS_CHECK(open != std::string::npos && close != std::string::npos,
            "golden: no shape; got '{}'; expected one in brackets", text);
  return shape_of(Json::parse(text.substr(open, close - open + 1), "golden"));
}

// The value below which nine tenths lie.
double high_quantile(const Json::Array& numbers) {
  std::vector<double> values;
  for (const Json& number : numbers) values.push_back(number.as_double());
  std::ranges::sort(values);
  return values[values.size() * 9 / 10];
}

void compare_training(const Network& network, const Json& info, std::uint64_t seed, Comparison& comparison) {
  const Json& train = info.at("train");
  const Tensor target = portable_values("input.train_target", shape_in(train.at("target").as_string()), seed);
  for (std::int64_t i = 0; i < target.numel(); ++i) target.data<float>()[i] = target.data<float>()[i] > 0;
  const Shape image = shape_in(train.at("image").as_string());
  const NamedTensors out =
      run_forward(network,
                  {{"in.image", scaled(portable_values("input.train_image", image, seed), 2)},
                   {"in.words", comparison.expected("train/in.words")},
                   {"in.target", target}},
                  {.pass = {.training = true, .dropout = false}, .gradients = true});
  comparison.add("train/loss", to_doubles(out.at("out.loss")));
  comparison.add("train/maps", sampled(out.at("out.maps"), info.at("samples").as_int64()));

  std::vector<double> samples;
  const std::vector<double> norms = to_doubles(comparison.expected("train/grad_norms"));
  const Json::Array &names = train.at("parameters").items(),
                    &noise = train.at("grad_norm_relative_noise").items();
  const double typical = high_quantile(noise);
  for (std::size_t i = 0; i < names.size(); ++i) {
    const Tensor& gradient = out.at("grad.param." + names[i].as_string());
    for (const double sample : sampled(gradient, 4)) samples.push_back(sample);
    double squares = 0;
    for (const double g : to_doubles(gradient)) squares += g * g;
    // A norm is one number, whose sample of noise may be lucky: what nine tenths
    // of all norms stay below is the floor.
    const double own = noise[i].as_double(), share = std::max(own, typical);
    comparison.add({.key = "train/grad_norm." + names[i].as_string(),
                    .difference = std::abs(std::sqrt(squares) - norms[i]),
                    .allowed = golden_bound(share, 1).allowed() * norms[i],
                    .floored = share > own});
  }
  comparison.add("train/grad_samples", samples);
}

}  // namespace

Tensor portable_values(const std::string& name, const Shape& shape, std::uint64_t seed) {
  const Tensor values = empty(shape);
  const std::uint64_t key = fnv1a(name) ^ seed * kGolden;
  for (std::int64_t i = 0; i < values.numel(); ++i)
    values.data<float>()[i] = float(splitmix64(key + std::uint64_t(i + 1) * kGolden) >> 40) * 0x1p-23f - 1;
  return values;
}

std::vector<GoldenRow> replay_full_size(const Json& info, const std::string& stem) {
  const SafetensorsFile file = SafetensorsFile::open(stem + ".safetensors");
  const auto seed = std::uint64_t(info.at("seed").as_int64());
  const auto network = network_kind("unilseg").build(config_from_json(Json::object()), {}, {});
  set_portable_weights(network->parameters(), seed);
  Comparison comparison(info, file);
  compare_evaluation(*network, info, seed, comparison);
  compare_training(*network, info, seed, comparison);
  return comparison.take();
}

}  // namespace uls
