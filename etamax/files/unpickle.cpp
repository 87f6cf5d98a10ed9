#include <bit>
#include <cstdint>
#include <map>

#include "etamax/core/error.h"
#include "etamax/files/bytes.h"
#include "etamax/files/detail_unpickle.h"

namespace etamax {
namespace {

using Kind = SavedValue::Kind;

const std::map<std::string, ElementType, std::less<>>& storage_types() {
  static const std::map<std::string, ElementType, std::less<>> known = {
      {"torch FloatStorage", ElementType::float32}, {"torch DoubleStorage", ElementType::float64},
      {"torch HalfStorage", ElementType::float16},  {"torch BFloat16Storage", ElementType::bfloat16},
      {"torch LongStorage", ElementType::int64},    {"torch IntStorage", ElementType::int32},
      {"torch ShortStorage", ElementType::int16},   {"torch CharStorage", ElementType::int8},
      {"torch ByteStorage", ElementType::uint8},    {"torch BoolStorage", ElementType::boolean}};
  return known;
}

/// Python's pickle, as far as torch.save uses it (pickletools.py of CPython describes the codes).
class Unpickler {
 public:
  Unpickler(const std::string& source, std::string_view pickle, std::size_t most_codes, std::deque<SavedValue>& store)
      : source_(source), rest_(pickle), size_(pickle.size()), most_codes_(most_codes), store_(store) {}

  const SavedValue* run() {
    for (std::size_t codes = 0; codes < most_codes_; ++codes) {  // each makes one value or less
      const char code = take(1)[0];
      if (code == '.') return pop();
      step(code);
    }
    throw InputError(source_ + ": data.pkl: has more than " + std::to_string(most_codes_) +
                     " pickle codes, the most that are read of a file of this size; save the state_dicts alone, or "
                     "as safetensors");
  }

 private:
  [[noreturn]] void refuse(const std::string& why) const {
    throw InputError(source_ + ": data.pkl: " + why + " at byte " + std::to_string(size_ - rest_.size()));
  }
  std::string_view take(std::size_t count) {
    if (rest_.size() < count) refuse("is cut off");
    const std::string_view taken = rest_.substr(0, count);
    rest_.remove_prefix(count);
    return taken;
  }
  /// What is copied: a memoized text may be asked for again and again.
  std::string_view checked_name(std::string_view text) const {
    constexpr std::size_t kLongest = 1000;
    if (text.size() > kLongest)
      refuse("has a class or a storage whose name has " + std::to_string(text.size()) + " letters");
    return text;
  }
  std::size_t whole(std::size_t bytes) { return little_endian(take(bytes), 0, bytes); }
  std::string line() {
    const std::size_t end = rest_.find('\n');
    if (end == std::string_view::npos) refuse("is cut off");
    const std::string text(checked_name(take(end)));
    take(1);
    return text;
  }

  SavedValue* make(Kind kind) {
    store_.emplace_back().kind = kind;
    return &store_.back();
  }
  void push(SavedValue* value) { stack_.push_back(value); }
  void push_number(double number) {
    push(make(Kind::number));
    stack_.back()->number = number;
  }
  void push_text(std::string_view text, Kind kind = Kind::text) {
    if (kind == Kind::other) checked_name(text);
    push(make(kind));
    stack_.back()->text = text;
  }
  SavedValue* pop() {
    if (stack_.size() <= (marks_.empty() ? 0 : marks_.back())) refuse("is damaged");
    SavedValue* value = stack_.back();
    stack_.pop_back();
    return value;
  }
  SavedValue* top() {
    SavedValue* value = pop();
    push(value);
    return value;
  }
  std::vector<const SavedValue*> pop_many(std::size_t count) {
    std::vector<const SavedValue*> values(count);
    for (std::size_t i = count; i-- > 0;) values[i] = pop();
    return values;
  }
  std::vector<const SavedValue*> pop_to_mark() {
    if (marks_.empty()) refuse("is damaged");
    const std::vector<const SavedValue*> values = pop_many(stack_.size() - marks_.back());
    marks_.pop_back();
    return values;
  }
  void push_list(std::vector<const SavedValue*> items) {
    push(make(Kind::list));
    stack_.back()->items = std::move(items);
  }
  void add(Kind kind, const std::vector<const SavedValue*>& items) {
    SavedValue* to = top();
    if (to->kind != kind) {
      if (to->kind == Kind::other) return;  // an object of a class of its own, which is passed over
      refuse("is damaged");
    }
    if (kind == Kind::dict && items.size() % 2 != 0) refuse("is damaged");
    to->items.insert(to->items.end(), items.begin(), items.end());
  }
  void memoize(std::size_t at) { memo_[at] = top(); }
  void recall(std::size_t at) {
    const auto found = memo_.find(at);
    if (found == memo_.end()) refuse("is damaged");
    push(found->second);
  }

  void step(char code) {
    switch (code) {
      case '\x80':
        take(1);
        break;  // the protocol
      case '\x95':
        take(8);
        break;  // the length of a frame
      case '(':
        marks_.push_back(stack_.size());
        break;
      case '0':
        pop();
        break;
      case '1':
        pop_to_mark();
        break;
      case 'N':
        push(make(Kind::other));
        break;
      case '\x88':
        push_number(1);
        break;
      case '\x89':
        push_number(0);
        break;
      case 'K':
        push_number(static_cast<double>(whole(1)));
        break;
      case 'M':
        push_number(static_cast<double>(whole(2)));
        break;
      case 'J':
        push_number(static_cast<std::int32_t>(static_cast<std::uint32_t>(whole(4))));
        break;
      case '\x8a':
        long_integer(whole(1));
        break;
      case 'G':
        push_number(std::bit_cast<double>(big_endian(take(8), 0, 8)));
        break;
      case 'X':
      case 'T':
      case 'B':
        push_text(take(whole(4)));
        break;
      case '\x8c':
      case 'U':
      case 'C':
        push_text(take(whole(1)));
        break;
      case '\x8d':
      case '\x8e':
        push_text(take(whole(8)));
        break;
      case ')':
        push_list({});
        break;
      case '\x85':
        push_list(pop_many(1));
        break;
      case '\x86':
        push_list(pop_many(2));
        break;
      case '\x87':
        push_list(pop_many(3));
        break;
      case 't':
        push_list(pop_to_mark());
        break;
      case ']':
      case '\x8f':
        push_list({});
        break;
      case 'a':
        add(Kind::list, pop_many(1));
        break;
      case 'e':
      case '\x90':
        add(Kind::list, pop_to_mark());
        break;
      case '}':
        push(make(Kind::dict));
        break;
      case 's':
        add(Kind::dict, pop_many(2));
        break;
      case 'u':
        add(Kind::dict, pop_to_mark());
        break;
      case 'q':
        memoize(whole(1));
        break;
      case 'r':
        memoize(whole(4));
        break;
      case '\x94':
        memoize(memo_.size());
        break;
      case 'h':
        recall(whole(1));
        break;
      case 'j':
        recall(whole(4));
        break;
      case 'c': {
        const std::string module = line();
        push_text(module + " " + line(), Kind::other);
        break;
      }
      case '\x93': {
        const auto names = pop_many(2);
        push_text(names[0]->text + " " + names[1]->text, Kind::other);
        break;
      }
      case 'R': {
        const auto call = pop_many(2);
        reduce(call[0]->text, call[1]->items);
        break;
      }
      case '\x81':
        pop_many(2);
        push(make(Kind::other));
        break;  // an object of a class of its own
      case 'b':
        pop();
        break;  // attributes, of a state_dict's or of such an object
      case 'Q':
        storage(pop()->items);
        break;
      default:
        refuse("holds the pickle code " + std::to_string(static_cast<unsigned char>(code)) + ", which is not read,");
    }
  }

  void long_integer(std::size_t bytes) {
    const std::string_view digits = take(bytes);
    if (bytes > 8) return push(make(Kind::other));
    std::uint64_t value = little_endian(digits, 0, bytes);
    if (bytes > 0 && bytes < 8 && (value >> (8 * bytes - 1) & 1) != 0) value -= std::uint64_t{1} << 8 * bytes;
    push_number(static_cast<double>(static_cast<std::int64_t>(value)));
  }

  /// ("storage", its class, its key, device, number of elements)
  void storage(const std::vector<const SavedValue*>& words) {
    SavedValue* value = make(Kind::other);
    if (words.size() >= 3)
      if (const auto type = storage_types().find(words[1]->text); type != storage_types().end()) {
        value->tensor = std::make_unique<SavedTensor>();
        value->tensor->storage = checked_name(words[2]->text);
        value->tensor->type = type->second;
      }
    push(value);
  }

  std::vector<std::size_t> extents(const SavedValue& list) {
    std::vector<std::size_t> numbers;
    for (const SavedValue* item : list.items) {
      if (item->kind != Kind::number || item->number < 0 || item->number > 1e15)
        refuse("has a tensor of no possible shape");
      numbers.push_back(static_cast<std::size_t>(item->number));
    }
    if (numbers.size() > kMostDimensions)
      refuse("has a tensor of more than " + std::to_string(kMostDimensions) + " dimensions");
    return numbers;
  }

  void reduce(const std::string& function, const std::vector<const SavedValue*>& arguments) {
    if (function == "collections OrderedDict") return push(make(Kind::dict));
    // Both are what they are made of, with nothing added that matters here.
    if ((function == "torch Size" || function == "torch._utils _rebuild_parameter") && !arguments.empty())
      return push(const_cast<SavedValue*>(arguments[0]));
    const bool tensor = function == "torch._utils _rebuild_tensor_v2" || function == "torch._utils _rebuild_tensor";
    if (!tensor || arguments.size() < 4 || !arguments[0]->tensor) return push(make(Kind::other));
    SavedValue* value = make(Kind::tensor);
    value->tensor = std::make_unique<SavedTensor>(*arguments[0]->tensor);
    if (arguments[1]->number < 0 || arguments[1]->number > 1e15) refuse("has a tensor that begins nowhere");
    value->tensor->offset = static_cast<std::size_t>(arguments[1]->number);
    value->tensor->shape = extents(*arguments[2]);
    value->tensor->strides = extents(*arguments[3]);
    if (value->tensor->shape.size() != value->tensor->strides.size()) refuse("has a tensor of no possible shape");
    push(value);
  }

  const std::string& source_;
  std::string_view rest_;
  std::size_t size_, most_codes_;
  std::deque<SavedValue>& store_;
  std::vector<SavedValue*> stack_;
  std::vector<std::size_t> marks_;
  std::map<std::size_t, SavedValue*> memo_;
};

}  // namespace

const SavedValue* unpickled(const std::string& source, std::string_view pickle, std::size_t most_codes,
                            std::deque<SavedValue>& store) {
  return Unpickler(source, pickle, most_codes, store).run();
}

}  // namespace etamax
