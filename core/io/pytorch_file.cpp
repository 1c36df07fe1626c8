// SPDX-License-Identifier: Apache-2.0
#include "core/io/pytorch_file.h"

#include <set>

#include "core/io/at_place.h"
#include "core/io/byte_reader.h"
#include "core/io/foreign_text.h"
#include "core/io/pickle.h"
#include "core/io/pytorch_storage.h"
#include "core/io/pytorch_tree.h"
#include "core/io/zip.h"

namespace uls {
namespace {

WeightsFile read_zip(const std::shared_ptr<const MappedFile>& file) {
  const auto zip = std::make_shared<const ZipFile>(file);
  const std::string first = zip->entries().empty() ? "" : zip->entries().front().name;
  const std::string folder = first.substr(0, first.find('/') + 1);
  const auto find = [&](const std::string& name) {
    return folder.empty() ? nullptr : zip->find(folder + name);
  };
  const ZipEntry* const pickle_entry = find("data.pkl");
  ULS_CHECK(pickle_entry,
            "a zip archive, but not PyTorch's; got {} in front; expected NAME/data.pkl beside it",
            shown(first));
  if (const ZipEntry* order = find("byteorder")) {
    const HeldBytes text = zip->read(*order);
    ULS_CHECK(text.text() == "little", "byte order not supported; got {}; expected little",
              shown(text.text()));
  }
  const bool is_script = find("constants.pkl");
  const HeldBytes bytes = zip->read(*pickle_entry);
  StorageTable storages;
  WeightsNode root = at_place(pickle_entry->name, [&] {
    const Pickle pickle = Pickle::read(bytes.text(), pytorch_names(is_script));
    ULS_CHECK(pickle.size() == bytes.size, "bytes behind the values; got {}; expected {}", bytes.size,
              pickle.size());
    return pytorch_tree(pickle, storages, file->path(), file->size());
  });
  for (const auto& [key, block] : storages.blocks()) {
    const ZipEntry* const entry = find("data/" + key);
    ULS_CHECK(entry, "storage {}: not in the archive; got no entry {}; expected one", shown(key),
              shown(folder + "data/" + key));
    ULS_CHECK(entry->size == block->bytes(),
              "entry {}: wrong size; got {} bytes; expected {} for {} elements of {}", shown(entry->name),
              entry->size, block->bytes(), block->elements, block->type.name);
    block->load = [zip, entry] { return zip->read(*entry); };
  }
  return {file->path(), is_script ? "TorchScript" : "PyTorch", std::move(root), {}};
}

WeightsFile read_legacy(const std::shared_ptr<const MappedFile>& file) {
  // 0x1950a86a20f9469cfc6c, which is beyond 64 bits.
  constexpr std::string_view kMagic("\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19");
  constexpr std::int64_t kVersion = 1001;
  ByteReader reader(file->text());
  const auto next = [&](const char* what, const std::vector<std::string>& names = {}) {
    const std::size_t begin = reader.position();
    return at_place(fmt::format("{} from byte {}", what, begin), [&] {
      Pickle pickle = Pickle::read({file->data() + begin, reader.left()}, names);
      reader.take(std::uint64_t(pickle.size()));
      return pickle;
    });
  };
  const Pickle magic = next("magic number");
  ULS_CHECK(magic.root().is(PickleValue::Kind::large_integer) && magic.root().as_bytes() == kMagic,
            "a pickle, but not PyTorch's; got {} in front; expected its magic number",
            to_string(magic.root().kind()));
  const std::int64_t version = next("version").root().as_int64();
  ULS_CHECK(version == kVersion, "unknown version; got {}; expected {}", version, kVersion);
  const Pickle system = next("system");
  const PickleValue* const is_little = system.root().find("little_endian");
  ULS_CHECK(is_little && is_little->as_bool(),
            "byte order not supported; got big-endian numbers; expected little");

  StorageTable storages;
  const Pickle pickle = next("values", pytorch_names(false));
  WeightsNode root =
      at_place("values", [&] { return pytorch_tree(pickle, storages, file->path(), file->size()); });

  const Pickle keys = next("list of storages");
  std::set<std::string> seen;
  for (const PickleValue* item : keys.root().items()) {
    const std::string key(item->as_text());
    const auto found = storages.blocks().find(key);
    ULS_CHECK(found != storages.blocks().end() && seen.insert(key).second,
              "storage {}: listed, but twice or for no tensor; got it; expected each that is used once",
              shown(key));
    StoredBlock& block = *found->second;
    at_place("storage " + shown(key), [&] {
      const auto elements = reader.number<std::int64_t>();
      ULS_CHECK(elements == block.elements, "wrong size; got {} elements; expected {}", elements,
                block.elements);
      char* const data = file->data() + reader.position();
      reader.take(std::uint64_t(block.bytes()));
      block.load = [file, data, bytes = block.bytes()] { return HeldBytes{data, bytes, file}; };
    });
  }
  ULS_CHECK(seen.size() == storages.blocks().size(), "storages missing; got {}; expected {}", seen.size(),
            storages.blocks().size());
  ULS_CHECK(reader.left() == 0, "bytes after the last storage; got {}; expected none", reader.left());
  return {file->path(), "PyTorch, legacy", std::move(root), {}};
}

}  // namespace

WeightsFile read_pytorch_zip(std::shared_ptr<const MappedFile> file) {
  return at_place("read " + file->path(), [&] { return read_zip(file); });
}

WeightsFile read_pytorch_legacy(std::shared_ptr<const MappedFile> file) {
  return at_place("read " + file->path(), [&] { return read_legacy(file); });
}

}  // namespace uls
