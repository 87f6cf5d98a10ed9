#pragma once

#include <torch/types.h>

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

/// Data: each file of formats/ defines one DataSpec, and the build collects them into a table.
namespace etamax {

enum class NumberKind { floating, whole, boolean };

/// One of several inputs of a network.
struct InputPart {
  std::string name;
  std::vector<int64_t> shape;              ///< of one example
  NumberKind kind = NumberKind::floating;  ///< as the file has its numbers
};

/// Examples with their targets, on the CPU, in the file's order. In 64 bit, or in 32 where the file's numbers have no
/// more (pixels, half and single precision).
struct Dataset {
  std::string name;
  torch::Tensor inputs;   ///< examples x features, x channels x height x width, or x positions (tokens, as numbers)
  torch::Tensor targets;  ///< one number for each example, or examples x positions (of a sequence, an image), x classes
  std::vector<std::string> features;  ///< names of the columns, where they have any
  /// Where the network has several inputs: what the columns of `inputs` are, each laid flat, one behind the other.
  std::vector<InputPart> parts = {};
  std::vector<std::string> notes = {};  ///< sentences that an answer repeats
  int64_t examples() const { return inputs.size(0); }
};

struct DataSpec {
  std::string name;
  std::string summary;
  std::string example;                    ///< as on the command line
  std::vector<std::string> endings = {};  ///< of a file that is of this format where no name says so: ".npz"
  /// `path`: what follows the name and a colon, up to a comma; `options`: the key=value pairs after it. Throws
  /// InputError that names the file, the place in it and the reason.
  Dataset (*load)(const std::string& path, const std::map<std::string, std::string>& options) = nullptr;
  /// Of a format that reads a folder: the files in it that `load` reads, and the folders each file of which it reads.
  /// Throws InputError. Null: `path` itself is read.
  std::vector<std::string> (*sources)(const std::string& path) = nullptr;
};

/// All data formats and bundled data, by name.
const std::vector<DataSpec>& data_table();

/// The data that a text such as "digits", "csv:houses.csv,target=price" or "houses.csv" names. Throws InputError; also
/// where there is no example, inputs and targets differ in number, or a number is not finite.
Dataset load_data(const std::string& text);
/// The file or folder that such a text names; "" for what needs none. Throws InputError.
std::string path_of_data(const std::string& text);
/// The files that load_data reads, and the folders of which it reads each file. Throws InputError.
std::vector<std::string> sources_of_data(const std::string& text);

/// Whether an example of that shape looks like an image of height x width x channels; PyTorch's channels come first.
bool looks_channels_last(c10::IntArrayRef example_shape);

/// Goes through at least one row in blocks of a million numbers or, where it has more, one row: what is made of a block
/// on the way takes little memory. `first`: the number of the block's first row.
void for_row_blocks(const torch::Tensor& rows,
                    const std::function<void(const torch::Tensor& block, int64_t first)>& visit);

/// Of the data, the examples of these numbers.
Dataset take_rows(const Dataset& data, const torch::Tensor& rows);
/// The order that PyTorch's generator gives for a seed.
torch::Tensor shuffled_rows(int64_t examples, std::uint64_t seed);

/// Each feature less its mean, over its standard deviation (1 where that is 0).
void standardize(Dataset& data);
/// The same with the means and deviations of other data, which may be of another number of examples.
void standardize_as(Dataset& data, const Dataset& other);

}  // namespace etamax
