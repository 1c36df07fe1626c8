// SPDX-License-Identifier: Apache-2.0
// PyTorch archives made by hand, in which everything can be wrong.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/io/mapped_file.h"
#include "tests/core/io/zip_fixture.h"

namespace uls::test {

inline std::shared_ptr<const MappedFile> in_memory(const std::string& bytes) {
  return std::make_shared<const MappedFile>("made.pth", std::vector<char>(bytes.begin(), bytes.end()));
}

// Opcodes for values.
inline std::string number(std::int64_t value) { return "\x8a\x08" + le(std::uint64_t(value), 8); }
inline std::string text(const std::string& value) { return "X" + le(value.size(), 4) + value; }
inline std::string tuple(const std::vector<std::int64_t>& values) {
  std::string opcodes = "(";
  for (const std::int64_t value : values) opcodes += number(value);
  return opcodes + "t";
}

struct MadeTensor {
  std::vector<std::int64_t> shape{2}, strides{1};
  std::int64_t offset = 0, elements = 2;
  std::string storage = "FloatStorage", key = "0";
  std::string view{}, metadata{};  // of legacy files; behind the hooks

  std::string opcodes() const {
    return "ctorch._utils\n_rebuild_tensor_v2\n((" + text("storage") + "ctorch\n" + storage + "\n" +
           text(key) + text("cpu") + number(elements) + view + "tQ" + number(offset) + tuple(shape) +
           tuple(strides) + "\x89" + "ccollections\nOrderedDict\n)R" + metadata + "tR";
  }
};

// The pickle of {"x": value}.
inline std::string dict_of(const std::string& opcodes) { return "\x80\2}" + text("x") + opcodes + "s."; }

inline MadeZip made_pytorch(const std::string& pickle, const std::string& data) {
  return {{{.name = "a/data.pkl", .data = pickle}, {.name = "a/data/0", .data = data}}};
}

// With the marks of TorchScript.
inline MadeZip made_module(const std::string& pickle) {
  MadeZip zip = made_pytorch(pickle, std::string(8, '\0'));
  zip.entries.push_back({.name = "a/constants.pkl", .data = "\x80\2)."});
  return zip;
}

inline std::string legacy_head() {
  return "\x80\2\x8a\nl\xfc\x9c\x46\xf9 j\xa8P\x19.\x80\2M\xe9\3.\x80\2}" + text("little_endian") + "\x88s.";
}

inline std::string made_legacy(const std::string& pickle, const std::vector<std::string>& keys,
                               const std::string& storages) {
  std::string list = "\x80\2]";
  for (const std::string& key : keys) list += text(key) + "a";
  return legacy_head() + pickle + list + "." + storages;
}

}  // namespace uls::test
