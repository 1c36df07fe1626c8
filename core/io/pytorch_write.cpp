// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <map>
#include <set>
#include <string_view>

#include "core/base/error.h"
#include "core/config/text_value.h"
#include "core/io/foreign_text.h"
#include "core/io/pytorch_file.h"
#include "core/io/pytorch_types.h"
#include "core/io/zip_writer.h"

namespace uls {
namespace {

// Opcodes of protocol 2.
class PickleWriter {
 public:
  const std::string& text() const { return text_; }
  void opcodes(std::string_view codes) { text_ += codes; }

  void number(std::int64_t value) {
    if (value == std::int32_t(value))
      raw('J', std::int32_t(value));
    else
      raw('\x8a', char(sizeof value), value);
  }

  void string(std::string_view value) {
    raw('X', std::uint32_t(value.size()));
    text_ += value;
  }

  void tuple(const Dims& values) {
    opcodes("(");
    for (const std::int64_t value : values) number(value);
    opcodes("t");
  }

  // A class or function; from the second time on by its place in the memo.
  void global(const std::string& module, const std::string& name) {
    const auto [found, is_new] = memo_.emplace(module + "\n" + name + "\n", std::uint32_t(memo_.size()));
    if (is_new) {
      text_ += "c" + found->first;
      raw('r', found->second);
    } else {
      raw('j', found->second);
    }
  }

 private:
  template <typename... Parts>
  void raw(Parts... parts) {
    (text_.append(reinterpret_cast<const char*>(&parts), sizeof parts), ...);
  }

  std::string text_;
  std::map<std::string, std::uint32_t> memo_;
};

// _rebuild_tensor_v2(('storage', type, key, 'cpu', elements), 0, sizes, strides, False, OrderedDict())
void write_tensor(PickleWriter& pickle, const Tensor& x, const std::string& key) {
  const auto type =
      std::ranges::find_if(kElementTypes, [&](const ElementType& one) { return one.dtype == x.dtype(); });
  pickle.global("torch._utils", "_rebuild_tensor_v2");
  pickle.opcodes("((");
  pickle.string("storage");
  pickle.global("torch", type->storage);
  pickle.string(key);
  pickle.string("cpu");
  pickle.number(x.numel());
  pickle.opcodes("tQ");
  pickle.number(0);
  pickle.tuple(x.shape());
  pickle.tuple(contiguous_strides(x.shape()));
  pickle.opcodes("\x89");
  pickle.global("collections", "OrderedDict");
  pickle.opcodes(")RtR");
}

std::string make_pickle(const std::vector<std::pair<std::string, Tensor>>& tensors, const std::string& key) {
  PickleWriter pickle;
  pickle.opcodes("\x80\x02");
  if (!key.empty()) {
    pickle.opcodes("}");
    pickle.string(key);
  }
  pickle.opcodes("}(");
  for (std::size_t i = 0; i < tensors.size(); ++i) {
    pickle.string(tensors[i].first);
    write_tensor(pickle, tensors[i].second, std::to_string(i));
  }
  pickle.opcodes(key.empty() ? "u." : "us.");
  return pickle.text();
}

}  // namespace

void write_pytorch(const std::string& path, const std::vector<std::pair<std::string, Tensor>>& tensors,
                   const std::string& key) {
  std::set<std::string_view> names;
  for (const auto& [name, x] : tensors) {
    ULS_CHECK(is_utf8(name), "write {}: name not UTF-8; got {}; expected characters", path, shown(name));
    ULS_CHECK(names.insert(name).second, "write {}: a name twice; got {}; expected each once", path,
              shown(name));
    ULS_CHECK(x && x.device() == kCpu,
              "write {}: tensor {} has no values at hand; got {}; expected one on the cpu", path, shown(name),
              describe(x));
  }
  ULS_CHECK(is_utf8(key), "write {}: key not UTF-8; got {}; expected characters", path, shown(key));
  const std::string pickle = make_pickle(tensors, key);
  AtomicFile file(path);
  ZipWriter zip(file);
  zip.add("archive/data.pkl", pickle);
  zip.add("archive/byteorder", "little");
  for (std::size_t i = 0; i < tensors.size(); ++i) {
    const Tensor& x = tensors[i].second;
    zip.add("archive/data/" + std::to_string(i), x.numel() * size_of(x.dtype()),
            [&](const ConsumeBytes& consume) { for_each_piece(x, consume); });
  }
  zip.add("archive/version", "3\n");
  zip.finish();
  file.commit();
}

}  // namespace uls
