// SPDX-License-Identifier: Apache-2.0
#include "core/weights_command.h"

#include <algorithm>
#include <filesystem>
#include <map>

#include "core/base/error.h"
#include "core/base/log.h"
#include "core/base/strings.h"
#include "core/io/foreign_text.h"
#include "core/io/pytorch_file.h"
#include "core/io/safetensors.h"
#include "core/io/weights_file.h"
#include "core/json/json.h"

namespace uls {
namespace {

// What both commands take.
struct Source {
  std::string path, key;
  bool all = false;

  void declare(Options& options) {
    options.positional("IN", path, "PyTorch's .pth or .pt of any age, TorchScript, or safetensors");
    options.option("key", key, "KEY",
                   "the part to take, such as state_dict or model.ema; found by itself if unset");
    options.flag("all", all, "take all parts, optimizer included");
  }
};

// A file and the part that was asked for.
struct Opened {
  WeightsFile file;
  WeightsPart part;
  std::vector<std::pair<std::string, const StoredTensor*>> tensors;
  std::vector<std::pair<std::string, std::string>> plain;  // of all parts
  std::size_t elsewhere;                                   // tensors in other parts

  explicit Opened(const Source& source)
      : file(open_weights(source.path)),
        part(choose(source)),
        tensors(flatten(*part.node)),
        plain(flatten_plain(file.root)),
        elsewhere(flatten(file.root).size() - tensors.size()) {}

 private:
  WeightsPart choose(const Source& source) const {
    ULS_CHECK(source.key.empty() || !source.all,
              "weights: two choices of parts; got --key {} and --all; expected one", source.key);
    if (!source.key.empty()) {
      std::vector<std::string> keys;
      for (const WeightsNode& child : file.root.children) keys.push_back(child.key);
      const WeightsNode* const found = find_part(file.root, source.key);
      ULS_CHECK(found, "weights: no part '{}' in {}{}; expected one of {}", source.key, source.path,
                did_you_mean(source.key, keys), join(keys, ", "));
      return {source.key, found};
    }
    if (source.all) return {"", &file.root};
    WeightsPart part = state_dict_of(file);
    if (!part.path.empty())
      log_info("weights: taking '{}' of {} (--key or --all take others)", part.path, source.path);
    return part;
  }
};

Json shape_json(const Shape& shape) {
  Json list = Json::array();
  for (const std::int64_t size : shape) list.push_back(size);
  return list;
}

struct Total {
  std::int64_t tensors = 0, elements = 0, bytes = 0;
  void add(const StoredTensor& tensor) {
    ++tensors;
    elements += count_elements(tensor.shape);
    bytes += tensor.bytes;
  }
  Json json() const { return Json::object({{"tensors", tensors}, {"elements", elements}, {"bytes", bytes}}); }
};

// Rows of cells, in columns that are as wide as they need to be; numbers from column `right` on stand at the
// right.
std::string table(const std::vector<std::vector<std::string>>& rows, std::size_t right) {
  std::vector<std::size_t> widths(rows[0].size());
  for (const auto& row : rows)
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  std::string text;
  for (const auto& row : rows) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i)
      line +=
          i < right ? fmt::format("  {:<{}}", row[i], widths[i]) : fmt::format("  {:>{}}", row[i], widths[i]);
    text += line.substr(0, line.find_last_not_of(' ') + 1) + "\n";
  }
  return text;
}

// How many characters of dotted parts, dots included, all names begin with.
std::size_t common_parts(const Opened& opened) {
  if (opened.tensors.empty()) return 0;
  std::string_view common = opened.tensors[0].first;
  for (const auto& [name, tensor] : opened.tensors)
    common = common.substr(0, std::size_t(std::ranges::mismatch(common, name).in1 - common.begin()));
  return common.rfind('.') + 1;
}

// Totals by the first part in which names differ, in the order of their first tensor.
std::vector<std::pair<std::string, Total>> totals_by_part(const Opened& opened) {
  std::vector<std::pair<std::string, Total>> totals;
  std::map<std::string, std::size_t> places;
  const std::size_t common = common_parts(opened);
  for (const auto& [name, tensor] : opened.tensors) {
    const std::string part = name.substr(0, name.find('.', common));
    const auto [place, is_new] = places.emplace(part, totals.size());
    if (is_new) totals.emplace_back(part, Total());
    totals[place->second].second.add(*tensor);
  }
  return totals;
}

Total total_of(const Opened& opened) {
  Total total;
  for (const auto& [name, tensor] : opened.tensors) total.add(*tensor);
  return total;
}

Json total_json(const std::string& name, const Total& total) {
  return Json::object(
      {{"name", name}, {"tensors", total.tensors}, {"elements", total.elements}, {"bytes", total.bytes}});
}

std::vector<std::string> total_row(const std::string& name, const Total& total) {
  return {name, fmt::format("{}", total.tensors), fmt::format("{}", total.elements),
          format_bytes(total.bytes)};
}

void inspect(const Source& source, const std::string& json_path) {
  const Opened opened(source);
  std::vector<std::vector<std::string>> rows{{"tensor", "dtype", "shape"}},
      sums{{"part", "tensors", "elements", "bytes"}};
  Json tensors = Json::array(), parts = Json::array(), plain = Json::array(), metadata = Json::array();
  for (const auto& [name, tensor] : opened.tensors) {
    rows.push_back({printable(name), tensor->dtype, to_string(tensor->shape)});
    tensors.push_back(
        Json::object({{"name", name}, {"dtype", tensor->dtype}, {"shape", shape_json(tensor->shape)}}));
  }
  for (const auto& [name, total] : totals_by_part(opened)) {
    sums.push_back(total_row(printable(name), total));
    parts.push_back(total_json(name, total));
  }
  const Total all = total_of(opened);
  sums.push_back(total_row("all", all));

  const std::string& part = opened.part.path;
  std::string text = fmt::format("{}: {}{}\n\n{}\n{}", source.path, opened.file.format,
                                 part.empty() ? "" : ", part '" + part + "'", table(rows, 3), table(sums, 1));
  if (opened.elsewhere > 0) text += fmt::format("\n  {} tensors in other parts: --all\n", opened.elsewhere);
  std::string others;
  for (const auto& [name, value] : opened.plain) {
    others += fmt::format("  {} = {}\n", printable(name), value);
    plain.push_back(Json::object({{"name", name}, {"value", value}}));
  }
  for (const auto& [name, value] : opened.file.metadata) {
    others += fmt::format("  {} = {}\n", printable(name), shown(value));
    metadata.push_back(Json::object({{"name", name}, {"value", value}}));
  }
  if (!others.empty()) text += "\n  besides\n" + others;
  print_text(text);
  if (json_path.empty()) return;
  write_json_file(json_path, Json::object({{"file", source.path},
                                           {"format", opened.file.format},
                                           {"part", part},
                                           {"tensors", std::move(tensors)},
                                           {"totals", std::move(parts)},
                                           {"all", total_json("all", all)},
                                           {"plain", std::move(plain)},
                                           {"metadata", std::move(metadata)}}));
}

using NamedTensors = std::vector<std::pair<std::string, Tensor>>;

// Says what of the file the new one does not hold.
void report_left_out(const Opened& opened, bool keeps_texts) {
  constexpr std::size_t kNamed = 20;
  std::vector<std::string> left_out;
  for (const auto& [name, value] : opened.plain)
    if (left_out.size() < kNamed) left_out.push_back(fmt::format("{} = {}", printable(name), value));
  if (opened.plain.size() > kNamed)
    left_out.push_back(fmt::format("{} more values", opened.plain.size() - kNamed));
  if (opened.elsewhere > 0) left_out.push_back(fmt::format("{} tensors in other parts", opened.elsewhere));
  if (!keeps_texts)
    for (const auto& [name, text] : opened.file.metadata) left_out.push_back("the text " + printable(name));
  if (!left_out.empty()) log_info("weights: left out: {}", join(left_out, "; "));
}

struct Conversion {
  Source source;
  std::string out, strip, nest;

  void run() const {
    const std::string ending = std::filesystem::path(out).extension();
    const bool to_safetensors = ending == ".safetensors";
    ULS_CHECK(to_safetensors || ending == ".pth" || ending == ".pt",
              "weights convert: unknown ending; got '{}'; expected .safetensors, .pth or .pt", out);
    ULS_CHECK(nest.empty() || !to_safetensors,
              "weights convert: safetensors have no parts; got --nest {}; expected .pth", nest);
    const Opened opened(source);
    ULS_CHECK(!opened.tensors.empty(),
              "weights convert: no tensor in {}; got {} values; expected a state dict", source.path,
              flatten_plain(*opened.part.node).size());
    report_left_out(opened, to_safetensors);
    const NamedTensors tensors = read(opened);
    if (to_safetensors)
      write_safetensors(out, tensors, opened.file.metadata);
    else
      write_pytorch(out, tensors, nest);
    print("{}: {} tensors from {}\n", out, tensors.size(), source.path);
  }

 private:
  NamedTensors read(const Opened& opened) const {
    NamedTensors tensors;
    std::int64_t stripped = 0;
    for (const auto& [name, tensor] : opened.tensors) {
      const bool has_prefix = !strip.empty() && name.starts_with(strip);
      stripped += has_prefix;
      tensors.emplace_back(name.substr(has_prefix ? strip.size() : 0), tensor->read());
    }
    ULS_CHECK(strip.empty() || stripped,
              "weights convert: no name starts with '{}'; got {} first; expected it in some", strip,
              shown(opened.tensors[0].first));
    return tensors;
  }
};

}  // namespace

Command weights_command() {
  Command inspect_command{"inspect", "what a file of weights holds: tensors, totals, other values",
                          [](Options& options) {
                            auto source = std::make_shared<Source>();
                            auto json_path = std::make_shared<std::string>();
                            source->declare(options);
                            options.option("json", *json_path, "FILE", "writes the same as JSON");
                            return [source, json_path] { inspect(*source, *json_path); };
                          }};
  Command convert_command{
      "convert", "writes the tensors as another kind of file, bit for bit", [](Options& options) {
        auto conversion = std::make_shared<Conversion>();
        conversion->source.declare(options);
        options.positional("OUT", conversion->out,
                           "a new file; its ending, .safetensors, .pth or .pt, tells the kind");
        options.option("strip-prefix", conversion->strip, "TEXT", "taken off names, such as module.");
        options.option("nest", conversion->nest, "KEY", "a .pth holds {KEY: tensors}, not the tensors alone");
        return [conversion] { conversion->run(); };
      }};
  return {.name = "weights",
          .summary = "looks into files of weights and converts them; never runs what is in them",
          .children = {std::move(inspect_command), std::move(convert_command)}};
}

}  // namespace uls
