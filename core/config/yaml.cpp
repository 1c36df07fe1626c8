// SPDX-License-Identifier: Apache-2.0
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include <fstream>
#include <optional>
#include <sstream>
#include <vector>

#include "core/base/error.h"
#include "core/config/config_node.h"

namespace uls {
namespace {

constexpr std::size_t kDeepest = 50;
constexpr std::size_t kLongest = std::size_t(1) << 20;

// Receives the parser's events. The library's own tree would expand aliases and forget repeated keys.
class TreeBuilder : public YAML::EventHandler {
 public:
  explicit TreeBuilder(const std::string& where) : file_(std::make_shared<const std::string>(where)) {}

  ConfigNode take() { return std::move(root_); }

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (seen_) refuse(mark, "a second document; expected one");
    seen_ = true;
    root_.file = file_;
    root_.line = mark.line + 1;
  }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    open(mark, "", anchor, ConfigNode::Kind::null);
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override { refuse(mark, "aliases are not supported"); }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    if (!open_.empty() && open_.back()->kind == ConfigNode::Kind::map && !key_) {
      check_plain(mark, tag, anchor);
      take_key(mark, value);
    } else {
      open(mark, tag, anchor, ConfigNode::Kind::scalar).text = value;
    }
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    push(mark, open(mark, tag, anchor, ConfigNode::Kind::list));
  }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    push(mark, open(mark, tag, anchor, ConfigNode::Kind::map));
  }
  void OnSequenceEnd() override { open_.pop_back(); }
  void OnMapEnd() override { open_.pop_back(); }

 private:
  [[noreturn]] void refuse(const YAML::Mark& mark, const std::string& what) const {
    fail("{}:{}: {}", *file_, mark.line + 1, what);
  }
  void check_plain(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor) const {
    if (anchor) refuse(mark, "anchors are not supported");
    // The library reports "?" for plain and "!" for quoted text.
    if (!tag.empty() && tag != "?" && tag != "!")
      refuse(mark, fmt::format("tags are not supported; got '{}'", tag));
  }
  void take_key(const YAML::Mark& mark, const std::string& key) {
    if (const ConfigNode* first = open_.back()->find(key))
      refuse(mark, fmt::format("key '{}' appears twice; first on line {}", key, first->line));
    key_ = key;
    key_line_ = mark.line + 1;
  }
  // Containers below the top of the stack do not grow, so pointers to the open ones stay valid.
  ConfigNode& open(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                   ConfigNode::Kind kind) {
    check_plain(mark, tag, anchor);
    ConfigNode* node = &root_;
    std::int64_t line = mark.line + 1;
    if (!open_.empty() && open_.back()->kind == ConfigNode::Kind::map) {
      if (!key_) refuse(mark, "a key that is not a word");
      node = &open_.back()->entries.emplace_back(ConfigEntry{std::move(*key_), {}}).value;
      key_.reset();
      line = key_line_;  // errors speak of the key, and a section begins below it
    } else if (!open_.empty()) {
      node = &open_.back()->items.emplace_back();
    }
    node->kind = kind;
    node->file = file_;
    node->line = line;
    return *node;
  }
  void push(const YAML::Mark& mark, ConfigNode& node) {
    if (open_.size() >= kDeepest)
      refuse(mark, fmt::format("nested too deeply; expected at most {} levels", kDeepest));
    open_.push_back(&node);
  }

  std::shared_ptr<const std::string> file_;
  ConfigNode root_;
  std::vector<ConfigNode*> open_;
  std::optional<std::string> key_;
  std::int64_t key_line_ = 0;
  bool seen_ = false;
};

}  // namespace

ConfigNode parse_yaml(const std::string& text, const std::string& where) {
  ULS_CHECK(text.size() <= kLongest, "{}: too large for a config; got {} bytes; expected at most {}", where,
            text.size(), kLongest);
  TreeBuilder builder(where);
  try {
    std::istringstream stream(text);
    YAML::Parser parser(stream);
    while (parser.HandleNextDocument(builder)) {
    }
  } catch (const YAML::Exception& error) {
    fail("{}:{}: not YAML: {}", where, error.mark.line + 1, error.msg);
  }
  return builder.take();
}

ConfigNode read_yaml(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  ULS_CHECK(file, "{}: cannot be opened for reading", path);
  std::string text(kLongest + 1, '\0');
  file.read(text.data(), std::streamsize(text.size()));
  ULS_CHECK(!file.bad(), "{}: cannot be read", path);
  text.resize(std::size_t(file.gcount()));
  return parse_yaml(text, path);
}

}  // namespace uls
