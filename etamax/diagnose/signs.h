#pragma once

#include "etamax/diagnose/findings.h"

/// What the evidence table asks of the findings in more than one row.
namespace etamax {

/// How many records come before the loss is not finite for good; all of them where it never is.
std::size_t end_of(const Findings& findings);
std::size_t last_record(const Findings& findings);
/// The last finite record before the loss is not finite for good.
std::size_t before_bad(const Findings& findings);
/// The lowest or the highest record, whichever is farther from the last one.
std::size_t farthest(const Findings& findings);

/// Of the last kLast records before end_of: the lowest, the highest, and whether they are far apart without a fall.
constexpr std::size_t kLast = 10;
std::size_t lowest_of_last(const Findings& findings);
std::size_t highest_of_last(const Findings& findings);
bool swings_widely(const Findings& findings);

/// All the last records are the same huge number, as one that is cut off: of that no trend is to be expected.
bool rests_huge(const Findings& findings);

/// Neither a rise nor a fall stands out of its noise, and nothing else that a healthy run has not.
bool is_level(const Findings& findings);

/// The last record is finite, the highest, and well above what was usual.
bool ends_on_highest(const Findings& findings);

/// The last record is finite and clearly above all before, by less than that.
bool jumps_at_the_end(const Findings& findings);
/// All of its records, three at least, are clearly above the first of the run, which is not that of two players.
bool stays_above_first(const Findings& findings);

/// After its lowest record all of them, four at least, are more than three times as high, and above the first one: it
/// has turned, and does not swing.
bool stays_above_lowest(const Findings& findings);
/// Each record after its lowest, three at least, is higher than the one before, and the last clearly so.
bool turned_up(const Findings& findings);
/// The gradient norm grew along with that, threefold and more.
bool gradient_turned_up(const Findings& findings);
/// Its last seven records go up and down in turn, each swing longer than the last one of its direction.
bool swings_grow(const Findings& findings);
/// After its two lowest records in a row all others, four at least, are clearly higher, and closer together than that:
/// it has lost what it had gained, and rests there.
bool settles_above_lowest(const Findings& findings);
/// Of a run that is level since, all records, three at least, are clearly below the first.
bool stays_below_first(const Findings& findings);
/// A short piece from the middle of a run, all within a tenth.
bool moves_little_later(const Findings& findings);
/// It rests, to the last digit, at the loss of a constant guess, and had been below it: it had learned.
bool died_at_guess(const Findings& findings);
/// All of its records, three at least, are above 1e12, each higher than the one before: they have grown by then for
/// many steps.
bool grows_astronomic(const Findings& findings);
/// The first of the records after the lowest, from which they rose on the whole up to where the loss is not finite,
/// though by little.
bool crept_up(const Findings& findings);
/// On the whole it rises, and by more than its records differ anyway.
bool rises(const Findings& findings);
/// The last record alone is high.
bool is_highest_at_once(const Findings& findings);

/// More than one of six records is more than ten times as high as the one before.
bool leaps_often(const Findings& findings);
/// It is above ten thousand from the beginning of the run on, and does not fall.
bool stands_high(const Findings& findings);
/// The first record is above 1e9, and the second a hundredth of it or less: as the mean of an epoch in which it blew
/// up.
bool came_down_from_astronomic(const Findings& findings);

/// It falls, and not only to the loss of a constant guess, nor by next to nothing since its beginning, nor with leaps,
/// nor with a record that is not finite among a few that are.
bool falls(const Findings& findings);
bool falls_little(const Findings& findings);
/// Its fall is that from the first record to the next, beside which all that follows hardly moves.
bool fell_at_first(const Findings& findings);
bool is_interrupted_among_few(const Findings& findings);

/// A short log, of which no trend can be told, ends clearly below its first record, or above all that came before.
bool ends_below_first(const Findings& findings);
bool ends_above_first(const Findings& findings);
/// Each of its few records is lower than the one before, three at least.
bool falls_each_time(const Findings& findings);

/// All of its finite records lie within 8%.
bool rises_little(const Findings& findings);

/// The rise to where it went wrong took several records, none of which made most of it.
bool rose_gradually(const Findings& findings);
/// All along the rise it rose by the same amount from record to record, or by less and less, and not by a factor: as a
/// sum over the whole run does, a reward, or a loss with the wrong sign.
bool rose_by_amounts(const Findings& findings);
/// All of it rises, tenfold and more, as the count of its steps does within a factor of three, and no faster later on:
/// as a sum over the whole run does, of losses that swing.
bool rises_as_the_count(const Findings& findings);
/// After a calm stretch at a rate that did not rise, it grew a thousandfold within a step or two.
bool leapt(const Findings& findings);
/// Among the first records of the run it was well above the first, and it did not end well.
bool rose_at_first(const Findings& findings);
/// From one record to the next it went from calm to not finite, without a rise before.
bool broke_at_once(const Findings& findings);

bool spikes_built_up(const Findings& findings);
/// Of at least one.
const Findings::Spike& highest_spike(const Findings& findings);

/// The norm of the weights was logged, and was as before in the last record before the loss was not finite.
bool weights_held(const Findings& findings);
/// It is as before although the loss is not finite: the steps were skipped.
bool weights_survived(const Findings& findings);

/// The first message about its numbers that the program printed with this in it; empty where there is none.
std::string said(const Findings& findings, const char* part);
bool says(const Findings& findings, const char* part);
/// That it found the derivative of a function to be NaN which has no bound at an edge of the function's domain.
std::string message_of_edge(const Findings& findings);
/// Before it was not finite the loss had risen, by a third or more.
bool rose_before_bad(const Findings& findings);

}  // namespace etamax
