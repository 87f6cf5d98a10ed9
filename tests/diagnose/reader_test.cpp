// Logs as programs write them, each read into the columns and steps that a person would read in it.
#include <gtest/gtest.h>

#include <cmath>
#include <string>

#include "../temporary_folder.h"
#include "etamax/core/error.h"
#include "etamax/diagnose/crc32c.h"
#include "etamax/diagnose/diagnose.h"
#include "etamax/diagnose/format.h"
#include "etamax/diagnose/number.h"
#include "log_writer.h"

namespace etamax {
namespace {

struct Read {
  std::string format;
  std::vector<double> steps, losses;
  std::vector<std::string> remarks;
};

/// What is read in the column `name`.
Read read(const std::string& log, const std::string& name, const std::string& format = "") {
  ByteSource source = ByteSource::memory(log);
  const FormatSpec& spec = log_format(format, source);
  LogTable table("", "");
  spec.read(source, table);
  Read result{spec.name, {}, {}, table.remarks()};
  for (const auto& column : table.columns())
    if (column->name == name)
      for (const LogSeries::Sample& s : column->track.samples())
        result.steps.push_back(s.step), result.losses.push_back(s.value);
  return result;
}

using Numbers = std::vector<double>;

void expect_read(const std::string& log, const std::string& name, const std::string& format, const Numbers& steps,
                 const Numbers& losses) {
  SCOPED_TRACE(log.substr(0, 60));
  const Read r = read(log, name);
  EXPECT_EQ(r.format, format);
  EXPECT_EQ(r.steps, steps);
  ASSERT_EQ(r.losses.size(), losses.size());
  for (std::size_t i = 0; i < losses.size(); ++i) {
    const bool same = std::isnan(losses[i]) ? std::isnan(r.losses[i]) : r.losses[i] == losses[i];
    EXPECT_TRUE(same) << "record " << i << " was read as " << r.losses[i];
  }
}

constexpr double kInf = INFINITY;

TEST(Numbers, InEverySpellingOfLogs) {
  const auto expect = [](std::string_view text, double wanted, std::size_t length) {
    double value = 0;
    EXPECT_EQ(read_number(text, value), length) << text;
    const bool same = std::isnan(wanted) ? std::isnan(value) : value == wanted;
    EXPECT_TRUE(same || length == 0) << text << " was read as " << value;
  };
  expect("0.31,", 0.31, 4);
  expect("-1e-3 ", -1e-3, 5);
  expect("+2", 2, 2);
  expect(".5", 0.5, 2);
  expect("5e-05}", 5e-5, 5);
  expect("1e+20", 1e20, 5);
  expect("NaN", NAN, 3);
  expect("nan]", NAN, 3);
  expect("-nan(ind)", NAN, 9);
  expect("1.#INF", kInf, 6);
  expect("-inf", -kInf, 4);
  expect("Infinity,", kInf, 8);
  expect("1e999", kInf, 5);
  expect("-1e999", -kInf, 6);
  expect("1e-999", 0, 6);
  expect("info", 0, 0);
  expect("nano", 0, 0);
  expect("5.", 5, 2);
  expect("1.2.3", 1.2, 3);
  expect("0.000123456789012345", 0.000123456789012345, 20);
  expect("-", 0, 0);
  expect("", 0, 0);
  expect("e5", 0, 0);
}

TEST(Numbers, AreReadAsStrtodReadsThem) {
  testing::Random random(11);
  for (int i = 0; i < 200000; ++i) {
    const int digits = random.whole(0, 17);
    std::string text = std::to_string(random.next() >> random.whole(0, 63));
    text.insert(static_cast<std::size_t>(random.whole(1, static_cast<int>(text.size()))), ".");
    text.resize(std::max<std::size_t>(text.size() - std::min<std::size_t>(text.size() - 1, digits), 1));
    double value = 0;
    ASSERT_EQ(read_number(text, value), text.size()) << text;
    ASSERT_EQ(value, std::strtod(text.c_str(), nullptr)) << text;
  }
}

TEST(Roles, OfNamesThatProgramsUse) {
  const auto expect = [](std::initializer_list<const char*> names, Role role) {
    for (const char* name : names) EXPECT_EQ(role_of(name).role, role) << name;
  };
  expect({"loss", "train/loss", "training_loss", "trainLoss", "Loss_D", "lm loss"}, Role::loss);
  expect({"val_loss", "eval/loss", "test_loss", "aux_loss"}, Role::other_loss);
  expect({"lr", "learning_rate", "lr-AdamW/pg1", "optim.lr"}, Role::learning_rate);
  expect({"grad_norm", "gradient/norm", "gnorm", "norm", "total_norm", "grad-norm"}, Role::gradient_norm);
  expect({"weight_norm", "param_norm", "params/norm", "wnorm", "parameter_norm", "model_norm", "w_norm"},
         Role::weight_norm);
  expect({"samples_per_second", "train_samples_per_second", "tokens/s", "tok/sec", "it/s", "throughput", "fps", "mfu",
          "tokens_per_sec_per_gpu", "perf/steps_per_second"},
         Role::throughput);
  expect({"step_time", "time", "dt_ms", "sec_per_step", "train_runtime", "step_time_sec"}, Role::time);
  expect({"num_tokens", "samples", "f1", "best_acc", "tokens_seen"}, Role::metric);
  expect({"accuracy", "val_acc", "train/acc"}, Role::accuracy);
  expect({"loss_scale", "scaler/scale", "amp_scale"}, Role::loss_scale);
  expect({"x", "theta", "weight"}, Role::parameter);
}

TEST(Text, ANumberBeforeItsUnitIsAThroughput) {
  const std::string bar =
      "Epoch 1:  10%|#  | 12/100 [00:10<01:20, 11.5it/s, loss=2.5]\rEpoch 1:  13%|# | 13/100 "
      "[00:11<01:20,  2.00s/it, loss=2.25]\n";
  expect_read(bar, "it/s", "text", {12, 13}, {11.5, 0.5});
  expect_read(bar, "loss", "text", {12, 13}, {2.5, 2.25});
  expect_read("step 1 loss 2.5 9.5 tok/s\nstep 2 loss 2 8.5 tok/s\n", "tok/s", "text", {1, 2}, {9.5, 8.5});
  EXPECT_TRUE(read("step 1 loss 2.5\nmodel.bin 12/100 11.5MB/s\n", "MB/s").losses.empty());
}

TEST(Csv, WithAndWithoutHeaderAndInEachSeparator) {
  for (const char separator : {',', '\t', ';', '|'}) {
    const std::string s(1, separator);
    expect_read("step" + s + "loss\n10" + s + "2.5\n20" + s + "nan\n30" + s + "-inf\n", "loss", "csv", {10, 20, 30},
                {2.5, NAN, -kInf});
    expect_read("10" + s + "2.5\n20" + s + "2\n", "column 1", "csv", {10, 20}, {2.5, 2});
  }
  expect_read("\xef\xbb\xbfstep,\"the, loss\",lr\r\n1,\"0.5\",1e-3\r\n2,0.25,1e-3\r\n", "the, loss", "csv", {1, 2},
              {0.5, 0.25});
  expect_read("2.5\n2.25\n2\n", "column 0", "csv", {0, 1, 2}, {2.5, 2.25, 2});
  expect_read("-1, 1.2, -1.44, 1.728\n", "values", "csv", {0, 1, 2, 3}, {-1, 1.2, -1.44, 1.728});
  expect_read("step,loss\n1,2.5\n\n2,\n3,2\n", "loss", "csv", {1, 3}, {2.5, 2});
}

TEST(Csv, AnEpochsCounterThatBeginsAnewGoesOn) {
  expect_read("epoch,step,loss\n0,0,5\n0,10,4\n1,0,3\n1,10,2\n", "loss", "csv", {0, 10, 20, 30}, {5, 4, 3, 2});
}

TEST(Json, LinesAndDocuments) {
  expect_read("{\"step\": 1, \"loss\": 2.5}\n{\"step\": 2, \"loss\": NaN}\n{\"step\": 3, \"loss\": Infinity}\n", "loss",
              "json", {1, 2, 3}, {2.5, NAN, kInf});
  expect_read(
      "{\"train\": {\"loss\": \"0.5\"}, \"global_step\": 7, \"note\": \"a \\\"quoted\\\" "
      "{thing}\"}\n{\"train\": {\"loss\": 0.25}, \"global_step\": 8}",
      "train/loss", "json", {7, 8}, {0.5, 0.25});
  // The Hugging Face Trainer's trainer_state.json.
  expect_read(R"({"best_metric": null, "global_step": 30, "log_history": [
    {"epoch": 0.1, "learning_rate": 5e-05, "loss": 2.31, "step": 10},
    {"epoch": 0.2, "eval_loss": 2.2, "step": 10},
    {"epoch": 0.2, "learning_rate": 4e-05, "loss": 2.1, "step": 20}], "max_steps": 300})",
              "loss", "json", {10, 20}, {2.31, 2.1});
  expect_read("{\"loss\": [2.5, 2, 1.5], \"val_loss\": [3, 2, 1]}", "loss", "json", {0, 1, 2},
              {2.5, 2, 1.5});  // Keras history
}

TEST(Json, GoesOnAfterWhatIsBroken) {
  const Read r = read(
      "{\"step\": 1, \"loss\": 2}\n{\"step\": 2, \"lo\nTraceback (most recent call last):\n{\"step\": 3, "
      "\"loss\": 1}\n",
      "loss");
  EXPECT_EQ(r.steps, Numbers({1, 3}));
  EXPECT_EQ(r.remarks, std::vector<std::string>{"1 line is broken off or broken JSON, and left out"});
}

TEST(Text, AsTrainingProgramsPrint) {
  expect_read(
      "{'loss': 2.31, 'learning_rate': 5e-05, 'epoch': 0.1}\n{'eval_loss': 2.2, 'epoch': 0.1}\n{'loss': 2.1, "
      "'learning_rate': 4e-05, 'epoch': 0.2}\n",
      "loss", "text", {0, 1}, {2.31, 2.1});
  expect_read("loading\nstep 438: loss = 0.63\nstep 439: loss = nan\n", "loss", "text", {438, 439}, {0.63, NAN});
  expect_read("iter 100 | loss 2.1 | lr 1e-3 | grad_norm 1.2\niter 200 | loss inf | lr 1e-3 | grad_norm nan\n", "loss",
              "text", {100, 200}, {2.1, kInf});
  expect_read(
      "Epoch [1/10], Step [100/600], Loss: 0.25\nEpoch [1/10], Step [600/600], Loss: 0.2\nEpoch [2/10], Step "
      "[100/600], Loss: 0.1\n",
      "Loss", "text", {100, 600, 700}, {0.25, 0.2, 0.1});
  expect_read(
      "\x1b[32mINFO\x1b[0m 2026-01-02 10:00:33 step=5 loss=\x1b[1m0.5\x1b[0m\r\nINFO 2026-01-02 10:00:34 "
      "step=6 loss=0.4\r\n",
      "loss", "text", {5, 6}, {0.5, 0.4});
  expect_read("step 1 loss 2.5\nstep 2 loss 2\n", "loss", "text", {1, 2}, {2.5, 2});
  expect_read("step 1 loss tensor(2.5, device='cuda:0')\nstep 2 loss tensor(2.25, device='cuda:0')\n", "loss", "text",
              {1, 2}, {2.5, 2.25});
}

TEST(Text, ACountBetweenALossAndItsValue) {
  expect_read("Validation loss 6312:  0.149928\nValidation loss 6313:  0.125\n", "Validation loss", "text",
              {6312, 6313}, {0.149928, 0.125});
  expect_read("Cost after iteration 0: 0.75\nCost after iteration 100: 0.5\n", "Cost", "text", {0, 100}, {0.75, 0.5});
  expect_read("Loss at step 100 : 2.25\nLoss at step 200 : nan\n", "Loss", "text", {100, 200}, {2.25, NAN});
  expect_read(
      "INFO ScoreIterationListener - Score at iteration 0 is 2.25\nINFO ScoreIterationListener - Score at "
      "iteration 10 is NaN\n",
      "Score", "text", {0, 10}, {2.25, NAN});
}

TEST(Text, SeveralLossesInALineOrBelowAStep) {
  const std::string parts = "step 1 loss: x 3.5, y 2.5, total 6\nstep 2 loss: x nan, y 2.5, total nan\n";
  expect_read(parts, "loss total", "text", {1, 2}, {6, NAN});
  expect_read(parts, "loss x", "text", {1, 2}, {3.5, NAN});
  const std::string below =
      "Iteration 1 / 25\n  Content 1 loss: 8\n  Style 2 loss: 4\n  Total loss: 12\nIteration 2 / 25\n  Content 1 loss: "
      "7\n  Style 2 loss: 2\n  Total loss: 9\n";
  expect_read(below, "Total loss", "text", {1, 2}, {12, 9});
  expect_read(below, "Content 1 loss", "text", {1, 2}, {8, 7});
  expect_read(
      "mmseg - INFO - Iter [50/80000] lr: 1e-2, decode.loss_seg: 2.5, aux.loss_seg: 1, loss: 3.5\n"
      "mmseg - INFO - Iter [100/80000] lr: 1e-2, decode.loss_seg: 2, aux.loss_seg: 1, loss: 3\n",
      "loss", "text", {50, 100}, {3.5, 3});
  expect_read("Resuming from step 5\nloss: 3\nloss: 2\nloss: 1\n", "loss", "text", {5, 6, 7}, {3, 2, 1});
}

TEST(Text, BarsOfOldPrograms) {
  expect_read(
      "| epoch 010  2000 / 8223 loss=1.5 (1.50), wps=962, lr=0.001, clip=100%, gnorm=2.1427\n"
      "| epoch 010  3000 / 8223 loss=1.25 (1.49), wps=962, lr=0.001, clip=100%, gnorm=2.1507\n",
      "loss", "text", {2000, 3000}, {1.5, 1.25});
  expect_read("s:119 trl:6.5\ns:120 trl:6.25\n", "trl", "text", {119, 120}, {6.5, 6.25});
  expect_read("loss: 2.5:  12%|#2   | 12/100 [00:10<01:20, 11.5it/s]\nloss: 2.25:  13%|#3   | 13/100 [00:11<01:20]\n",
              "loss", "text", {12, 13}, {2.5, 2.25});
}

TEST(Csv, ColumnsOfBareNumbersWithArraysAndTablesWithRulers) {
  expect_read("0 1.5 [ 4612.5] [ 406.8]\n100 nan [ nan] [ nan]\n200 nan [ nan] [ nan]\n", "column 1", "csv",
              {0, 100, 200}, {1.5, NAN, NAN});
  expect_read("0 5.5 [[-0.3 1.2]\n [-4.3 2.2]]\n1 23.25 [[0.1 0.2]\n [-1.9 -1.6]]\n", "column 1", "csv", {0, 1},
              {5.5, 23.25});
  expect_read("Iteration Cost   w0  \n---------|------|----|\n  0 5.5e+04  8.9e+00\n  100 2.5e+02  1.1e+02\n", "Cost",
              "csv", {0, 100}, {55000, 250});
  expect_read(
      "      Epoch    GPU_mem   box_loss   cls_loss       Size\n      1/100      2.5G      1.25      3.5        640\n"
      "      2/100      2.5G        nan      nan        640\n",
      "box_loss", "csv", {0, 1}, {1.25, NAN});
  // As W&B exports them: columns of which each row has some.
  expect_read("\"Step\",\"run - train/loss\",\"run - train/loss__MIN\",\"run - val/loss\"\n1,2.5,2.5,\n2,,,3\n3,2,2,\n",
              "run - train/loss", "csv", {1, 3}, {2.5, 2});
}

TEST(Text, KerasBarsAndEpochs) {
  expect_read(
      "Epoch 1/2\r\n   1/100 [>....] - ETA: 5s - loss: 2.5\r  50/100 [=>...] - ETA: 2s - loss: 2\r100/100 "
      "[====] - 5s 2ms/step - loss: 1.5 - val_loss: 1.7\n"
      "Epoch 2/2\n   1/100 [>....] - ETA: 5s - loss: 1.25\r100/100 [====] - 5s 2ms/step - loss: 1 - "
      "val_loss: 1.2\n",
      "loss", "text", {1, 50, 100, 101, 200}, {2.5, 2, 1.5, 1.25, 1});
}

TEST(Text, ValidationIsNotTraining) {
  const std::string log = "step 1 train loss: 2.5 val loss: 3\nstep 2 train loss: 2 val loss: 4\n";
  expect_read(log, "train loss", "text", {1, 2}, {2.5, 2});
  expect_read(log, "val loss", "text", {1, 2}, {3, 4});
}

// RFC 3720, appendix B.4, and the check value of the catalog of CRCs.
TEST(Crc32c, KnownValues) {
  EXPECT_EQ(crc32c("123456789"), 0xe3069283u);
  EXPECT_EQ(crc32c(std::string(32, '\0')), 0x8a9136aau);
  EXPECT_EQ(crc32c(std::string(32, '\xff')), 0x62a8ab43u);
  EXPECT_EQ(crc32c("6789", crc32c("12345")), 0xe3069283u);
}

std::string events() {
  std::vector<std::string> events;
  for (long step = 0; step < 5; ++step)
    events.push_back(
        testing::event_bytes(10 * step, {{"train/loss", 2.5 - 0.25 * static_cast<double>(step)}, {"lr", 0.125}}));
  return testing::event_file(events);
}

TEST(Tensorboard, ReadsScalarsOfBothForms) {
  expect_read(events(), "train/loss", "tensorboard", {0, 10, 20, 30, 40}, {2.5, 2.25, 2, 1.75, 1.5});
  // A scalar as a tensor: value { tag: "loss" tensor { dtype: 1 float_val: 0.5 } } at step 7, and as bytes at
  // step 8.
  const std::string typed("\x10\x07\x2a\x12\x0a\x10\x0a\x04loss\x42\x08\x08\x01\x2a\x04\x00\x00\x00\x3f", 22);
  const std::string bytes("\x10\x08\x2a\x12\x0a\x10\x0a\x04loss\x42\x08\x08\x01\x22\x04\x00\x00\x80\x3e", 22);
  expect_read(testing::event_file({typed, bytes}), "loss", "tensorboard", {7, 8}, {0.5, 0.25});
}

TEST(Tensorboard, ATruncatedFileIsReadAsFarAsItIsWhole) {
  const std::string whole = events();
  const Read r = read(whole.substr(0, whole.size() - 5), "train/loss");
  EXPECT_EQ(r.steps, Numbers({0, 10, 20, 30}));
  ASSERT_EQ(r.remarks.size(), 1u);
  EXPECT_NE(r.remarks[0].find("breaks off inside a record; the 5 whole records before it"), std::string::npos)
      << r.remarks[0];
}

TEST(Tensorboard, ARecordWithAWrongChecksumIsLeftOut) {
  std::string file = events();
  file[file.size() - 8] = static_cast<char>(file[file.size() - 8] ^ 1);  // in the data of the last record
  const Read r = read(file, "train/loss");
  EXPECT_EQ(r.steps, Numbers({0, 10, 20, 30}));
  ASSERT_EQ(r.remarks.size(), 1u);
  EXPECT_NE(r.remarks[0].find("1 of 6 records fail their checksum"), std::string::npos) << r.remarks[0];
}

TEST(Tensorboard, ATagThatIsNoUtf8IsReadWithoutAWord) {
  ::testing::internal::CaptureStderr();
  expect_read(testing::event_file({testing::event_bytes(3, {{"loss\xff", 0.5}})}), "loss\\xff", "tensorboard", {3},
              {0.5});
  EXPECT_EQ(::testing::internal::GetCapturedStderr(), "");
}

TEST(Source, LinesOfEveryEndingAndLength) {
  const std::string longest(3 * ByteSource::kBuffer, 'x');
  const std::string text = "a\nb\r\nc\rd\n\n" + longest + "\nlast";
  for (const std::size_t part : {std::size_t{1}, std::size_t{7}, text.size()}) {
    std::size_t at = 0;
    ByteSource source("parts", [&](char* to, std::size_t room) {
      const std::size_t n = std::min({room, at < 20 ? part : text.size(), text.size() - at});
      std::copy_n(text.data() + at, n, to);
      at += n;
      return n;
    });
    LineSource lines(source);
    std::vector<std::string> found;
    for (std::string_view line; lines.next(line);) found.emplace_back(line);
    ASSERT_EQ(found.size(), 7u) << part;
    EXPECT_EQ(found[0] + found[1] + found[2] + found[3] + found[4], "abcd");
    EXPECT_EQ(found[5].size(), ByteSource::kBuffer);
    EXPECT_EQ(found[6], "last");
    EXPECT_EQ(lines.cut_lines(), 1);
  }
}

class SourceFile : public testing::WithFolder {};

TEST_F(SourceFile, IsReadWholeAndIsRefusedByName) {
  std::string content = "step,loss\n";
  while (content.size() < ByteSource::kBuffer + 100) content += "1,0.5\n";
  ByteSource source = ByteSource::file(file("train.log", content));
  EXPECT_EQ(source.name(), path("train.log"));
  std::string read;
  for (std::string_view part; !(part = source.available()).empty();) {
    read += part;
    source.take(part.size());
  }
  EXPECT_EQ(read, content);
  const auto refusal = [](const std::string& name) -> std::string {
    try {
      ByteSource::file(name);
    } catch (const InputError& e) {
      return e.what();
    }
    return "accepted";
  };
  EXPECT_EQ(refusal(path("none.log")),
            "'" + path("none.log") + "' cannot be read: there is no such file, or it may not be read");
  EXPECT_NE(refusal(folder_.string()).find("it is a folder"), std::string::npos);
}

TEST(Formats, WhatIsNoLogIsRefusedByName) {
  const auto refusal = [](const std::string& log) -> std::string {
    try {
      ByteSource source = ByteSource::memory(log);
      diagnose(source, {});
    } catch (const InputError& e) {
      return e.what();
    }
    return "accepted";
  };
  EXPECT_NE(refusal("").find("is empty"), std::string::npos);
  EXPECT_NE(refusal(std::string("\x1f\x8b\x08\x00\x00", 5)).find("gzip"), std::string::npos);
  EXPECT_NE(refusal(std::string("\3757zXZ\0\0\4", 8)).find("xz"), std::string::npos);
  EXPECT_NE(refusal(std::string(1000, '\0')).find("is binary"), std::string::npos);
  EXPECT_NE(refusal("a,b\n1,0.5\n2,0.6\n").find("it has a, b; choose one with `column`"), std::string::npos);
  EXPECT_NE(refusal("step,loss\n1,0.5\n").find("a single record"), std::string::npos);
  EXPECT_NE(refusal("nothing to see here\n").find("no numbers with names"), std::string::npos);
  EXPECT_NE(refusal("hello\n<3.5> <4.5>\n").find("most like a record is '<3.5> <4.5>'"), std::string::npos);
}

}  // namespace
}  // namespace etamax
