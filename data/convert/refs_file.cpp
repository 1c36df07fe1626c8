// SPDX-License-Identifier: Apache-2.0
#include "data/convert/refs_file.h"

#include <unordered_set>

#include "core/io/at_place.h"
#include "core/io/mapped_file.h"
#include "core/io/pickle.h"
#include "core/io/pickle_text.h"
#include "core/json/json.h"
#include "data/format/data_error.h"

namespace uls {
namespace {

using Kind = PickleValue::Kind;

// The two forms of a file, asked alike.
struct PickleNode {
  const PickleValue* value;

  PickleNode at(const char* key) const {
    const PickleValue* const found = value->find(key);
    ULS_CHECK(found, "missing key '{}'", key);
    return {found};
  }
  bool is_list() const { return value->is(Kind::list) || value->is(Kind::tuple); }
  std::vector<PickleNode> items() const {
    std::vector<PickleNode> nodes;
    for (const PickleValue* item : value->items()) nodes.push_back({item});
    return nodes;
  }
  std::int64_t whole() const { return value->as_int64(); }
  // Python 2's strings that are not UTF-8 are Latin-1, as its readers take them.
  std::string text() const {
    return value->is(Kind::bytes) ? latin1_text(value->as_bytes()) : std::string(value->as_text());
  }
};

struct JsonNode {
  const Json* value;

  JsonNode at(const char* key) const { return {&value->at(key)}; }
  bool is_list() const { return value->is_array(); }
  std::vector<JsonNode> items() const {
    std::vector<JsonNode> nodes;
    for (const Json& item : value->items()) nodes.push_back({&item});
    return nodes;
  }
  std::int64_t whole() const { return value->as_int64(); }
  std::string text() const { return value->as_string(); }
};

template <typename Node>
Ref ref_of(const Node& node) {
  Ref ref{.id = node.at("ref_id").whole(),
          .image_id = node.at("image_id").whole(),
          .split = node.at("split").text()};
  const Node annotations = node.at("ann_id");
  if (annotations.is_list())
    for (const Node& one : annotations.items()) ref.annotations.push_back(one.whole());
  else
    ref.annotations.push_back(annotations.whole());
  if (ref.annotations == std::vector<std::int64_t>{-1}) ref.annotations.clear();  // gRefCOCO: no target
  for (const Node& sentence : node.at("sentences").items()) {
    std::string text = sentence.at("sent").text();
    if (text.find_first_not_of(" \t\r\n") == std::string::npos) continue;
    ref.sentence_ids.push_back(sentence.at("sent_id").whole());
    ref.sentences.push_back(std::move(text));
  }
  ULS_CHECK(!ref.split.empty(), "no split");
  ULS_CHECK(!ref.sentences.empty(), "no sentence");
  return ref;
}

template <typename Node>
std::vector<Ref> refs_of(const Node& root) {
  ULS_CHECK(root.is_list(), "wrong kind of value; expected a list of refs");
  std::vector<Ref> refs;
  std::unordered_set<std::int64_t> ids;
  const std::vector<Node> nodes = root.items();
  for (std::size_t i = 0; i < nodes.size(); ++i)
    at_place(fmt::format("ref {}", i), [&] {
      refs.push_back(ref_of(nodes[i]));
      ULS_CHECK(ids.insert(refs.back().id).second, "the ref_id {} is given twice", refs.back().id);
    });
  return refs;
}

}  // namespace

std::vector<Ref> read_refs(const std::string& path) {
  if (path.ends_with(".json"))
    return as_data_error([&] {
      const Json root = read_json_file(path);
      return at_place(path, [&] { return refs_of(JsonNode{&root}); });
    });
  return as_data_error([&] {
    const MappedFile file(path);
    return at_place(path, [&] {
      const Pickle pickle = Pickle::read(file.text(), {});
      return refs_of(PickleNode{&pickle.root()});
    });
  });
}

}  // namespace uls
