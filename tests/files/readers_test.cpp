#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <functional>

#include "../refusal.h"
#include "etamax/core/error.h"
#include "etamax/files/bytes.h"
#include "etamax/files/image_file.h"
#include "etamax/files/images.h"
#include "etamax/files/npy.h"
#include "etamax/files/numeric_table.h"
#include "etamax/files/safetensors.h"
#include "etamax/files/torch_save.h"
#include "etamax/files/zip.h"
#include "made_files.h"

namespace etamax {
namespace {

using namespace testing;  // the made files
using Shape = std::vector<std::size_t>;

std::vector<double> numbers(const NumberArray& array) {
  std::vector<double> list;
  for (std::size_t i = 0; i < array.size(); ++i) list.push_back(array.at(i));
  return list;
}

std::string npy_refusal(const std::string& bytes) {
  return refusal([&] { read_npy("a.npy", bytes); });
}

TEST(Npy, OrderAndByteOrder) {
  const NumberArray c = read_npy("a", npy("<i2", "(2, 3)", raw<std::int16_t>({1, 2, 3, 4, 5, -6})));
  EXPECT_EQ(c.shape, (Shape{2, 3}));
  EXPECT_EQ(numbers(c), (std::vector<double>{1, 2, 3, 4, 5, -6}));
  const NumberArray f = read_npy("a", npy("<i2", "(2, 3)", raw<std::int16_t>({1, 4, 2, 5, 3, -6}), true));
  EXPECT_EQ(numbers(f), numbers(c));
  EXPECT_EQ(numbers(read_npy("a", npy(">i4", "(1,)", std::string("\0\0\1\2", 4)))), (std::vector<double>{258}));
  EXPECT_EQ(read_npy("a", npy("<f8", "()", raw<double>({2.5}))).at(0), 2.5);
  EXPECT_EQ(read_npy("a", npy("<f8", "(0, 4)", "")).size(), 0u);
}

TEST(Npy, HalfPrecisionIsExact) {
  const auto half = [](std::uint16_t bits) { return read_npy("a", npy("<f2", "(1,)", little(bits, 2))).at(0); };
  EXPECT_EQ(half(0x3c00), 1);
  EXPECT_EQ(half(0xc500), -5);
  EXPECT_EQ(half(0x7bff), 65504);
  EXPECT_EQ(half(0x0001), std::ldexp(1, -24));
  EXPECT_EQ(half(0x8400), -std::ldexp(1, -14));
  EXPECT_EQ(half(0xfc00), -INFINITY);
  EXPECT_TRUE(std::isnan(half(0x7e00)));
}

TEST(Npy, WhatIsWrongIsSaid) {
  expect_in("a.npy: has 4 bytes of numbers, but 2 x 3 of 4 bytes each", npy_refusal(npy("<f4", "(2, 3)", "1234")));
  expect_in("no NumPy array", npy_refusal("\x93NUMPX"));
  expect_in("cut off in its header", npy_refusal(npy("<f4", "(1,)", "1234").substr(0, 40)));
  expect_in("version 9", npy_refusal(std::string("\x93NUMPY\x09\0\0\0", 10)));
  expect_in("NumPy's type '<c8'", npy_refusal(npy("<c8", "(1,)", "12345678")));
  expect_in("NumPy's type '|O'", npy_refusal(npy("|O", "(1,)", "12345678")));
  expect_in("damaged header", npy_refusal(npy("<f4", "(1, 2", "1234")));
  expect_in("damaged header", npy_refusal(npy("<f4", "(-1,)", "1234")));
  expect_in("records of several fields", npy_refusal(npy("x', 'descr': [('a', '<f4')], 'descr': 'x", "(1,)", "1234")));
  expect_in("2^53", npy_refusal(npy("<i8", "(2,)", raw<std::int64_t>({5, std::int64_t{1} << 53}))));
  // Sizes whose product wraps to the number of bytes in 64 bit.
  expect_in("is not as many", npy_refusal(npy("|u1", "(4294967296, 4294967296)", "")));
}

/// Quoted fields as RFC 4180 has them: a separator in one is part of it, and a quote in one stands there twice.
TEST(Csv, QuotedFieldsHoldSeparatorsAndQuotes) {
  const std::vector<std::string> held = {"a",   "b \"x\", c", "\"",      "\"\"", ",",
                                         ";,;", "x \"y\"",    "\"y\" x", "",     "\",\""};
  for (const char separator : {',', ';', '\t'})
    for (const std::string& first : held)
      for (const std::string& second : held) {
        std::string head;
        for (const std::string& name : {first, std::string("plain"), second}) {
          std::string quoted = "\"";
          for (const char c : name) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
          head += (head.empty() ? "" : std::string(1, separator)) + (name == "plain" ? name : quoted + "\"");
        }
        const std::string row = std::string("1") + separator + "2" + separator + "3\n";
        const NumericTable table = read_numeric_csv("a.csv", head + "\r\n" + row + row);
        EXPECT_EQ(table.names, (std::vector<std::string>{first, "plain", second})) << head;
        EXPECT_EQ(table.rows(), 2u);
      }
  // Marks that are no quotes around a field.
  EXPECT_EQ(read_numeric_csv("a.csv", "5\" pipe,3\" pipe\n1,2\n").names,
            (std::vector<std::string>{"5\" pipe", "3\" pipe"}));
  EXPECT_EQ(read_numeric_csv("a.csv", "5\" pipe;x,y\n1;2\n").columns, 2u);
  EXPECT_EQ(read_numeric_csv("a.csv", "5\" pipe;3\" pipe\n1;2\n").columns, 2u);
}

/// Where one is 0 there is no number, and the others may be anything whose product is an address.
TEST(Arrays, NoNumbersHaveAShapeThatCanBeAddressed) {
  const auto read = [](const Shape& shape) {
    std::string python, json;
    for (const std::size_t n : shape) {
      python += std::to_string(n) + ",";
      json += (json.empty() ? "" : ",") + std::to_string(n);
    }
    const std::string array = npy("<f4", "(" + python + ")", "");
    const std::string tensors =
        safetensors(R"({"x":{"dtype":"F32","shape":[)" + json + R"(],"data_offsets":[0,0]}})", "");
    std::vector<std::string> refusals;
    for (const auto& reads :
         std::vector<std::function<NumberArray()>>{[&] { return read_npy("a", array); },
                                                   [&] {
                                                     return open_npz("a", zip({{"x.npy", array}})).read("x");
                                                   },
                                                   [&] { return open_safetensors("a", tensors).read("x"); }})
      refusals.push_back(refusal([&] { EXPECT_EQ(reads().shape, shape); }));
    return refusals;
  };
  constexpr std::size_t kMost = std::size_t{1} << 59;  // numbers of 64 bit in 2^62 bytes
  for (const std::size_t zeros : {1U, 2U})
    for (const std::size_t place : {0U, 1U, 2U, 3U})
      for (const Shape& others : std::vector<Shape>{{kMost}, {kMost / 8, 8}, {kMost / 64, 8, 8}, {3, 5}}) {
        Shape shape = others, larger = others;
        larger.front() = 2 * kMost;
        for (Shape* s : {&shape, &larger})
          s->insert(s->begin() + static_cast<std::ptrdiff_t>(std::min(place, s->size())), zeros, 0);
        for (const std::string& words : read(shape)) EXPECT_EQ(words, "(accepted)");
        for (const std::string& words : read(larger)) expect_in("more than can be addressed", words);
      }
  for (const Shape& wraps : std::vector<Shape>{{8, 9223372036854775807U, 0}, {8, 4294967296U, 4294967296U, 0}})
    for (const std::string& words : read(wraps)) {
      expect_in("8 x ", words);
      EXPECT_TRUE(words.starts_with("a: ")) << words;
    }
}

TEST(Zip, StoredAndDeflated) {
  const std::string x = npy("<f4", "(2,)", raw<float>({1.5f, -2})), y = npy("|u1", "(64,)", std::string(64, '\7'));
  const ArrayFile file = open_npz("a.npz", zip({{"x.npy", x}, {"notes.txt", "no array"}, {"y.npy", y, true}}));
  EXPECT_EQ(file.names, (std::vector<std::string>{"x", "y"}));
  EXPECT_EQ(numbers(file.read("x")), (std::vector<double>{1.5, -2}));
  EXPECT_EQ(numbers(file.read("y")), std::vector<double>(64, 7));
  EXPECT_EQ(refusal([&] { file.read("z"); }), "a.npz: has no array 'z'");
}

TEST(Zip, DamageIsSeen) {
  const std::string whole = zip({{"y.npy", npy("|u1", "(64,)", std::string(64, '\7')), true}});
  const auto read = [](const std::string& bytes) { return refusal([&] { open_npz("a.npz", bytes).read("y"); }); };
  ASSERT_EQ(read(whole), "(accepted)");
  for (std::size_t i = 0; i < whole.size(); ++i) EXPECT_NE(read(whole.substr(0, i)), "(accepted)") << i;
  std::string changed = whole;
  changed[16] ^= 1;  // the local header's own checksum, which the directory's overrules
  EXPECT_EQ(read(changed), "(accepted)");
  const std::size_t directory = whole.find("PK\1\2");
  changed = whole;
  changed[directory + 16] ^= 1;
  expect_in("its checksum does not fit", read(changed));
  changed = whole;
  changed[directory + 8] |= 1;
  expect_in("is encrypted", read(changed));
  changed = whole;
  changed[directory + 10] = 12;
  expect_in("must be stored or deflated", read(changed));
  changed = whole;
  changed[directory + 24] ^= 1;
  expect_in("is damaged", read(changed));
  expect_in("two arrays of the name", read(zip({{"y.npy", "1"}, {"y.npy", "2"}})));
}

TEST(Zip, BombsAreRefusedBeforeTheyGoOff) {
  // The directory says 17 MiB: whether true or not, it is not unpacked.
  std::string bomb = zip({{"y.npy", std::string(1 << 20, '\0'), true}});
  bomb.replace(bomb.find("PK\1\2") + 24, 4, little(17 << 20, 4));
  expect_in("bytes unpack to 17825792, more than 16777216; if that is right, write it uncompressed",
            refusal([&] { open_npz("bomb.npz", bomb).read("y"); }));
  // Nor do many members that are each below the limit, and may lie in one another.
  std::vector<Member> members;
  for (int i = 0; i < 9; ++i) members.push_back({std::to_string(i) + ".npy", std::string(2 << 20, '\0'), true});
  expect_in("unpack to 18874368, more than", refusal([&] { open_npz("bomb.npz", zip(members)); }));
  // More than deflate can do is refused before its size is allocated.
  bomb.replace(bomb.find("PK\1\2") + 24, 4, little(15 << 20, 4));
  expect_in("cannot unpack to", refusal([&] { open_npz("bomb.npz", bomb).read("y"); }));
  const std::string packed = gzipped(std::string(2 << 20, '\0'));
  EXPECT_EQ(gunzip("a.gz", packed, 2 << 20).size(), 2u << 20);
  expect_in("a.gz: unpacks to more than 2097151 bytes", refusal([&] { gunzip("a.gz", packed, (2 << 20) - 1); }));
  EXPECT_EQ(most_unpacked(1000), std::size_t{16} << 20);
  EXPECT_EQ(most_unpacked(10 << 20), std::size_t{1000} << 20);
}

TEST(TorchSaved, MemoryFollowsFromTheSizeOfTheFile) {
  const auto open = [](const std::string& pickle) {
    return refusal([&] { open_torch_save("a.pt", torch_save(pickle, "")); });
  };
  EXPECT_EQ(open(std::string(1'000'000, 'N')), "(accepted)");
  for (const char code : {'N', ']', '(', '}', '\x88'})  // a value, a mark
    expect_in("a.pt: data.pkl: has more than 1048576 pickle codes", open(std::string(1'100'000, code)));
  std::string memoized = "N";
  for (int i = 0; i < 1'100'000; ++i) memoized += '\x94';
  expect_in("pickle codes", open(memoized));
  // A class named by itself twice, again and again.
  std::string doubled = pickled_text("numpy.np");
  for (int i = 0; i < 30; ++i) doubled += "q\1h\1\x93";
  expect_in("whose name has", open(doubled));
}

TEST(TorchSaved, TensorsThatShareAStorageAreLimitedTogether) {
  constexpr std::uint64_t kCount = 1 << 20;  // 4 MiB each
  std::string pickle = "}(";
  for (int i = 0; i < 5; ++i) pickle += pickled_text(std::to_string(i)) + pickled_tensor(kCount);
  const TorchSave file = open_torch_save("a.pt", torch_save(pickle + "u", std::string(4 * kCount, '\0')));
  for (int i = 0; i < 4; ++i) EXPECT_EQ(file.read(*file.root->find(std::to_string(i)), "w").size(), kCount);
  expect_in("a.pt: 'w': with it the tensors, which share storages, take more than 16777216 bytes",
            refusal([&] { file.read(*file.root->find("4"), "w"); }));
}

TEST(Safetensors, ManyTensorsTakeNoLongerThanTheyMust) {
  std::string header = "{";
  for (int i = 0; i < 100'000; ++i)
    header += (i == 0 ? "\"" : ",\"") + std::to_string(i) + R"(":{"dtype":"U8","shape":[0],"data_offsets":[0,0]})";
  EXPECT_EQ(open_safetensors("a", safetensors(header + "}", "")).names.size(),
            100'000u);  // minutes, if each looked at all
}

TEST(Gzip, SeveralStreamsAreOneFileAndRubbishAfterThemIsRefused) {
  EXPECT_EQ(gunzip("a", gzipped("1,2\n") + gzipped("3,4\n"), 100), "1,2\n3,4\n");
  expect_in("no whole gzip file", refusal([] { gunzip("a", gzipped("1,2\n") + "x", 100); }));
  const std::string whole = gzipped("some words, some words, some words");
  for (std::size_t i = 0; i < whole.size(); ++i)
    expect_in("no whole gzip file", refusal([&] { gunzip("a", whole.substr(0, i), 100); }));
}

TEST(Safetensors, EveryTypeByItsName) {
  const std::string header =
      R"({"__metadata__":{"format":"pt"},"b":{"dtype":"F32","shape":[2],"data_offsets":[2,10]},"h":{"dtype":"BF16","shape":[1],)"
      R"("data_offsets":[0,2]},"t":{"dtype":"BOOL","shape":[1,3],"data_offsets":[10,13]}}   )";
  const ArrayFile file =
      open_safetensors("a", safetensors(header, little(0xc040, 2) + raw<float>({1, 2.5f}) + std::string("\1\0\1", 3)));
  EXPECT_EQ(file.names.size(), 3u);
  EXPECT_EQ(numbers(file.read("b")), (std::vector<double>{1, 2.5}));
  EXPECT_EQ(file.read("h").at(0), -3);
  EXPECT_EQ(file.read("t").shape, (Shape{1, 3}));
  EXPECT_EQ(numbers(file.read("t")), (std::vector<double>{1, 0, 1}));
}

TEST(Safetensors, WhatIsWrongIsSaid) {
  const auto open = [](const std::string& header, const std::string& bytes) {
    return refusal([&] {
      const ArrayFile file = open_safetensors("m.safetensors", safetensors(header, bytes));
      for (const std::string& name : file.names) file.read(name);
    });
  };
  const std::string good = R"({"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}})";
  ASSERT_EQ(open(good, "12345678"), "(accepted)");
  expect_in("has 4 bytes of tensors", open(R"({})", "1234"));
  expect_in("data_offsets are not possible; there are 4 bytes", open(good, "1234"));
  expect_in("has 9 bytes of tensors, but its header says 8", open(good, "123456789"));
  expect_in("not lie end to end", open(R"({"w":{"dtype":"U8","shape":[2],"data_offsets":[1,3]}})", "123"));
  expect_in("tensor 'w': has 8 bytes of numbers, but 3 of 4",
            open(R"({"w":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}})", "12345678"));
  expect_in("the dtype 'C64'", open(R"({"w":{"dtype":"C64","shape":[1],"data_offsets":[0,8]}})", "12345678"));
  expect_in("lacks a dtype", open(R"({"w":{"shape":[1],"data_offsets":[0,8]}})", "12345678"));
  expect_in("not possible", open(R"({"w":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}})", "12345678"));
  expect_in("is no JSON", open("{", ""));
  expect_in("no JSON object", open("[]", ""));
  expect_in("two tensors of the name 'w'", open(good.substr(0, good.size() - 1) + "," + good.substr(1), "12345678"));
  expect_in("fewer than 8 bytes", refusal([] { open_safetensors("a", "PK"); }));
  expect_in("header would have", refusal([] { open_safetensors("a", "PK\3\4 and so on"); }));
  expect_in("cut off in its header", refusal([] { open_safetensors("a", little(100, 8) + "{"); }));
}

TEST(Idx, GridAndRefusals) {
  const std::string bytes = idx({2, 3}, "abcdef");
  EXPECT_EQ(read_idx("a", bytes).shape, (Shape{2, 3}));
  EXPECT_EQ(read_idx("a", bytes).values, "abcdef");
  for (std::size_t i = 0; i < bytes.size(); ++i)
    EXPECT_NE(refusal([&] { read_idx("a", bytes.substr(0, i)); }), "(accepted)");
  expect_in("a: has 5 bytes after its header, which says 2 x 3", refusal([] { read_idx("a", idx({2, 3}, "abcde")); }));
  expect_in("IDX type 13", refusal([] {
              read_idx("a", std::string("\0\0\x0d\1\0\0\0\1"
                                        "1234",
                                        12));
            }));
  expect_in("no IDX file", refusal([] { read_idx("a", "GIF89a"); }));
  expect_in("after its header", refusal([] { read_idx("a", idx({1u << 31, 1u << 31, 4}, "")); }));
}

TEST(Cifar10, RecordsAndRefusals) {
  const std::string two = "\3" + std::string(3072, 'a') + "\7" + std::string(3072, 'b');
  const Cifar10 file = read_cifar10("a", two);
  EXPECT_EQ(file.images(), 2u);
  EXPECT_EQ(file.label(1), 7);
  EXPECT_EQ(file.pixels(1), std::string(3072, 'b'));
  expect_in("not a multiple of the 3073", refusal([&] { read_cifar10("a", two.substr(1)); }));
  expect_in("a: the label of image 2 is 10, not in 0..9", refusal([&] {
              std::string bad = two;
              bad[3073] = 10;
              read_cifar10("a", bad);
            }));
}

TEST(Images, PngAndNetpbmAreNumbersIn0To1) {
  const auto seed = [](const std::string& reader, const std::string& name) {
    return read_whole_file(ETAMAX_SOURCE_DIR "/tests/fuzz/corpus/" + reader + "/" + name);
  };
  const auto is = [](const Image& image, std::size_t channels, std::size_t height, std::size_t width,
                     const std::vector<int>& bytes) {
    EXPECT_EQ(image.channels, channels);
    EXPECT_EQ(image.height, height);
    EXPECT_EQ(image.width, width);
    ASSERT_EQ(image.values.size(), bytes.size());
    for (std::size_t i = 0; i < bytes.size(); ++i) EXPECT_FLOAT_EQ(image.values[i], static_cast<float>(bytes[i]) / 255);
  };
  is(read_png("a", seed("png", "gray")), 1, 1, 2, {0, 255});
  is(read_png("a", seed("png", "rgb")), 3, 2, 1, {1, 255, 2, 0, 3, 51});
  is(read_png("a", seed("png", "palette")), 3, 1, 2, {1, 4, 2, 5, 3, 6});
  is(read_png("a", seed("png", "gray_alpha")), 1, 1, 1, {51});
  is(read_pnm("a", seed("pnm", "pgm")), 1, 1, 2, {0, 255});
  is(read_pnm("a", seed("pnm", "pgm16")), 1, 1, 2, {0, 255});
  is(read_pnm("a", seed("pnm", "ppm")), 3, 2, 1, {1, 255, 2, 0, 3, 51});
  is(read_pnm("a", seed("pnm", "text")), 1, 2, 2, {0, 255, 51, 85});
  expect_in("a: is no PNG image", refusal([] { read_png("a", "GIF89a"); }));
  expect_in("a: is no PGM or PPM", refusal([] { read_pnm("a", "P7"); }));
  expect_in("a: is cut off", refusal([] { read_pnm("a", "P5 2 2 255\n123"); }));
  expect_in("not of 1 to 2^26 numbers", refusal([] { read_pnm("a", "P5 60000 60000 255\n123"); }));
}

TEST(Images, APngUnpacksToWhatItsSizeTellsOf) {
  expect_in("bytes unpack to 25000000 numbers, more than 16777216; if that is right, convert it to .pgm or .ppm",
            refusal([] { read_png("a", png(5000, 5000, "")); }));
  EXPECT_EQ(read_png("a", png(4000, 4000, deflated(std::string(4001 * 4000, '\0'), 15))).values.size(), 16'000'000u);
}

TEST(Csv, AByteOrderMarkIsNoHeader) {
  EXPECT_EQ(read_numeric_csv("a",
                             "\xef\xbb\xbf"
                             "1,2\n3,4\n")
                .rows(),
            2u);
  expect_in("'+-5' is not a number", refusal([] { read_numeric_csv("a", "1,2\n3,+-5\n"); }));
}

TEST(Csv, OtherSeparatorsAndQuotes) {
  const NumericTable table = read_numeric_csv("a", "size;\"price; net\"\n1;2\n3;4\n");
  EXPECT_EQ(table.names, (std::vector<std::string>{"size", "price; net"}));
  EXPECT_EQ(table.values, (std::vector<double>{1, 2, 3, 4}));
  EXPECT_EQ(read_numeric_csv("a", "1\t2\n3\t4\n").columns, 2u);
  EXPECT_EQ(read_numeric_csv("a", "\"a,b\",c\n1,2\n").names.front(), "a,b");
  expect_in("'1,5' is not a number; decimals have a point", refusal([] { read_numeric_csv("a", "1;2\n1,5;2\n"); }));
}

TEST(Csv, MissingValuesAreRefusedByLineAndColumn) {
  for (const char* missing : {"", "NA", "nan", "?", "null"}) {
    const std::string said =
        refusal([&] { read_numeric_csv("a", std::string("size,price\n1,2\n3,") + missing + "\n"); });
    expect_in("a: line 3, column 2 (price): ", said);
    expect_in("a value is missing", said);
  }
}

TEST(Csv, WordsInOneColumnAreClasses) {
  const auto last = [](std::size_t columns, const std::vector<std::string>&) { return columns - 1; };
  const NumericTable named = read_numeric_csv("a", "size,kind\n1,cat\n2,ant\n3,cat\n", last);
  EXPECT_EQ(named.classes, (std::vector<std::string>{"ant", "cat"}));
  EXPECT_EQ(named.values, (std::vector<double>{1, 1, 2, 0, 3, 1}));
  EXPECT_EQ(named.names, (std::vector<std::string>{"size", "kind"}));
  // Without names: the first line is told by its word, which is a class. Columns may be called by numbers.
  const NumericTable bare = read_numeric_csv("a", "1,cat\n2,ant\n3,cat\n", last);
  EXPECT_EQ(bare.values, named.values);
  EXPECT_TRUE(bare.names.empty());
  EXPECT_EQ(read_numeric_csv("a", "0,kind\n1,cat\n2,ant\n", last).rows(), 2u);
  EXPECT_EQ(read_numeric_csv("a", "0,kind\n1,5\n2,6\n", last).values, (std::vector<double>{1, 5, 2, 6}));
  expect_in("line 3, column 2 (kind): '4' is a number, but line 2 has a word there",
            refusal([&] { read_numeric_csv("a", "size,kind\n1,cat\n2,4\n", last); }));
  expect_in("line 3, column 1 (size): 'x' is not a number",
            refusal([&] { read_numeric_csv("a", "size,kind\n1,cat\nx,cat\n", last); }));
}

}  // namespace
}  // namespace etamax
