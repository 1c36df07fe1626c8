// SPDX-License-Identifier: Apache-2.0
#include "core/io/weights_file.h"

#include <algorithm>
#include <array>

#include "core/io/foreign_text.h"
#include "core/io/pytorch_file.h"
#include "core/io/safetensors.h"

namespace uls {
namespace {

WeightsFile read_safetensors(const std::shared_ptr<const MappedFile>& mapped) {
  const auto file = std::make_shared<const SafetensorsFile>(SafetensorsFile::read(mapped));
  WeightsNode root;
  for (const std::string& name : file->names()) {
    const SafetensorsFile::Entry& entry = file->entry(name);
    root.children.push_back({name,
                             std::make_shared<const StoredTensor>(StoredTensor{
                                 entry.type ? to_string(*entry.type) : entry.dtype, entry.shape,
                                 entry.end - entry.begin, [file, name] { return file->tensor(name); }}),
                             {},
                             {}});
  }
  return {mapped->path(), "safetensors", std::move(root), file->metadata()};
}

// Calls visit(dotted name, leaf) for the tensors and plain values below `part`.
template <typename Visit>
void for_each_leaf(const WeightsNode& part, const std::string& name, const Visit& visit) {
  if (part.children.empty()) return visit(name, part);
  for (const WeightsNode& child : part.children)
    for_each_leaf(child, name.empty() ? child.key : name + "." + child.key, visit);
}

bool is_tensor(const WeightsNode& node) { return node.tensor != nullptr; }

bool holds_tensors(const WeightsNode& node) { return is_tensor(node) || !node.children.empty(); }

}  // namespace

WeightsFile open_weights(const std::string& path) {
  return read_weights(std::make_shared<const MappedFile>(path));
}

WeightsFile read_weights(std::shared_ptr<const MappedFile> file) {
  const std::string_view bytes = file->text();
  // A safetensors file begins with 64 bits of length and JSON.
  if (bytes.substr(0, 9).ends_with('{')) return read_safetensors(file);
  if (bytes.starts_with("PK")) return read_pytorch_zip(file);
  if (bytes.starts_with('\x80')) return read_pytorch_legacy(file);
  throw DataError(fmt::format(
      "read {}: not a file of weights; got {} at its start; expected safetensors or an archive of "
      "PyTorch",
      file->path(), shown(bytes.substr(0, 8))));
}

const WeightsNode* find_part(const WeightsNode& root, const std::string& path) {
  if (path.empty()) return &root;
  for (const WeightsNode& child : root.children) {
    if (path == child.key) return &child;
    if (!path.starts_with(child.key + ".")) continue;
    if (const WeightsNode* found = find_part(child, path.substr(child.key.size() + 1))) return found;
  }
  return nullptr;
}

WeightsPart state_dict_of(const WeightsFile& file) {
  constexpr std::array kKeys{"state_dict", "model_state_dict", "model", "module", "net", "network", "params"};
  WeightsPart part{"", &file.root};
  // A module of TorchScript names its own parts so, and in safetensors nothing lies under anything.
  if (file.format == "TorchScript") return part;
  while (std::ranges::none_of(part.node->children, is_tensor)) {
    const WeightsNode* next = nullptr;
    for (const char* key : kKeys)
      for (const WeightsNode& child : part.node->children)
        if (!next && child.key == key && holds_tensors(child)) next = &child;
    if (!next) break;
    part = {part.path.empty() ? next->key : part.path + "." + next->key, next};
  }
  return part;
}

std::vector<std::pair<std::string, const StoredTensor*>> flatten(const WeightsNode& part) {
  std::vector<std::pair<std::string, const StoredTensor*>> tensors;
  for_each_leaf(part, "", [&](const std::string& name, const WeightsNode& leaf) {
    if (leaf.tensor) tensors.emplace_back(name.empty() ? leaf.key : name, leaf.tensor.get());
  });
  return tensors;
}

std::vector<std::pair<std::string, std::string>> flatten_plain(const WeightsNode& part) {
  std::vector<std::pair<std::string, std::string>> values;
  for_each_leaf(part, "", [&](const std::string& name, const WeightsNode& leaf) {
    if (!leaf.tensor) values.emplace_back(name.empty() ? leaf.key : name, leaf.plain);
  });
  return values;
}

}  // namespace uls
