#pragma once

#include <string_view>

namespace etamax {

/// What stands before a word of the line, as far as it may say of what the line is: not all of one of a mebibyte.
std::string_view before_word(std::string_view line, std::string_view word);
/// The word before a loss in a line that says of which data it is, where that is not the training's: "Valid" of "Valid
/// metrics: Loss: 0.7", "CV" of "DEBUG CV Batch 4/0 loss 28.5"; and "net output" of "Train net output #1: loss = 2.4",
/// which a line before it had already. `before` is the line up to the name of the loss. No word behind which a decimal
/// number stands: that was its own, "test acc 0.5, loss 2.1". Empty where there is none.
std::string_view line_part(std::string_view before);
/// Whether that says that the data are not trained on.
bool is_held_out(std::string_view part);
/// "train_loss": of which data it is, the name says by itself.
bool names_training(std::string_view loss);

/// The number of the process that printed a line, as far as it says so: "[rank1]:", "[Rank 1]", "lr 0.01 rank 1". -1
/// where it does not.
int printing_rank(std::string_view line);

}  // namespace etamax
