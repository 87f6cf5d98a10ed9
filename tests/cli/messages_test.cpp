// What is printed: on a terminal that obeys control characters, and where nobody reads.
#include "messages.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

#include "../temporary_folder.h"
#include "beside.h"
#include "etamax/core/error.h"

namespace etamax::apps {
namespace {

/// What a call writes on one of the standard streams.
template <typename Call>
std::string written(int stream, Call call) {
  std::FILE* const file = std::tmpfile();
  const int before = dup(stream);
  dup2(fileno(file), stream);
  call();
  dup2(before, stream);
  close(before);
  std::string text(static_cast<std::size_t>(lseek(fileno(file), 0, SEEK_END)), '\0');
  std::rewind(file);
  text.resize(std::fread(text.data(), 1, text.size(), file));
  std::fclose(file);
  return text;
}
std::string said(const std::string& message) {
  return written(STDERR_FILENO, [&] { say(message); });
}

TEST(Messages, AreALineOfText) {
  EXPECT_EQ(said("gap: 2 is not between 0 and 1"), "etamax: gap: 2 is not between 0 and 1\n");
  EXPECT_EQ(said("'a\nb\x1b[31m\x7f\xff' gr\xc3\xb6\xc3\x9f"),
            "etamax: 'a\\x0ab\\x1b[31m\\x7f\\xff' gr\xc3\xb6\xc3\x9f\n");
}

TEST(Messages, AreCutInTheirMiddle) {
  const std::string line = said("lr: '" + std::string(100000, '1') + "' is not a number");
  EXPECT_LE(line.size(), kLongestMessage + 1);
  EXPECT_TRUE(line.starts_with("etamax: lr: '111"));
  EXPECT_TRUE(line.ends_with("111' is not a number\n"));
  EXPECT_NE(line.find("1...1"), std::string::npos);
  // Not within a character.
  std::string squares;
  for (int i = 0; i < 1000; ++i) squares += "\xc2\xb2";
  for (const std::string& text : {squares, "x" + squares, "xx" + squares})
    EXPECT_EQ(said(text).find("\\x"), std::string::npos);
}

TEST(Messages, OfTextForATerminalKeepColorsAndLinesAlone) {
  const std::string text =
      "a\n\x1b[1;38;2;0;0;0mb\x1b[0m\x1b[2J\x1b]0;title\x07\r\xc2\x9b"
      "2J \xe2\x97\x8f";
  const std::string rest = "\\x1b[2J\\x1b]0;title\\x07\\x0d\\xc2\\x9b2J \xe2\x97\x8f";
  EXPECT_EQ(for_terminal(text, true), "a\n\x1b[1;38;2;0;0;0mb\x1b[0m" + rest);
  EXPECT_EQ(for_terminal(text, false), "a\n\\x1b[1;38;2;0;0;0mb\\x1b[0m" + rest);
}

TEST(End, IsWhatTheProcessSaidOfIt) {
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  tell_end_to(ends[1]);
  note_heard();
  ASSERT_EQ(write(last_words(), "no time\n", 8), 8);
  EXPECT_EQ(note_end(3), 3);
  tell_end_to(-1);
  EXPECT_EQ(last_words(), STDERR_FILENO);
  EXPECT_EQ(note_end(1), 1);  // which nobody wants to know
  char said[100];
  const ssize_t count = read(ends[0], said, sizeof said);
  ASSERT_GT(count, 0);
  const End end = end_told_by({said, static_cast<std::size_t>(count)});
  EXPECT_TRUE(end.heard);
  EXPECT_EQ(end.words, "no time");
  EXPECT_EQ(end.status, 3);
  for (const int file : ends) close(file);
}

TEST(End, IsNoneWithoutADocumentedStatus) {
  for (const char* said : {"", "h", "5", "h9", "no time\n", "0 no time", "\xff"})
    EXPECT_EQ(end_told_by(said).status, -1) << said;
  EXPECT_EQ(end_told_by("0").status, 0);
  EXPECT_FALSE(end_told_by("0").heard);
}

TEST(Print, WritesAllThatThereIsRoomFor) {
  const std::string text(300000, 'x');
  EXPECT_EQ(written(STDOUT_FILENO, [&] { print(text); }), text);
}

/// A file that is opened where the standard streams were closed is none of them, or messages would be written to it.
TEST(StandardStreams, AreNoFilesThatAreOpenedLater) {
  const auto opened_later = [] {
    for (const int stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) close(stream);
    ready_standard_streams();
    const int file = open("/dev/null", O_RDONLY);
    say("nobody reads this");
    print("nor this");
    _exit(file > STDERR_FILENO ? 0 : 1);
  };
  EXPECT_EXIT(opened_later(), ::testing::ExitedWithCode(0), "");
}

/// The programs find each other, also where the system has no link to what runs.
class ProgramBesideTest : public testing::WithFolder {};

TEST_F(ProgramBesideTest, IsInTheSameFolder) {
  const std::string real = std::filesystem::canonical(folder_).string(), none = path("no link");
  std::filesystem::create_symlink("/somewhere/etamax", path("link"));
  EXPECT_EQ(program_beside("other", "etamax", path("link").c_str()), "/somewhere/other");
  std::filesystem::permissions(file("etamax", ""), std::filesystem::perms::owner_all);
  EXPECT_EQ(program_beside("other", path("etamax"), none.c_str()), real + "/other");
  std::filesystem::create_directory(path("bin"));
  std::filesystem::create_symlink(path("etamax"), path("bin/short"));
  EXPECT_EQ(program_beside("other", path("bin/short"), none.c_str()), real + "/other");
  const std::string before = std::getenv("PATH");
  setenv("PATH", ("/no/such/folder:" + path("bin") + ":" + before).c_str(), 1);
  EXPECT_EQ(program_beside("other", "short", none.c_str()), real + "/other");
  setenv("PATH", before.c_str(), 1);
}

}  // namespace
}  // namespace etamax::apps
