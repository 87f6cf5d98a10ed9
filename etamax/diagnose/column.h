#pragma once

#include <string>
#include <string_view>

namespace etamax {

/// What a column of a log holds, as far as its name tells.
enum class Role {
  step,   ///< counts optimizer steps
  batch,  ///< a position inside an epoch
  epoch,
  loss,        ///< of training
  other_loss,  ///< of validation or a test, a part of the loss, an error
  learning_rate,
  gradient_norm,
  weight_norm,  ///< of all weights, or of some
  parameter,    ///< weights or iterates
  loss_scale,   ///< of mixed precision
  throughput,   ///< how much was done in a second
  time,         ///< never a loss or a step
  accuracy,     ///< a share of right answers, or a percentage
  metric,       ///< rewards, scores and the like
  unknown
};

/// The role that a name stands for: "train/loss" and "training_loss" are losses, "lr-AdamW/pg1" a learning
/// rate. `rank` orders names of one role, the best 0.
struct NamedRole {
  Role role = Role::unknown;
  int rank = 0;
};
NamedRole role_of(std::string_view name);

/// "Average objective", "ELBO", "log prob": where it is negative throughout, training raises it.
bool is_raised_by_training(std::string_view name);

/// "val_loss", "Test error": of data that is held out.
bool names_held_out(std::string_view name);

/// "ep_rew_mean", "Average Return", "Episode": a policy is trained.
bool is_reward(std::string_view name);

/// "G_loss", "discriminator loss (real)": one of two networks that play against each other. Spelled out are
/// "generator", "discriminator", "adversarial".
enum class Player { generator, discriminator, any_spelled_out };
bool names_player(std::string_view name, Player player);

}  // namespace etamax
