#include "etamax/files/torch_save.h"

#include <algorithm>
#include <deque>
#include <map>
#include <memory>

#include "etamax/core/error.h"
#include "etamax/files/bytes.h"
#include "etamax/files/detail_unpickle.h"
#include "etamax/files/zip.h"

namespace etamax {
namespace {

using Kind = SavedValue::Kind;

/// A state_dict has some 45 codes for a tensor, which takes 400 bytes or more of the file.
std::size_t most_codes(std::size_t file_size) {
  constexpr std::size_t kAlways = std::size_t{1} << 20, kBytesEach = 2;
  return std::max(kAlways, file_size / kBytesEach);
}

/// The tensor's elements, one after another with the last index fastest, out of its storage's: where they lie if they
/// lie so, else gathered in `room`.
std::string_view elements(const std::string& where, const SavedTensor& tensor, std::string_view storage,
                          std::string& room) {
  const std::size_t width = element_size(tensor.type), available = storage.size() / width;
  double count = 1, last = static_cast<double>(tensor.offset);
  bool contiguous = true;
  for (std::size_t d = tensor.shape.size(); d-- > 0;) {
    contiguous = contiguous && (tensor.shape[d] == 1 || static_cast<double>(tensor.strides[d]) == count);
    count *= static_cast<double>(tensor.shape[d]);
    last += (static_cast<double>(tensor.shape[d]) - 1) * static_cast<double>(tensor.strides[d]);
  }
  if (count == 0) return "";
  if (!(last < static_cast<double>(available)) || count > static_cast<double>(available))
    throw InputError(where + ": reaches beyond its " + std::to_string(available) + " numbers");
  const auto wanted = static_cast<std::size_t>(count);
  if (contiguous) return storage.substr(tensor.offset * width, wanted * width);
  room.reserve(wanted * width);
  StridedWalk place(tensor.shape, tensor.strides, tensor.offset);
  for (std::size_t done = 0; done < wanted; ++done) room.append(storage.substr(place.next() * width, width));
  return room;
}

/// The file's bytes and what is known of them.
class Content {
 public:
  Content(std::string source, std::string bytes) : source_(std::move(source)), bytes_(std::move(bytes)) {
    for (ZipMember& member : zip_members(source_, bytes_)) {
      if (member.name.ends_with("/data.pkl")) folder_ = member.name.substr(0, member.name.size() - 8);
      const std::string name = member.name;
      members_.emplace(name, std::move(member));
    }
    if (folder_.empty()) throw InputError(source_ + ": was not written by torch.save: it has no data.pkl");
    std::string room;
    if (const auto order = members_.find(folder_ + "byteorder"); order != members_.end())
      big_ = unzip(source_, order->second, room) == "big";
    root_ =
        unpickled(source_, unzip(source_, members_.at(folder_ + "data.pkl"), room), most_codes(bytes_.size()), values_);
  }
  Content(const Content&) = delete;
  Content& operator=(const Content&) = delete;

  const SavedValue* root() const { return root_; }

  NumberArray read(const SavedValue& value, const std::string& name) {
    const std::string where = source_ + ": '" + printable(name) + "'";
    if (value.kind != Kind::tensor) throw InputError(where + ": has no numbers");
    const SavedTensor& tensor = *value.tensor;
    std::string room;
    const std::string_view numbers = elements(where, tensor, storage(where, tensor.storage), room);
    given_ += numbers.size();
    if (given_ > most_unpacked(bytes_.size()))
      throw InputError(where + ": with it the tensors, which share storages, take more than " +
                       std::to_string(most_unpacked(bytes_.size())) +
                       " bytes; if that is right, save clones of them, or safetensors");
    return decode_numbers(where, numbers, {tensor.type, big_, false}, tensor.shape);
  }

 private:
  /// Tensors that share a storage mostly follow each other: it is unpacked and verified once.
  std::string_view storage(const std::string& where, const std::string& key) {
    if (key != last_key_ || !last_storage_.data()) {
      const auto member = members_.find(folder_ + "data/" + key);
      if (member == members_.end()) throw InputError(where + ": has no numbers");
      last_storage_ = {};
      last_storage_ = unzip(source_, member->second, last_room_);
      last_key_ = key;
    }
    return last_storage_;
  }

  std::string source_, bytes_, folder_;
  std::map<std::string, ZipMember> members_;
  std::deque<SavedValue> values_;  // whose places never change
  const SavedValue* root_ = nullptr;
  bool big_ = false;
  std::string last_key_, last_room_;
  std::string_view last_storage_;
  std::size_t given_ = 0;  // bytes of tensors
};

}  // namespace

const SavedValue* SavedValue::find(std::string_view key) const {
  if (kind != Kind::dict) return nullptr;
  for (std::size_t i = 0; i + 1 < items.size(); i += 2)
    if (items[i]->kind == Kind::text && items[i]->text == key) return items[i + 1];
  return nullptr;
}

const SavedValue* SavedValue::find(long key) const {
  if (kind != Kind::dict) return nullptr;
  for (std::size_t i = 0; i + 1 < items.size(); i += 2)
    if (items[i]->kind == Kind::number && items[i]->number == static_cast<double>(key)) return items[i + 1];
  return nullptr;
}

TorchSave open_torch_save(const std::string& source, std::string bytes) {
  if (bytes.starts_with('\x80'))
    throw InputError(source +
                     ": is in torch.save's format of before PyTorch 1.6; load and save it with a newer PyTorch");
  const auto content = std::make_shared<Content>(source, std::move(bytes));
  TorchSave file;
  file.source = source;
  file.root = content->root();
  file.read = [content](const SavedValue& tensor, const std::string& name) { return content->read(tensor, name); };
  return file;
}

}  // namespace etamax
