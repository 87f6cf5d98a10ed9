// The answer in one band: what happens, why, and what comes next. For a class, first the question.
import { useEffect, useState } from "preact/hooks";
import type { Reply } from "./engine";
import { shown, unbroken } from "./numbers";

interface Props {
  reply: Reply;
  stale: boolean;  // what is typed is wrong: this is of what stood there before
  plain: boolean;
  hidden: boolean;
  said: string | null;  // what the class predicted
  onPlain(): void;
  onPredict(word: string): void;
}

const other = "something else", guesses = ["converges", "cycles", "diverges", other];
const right = (said: string, verdict: string) => said === verdict || (said === other && !guesses.includes(verdict));
const point = (x: number[]) => (x.length === 1 ? shown(x[0]) : "(" + x.map(shown).join(", ") + ")");

export function Verdict({ reply, stale, plain, hidden, said, onPlain, onPredict }: Props) {
  const run = reply.answer!.runs[0];
  const sentence = `Learning rate ${shown(run.lr)} ${run.verdict}. ${run.reason}`;
  const [spoken, speak] = useState("");
  useEffect(() => {  // only what stands still is spoken
    const wait = setTimeout(() => speak(hidden ? "" : sentence), 400);
    return () => clearTimeout(wait);
  }, [sentence, hidden]);

  if (hidden)
    return (
      <section class="verdict" aria-label="prediction" style="--look:var(--blue)">
        <h2><span class="sign" aria-hidden="true">?</span> Learning rate {shown(run.lr)}: what will happen?</h2>
        <div class="guesses">{guesses.map((word) => <button type="button" onClick={() => onPredict(word)}>{word}</button>)}</div>
      </section>
    );
  const last = run.iterates[run.iterates.length - 1];
  return (
    <section class={"verdict" + (stale ? " stale" : "")} aria-label="verdict" style={`--look:var(--${reply.color})`}>
      <div class="words">
        <h2><span class="sign" aria-hidden="true">{reply.sign}</span> <span>Learning rate {shown(run.lr)} <strong>{run.verdict}</strong></span></h2>
        <p>{unbroken(run.reason)}</p>
        {said && <p class="said">You said {said}: {right(said, run.verdict) ? "right." : "not this time."}</p>}
      </div>
      <div class="aside">
        {reply.next && run.iterates.length > 0 && <p class="next">Next: {point(last)} → <strong>{point(reply.next)}</strong></p>}
        <button type="button" aria-expanded={plain} aria-controls="plain" onClick={onPlain}>{plain ? "Less" : "Explain like I’m new"}</button>
      </div>
      {plain && reply.plain && <div id="plain" class="plain">{reply.plain.map((p) => <p>{unbroken(p)}</p>)}</div>}
      <p class="spoken" role="status" aria-live="polite">{spoken}</p>
    </section>
  );
}
