// A map of trainings: what becomes of a small network at every pair of learning rates, one for its input weights and one for its
// output weights; and the training of the pair that was clicked.
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { show } from "./address";
import type { MapAxis, MapQuestion } from "./atlas";
import { askFor, type Fate } from "./engine";
import { lines } from "./lines";
import { MapCanvas, pixelAt, place, roomFor, Shares, useMap, valueOf, type Place } from "./map_canvas";
import { shown } from "./numbers";
import type { Series } from "./network_words";
import { copyPicture } from "./picture";
import { ThemeButton, type ThemeProps } from "./theme";
import { useWidth } from "./width";

interface MapState { map: string; steps: number; lr0: number; lr1: number; area: number[] | null }
interface Replay { error?: { message: string }; lr0: number; lr1: number; verdict: string; reason: string; losses: Series; sign: string; color: string }

const first: MapState = { map: "network:tanh:8", steps: 100, lr0: 1, lr1: 1, area: null };
const networks = [["network:tanh:4", "4 tanh"], ["network:tanh:8", "8 tanh"], ["network:tanh:16", "16 tanh"]], lengths = [50, 100, 200, 500];
const whole = [1e-3, 1e6, 1e-3, 1e6];
const grain = (narrow: boolean) => (narrow ? 2 : 3);  // a training is dear: each has a square of so many of the page's pixels
const drawn = 1200;  // ms, until the whole course is seen

export const isTrainings = (hash: string) => /(^#|&)map=/.test(hash);

const exactly = (value: number) => String(Number(value.toPrecision(15)));
function read(hash: string): { state: MapState; wrong: string } {
  const state = { ...first }, wrong: string[] = [];
  for (const part of hash.replace(/^#/, "").slice(0, 2000).split("&")) {
    const at = part.indexOf("="), name = part.slice(0, at), value = part.slice(at + 1), list = value.split(",").map((v) => (v ? Number(v) : NaN));
    const rate = list[0] > 0 && Number.isFinite(list[0]);
    if (name === "map" && networks.some(([n]) => n === value)) state.map = value;
    else if (name === "steps" && lengths.includes(list[0])) state.steps = list[0];
    else if ((name === "lr0" || name === "lr1") && rate) state[name] = list[0];
    else if (name === "area" && list.length === 4 && list.every((v) => v > 0 && Number.isFinite(v)) && list[0] < list[1] && list[2] < list[3]) state.area = list;
    else wrong.push(part.slice(0, 60));
  }
  return { state, wrong: wrong.length ? `Not understood in the address, and left out: ${wrong.slice(0, 3).join(", ")}.` : "" };
}
const write = (s: MapState) => `#map=${s.map}&steps=${s.steps}&lr0=${exactly(s.lr0)}&lr1=${exactly(s.lr1)}${s.area ? "&area=" + s.area.map(exactly).join(",") : ""}`;
const command = (s: MapState, [a, b, c, d]: number[]) =>
  `etamax map ${s.map} --steps ${s.steps} --x lr0=${exactly(a)}:${exactly(b)}:log --y lr1=${exactly(c)}:${exactly(d)}:log --output map.png`;

const short = (value: number) => shown(Number(value.toPrecision(4)));
/// Steps 0, 1, 2, 5, 10, ... and the last.
function rows(losses: Series): number[] {
  const last = losses.length - 1, all = [0];
  for (let decade = 1; decade < last; decade *= 10) for (const k of [1, 2, 5]) if (k * decade < last) all.push(k * decade);
  return last > 0 ? [...all, last] : all;
}

/// How many losses of a training are shown: more and more, unless the reader wants no motion.
function useCourse(replay: Replay | null): number {
  const [count, set] = useState(0), all = replay?.losses?.length ?? 0;
  useEffect(() => {
    if (matchMedia("(prefers-reduced-motion: reduce)").matches) return set(all);
    const began = performance.now();
    let frame = requestAnimationFrame(function on(now) {
      const share = Math.min(1, (now - began) / drawn);
      set(Math.ceil(share * all));
      if (share < 1) frame = requestAnimationFrame(on);
    });
    return () => cancelAnimationFrame(frame);
  }, [replay]);
  return Math.min(count, all);
}

export function TrainingsPage({ fates, theme, setTheme }: ThemeProps & { fates: Fate[] }) {
  const there = read(location.hash);
  const [state, set] = useState(there.state), [note, setNote] = useState(there.wrong), [hover, setHover] = useState("");
  const [host, width] = useWidth(), chart = useRef<HTMLCanvasElement>(null);
  const change = (part: Partial<MapState>) => {
    const next = { ...state, ...part };
    set(next), setNote(""), show(write(next), true);
  };
  useEffect(() => {
    const back = () => { if (isTrainings(location.hash)) { const now = read(location.hash); set(now.state), setNote(now.wrong); } };
    addEventListener("popstate", back);
    return () => removeEventListener("popstate", back);
  }, []);

  const narrow = width < 560, side = grain(narrow), pixels = roomFor(Math.max(width, 260), narrow ? 420 : 590).map((p) => Math.floor(p / side));
  const ends = state.area ?? whole, options = { expression: state.map, steps: String(state.steps) };
  const axis = (name: string, i: number): MapAxis => ({ name, from: ends[i], to: ends[i + 1], log: true, pixels: pixels[i / 2] });
  const question: MapQuestion = { options, x: axis("lr0", 0), y: axis("lr1", 2) }, { x, y } = question;
  const units = Number(state.map.split(":")[2]), weights = units * units + units;
  const map = useMap(question, Math.min(256, Math.max(16, Math.round(1e8 / (state.steps * weights * (2 * units * units + 26 * units))))));

  const replay = useMemo(() => askFor<Replay>({ verb: "replay", options, lr0: state.lr0, lr1: state.lr1 }), [state.map, state.steps, state.lr0, state.lr1]);
  const count = useCourse(replay.error ? null : replay), high = narrow ? 150 : 220;
  useEffect(() => {
    if (!chart.current || replay.error) return;
    const seen = replay.losses.map((loss, k) => (k < count ? loss : null));
    lines(chart.current, chart.current.clientWidth, high, [{ series: replay.losses.map(() => replay.losses[0]), look: "ink", dashed: true }, { series: seen, look: replay.color }]);
  }, [replay, count, width, theme]);

  /// The training of a pixel: at its own rates, so that its fate is the pixel's.
  const pick = ([u, v]: Place) => {
    const there = askFor<Replay>({ verb: "replay", options, x, y, pixel: pixelAt(y, v) * x.pixels + pixelAt(x, u) });
    if (!there.error) change({ lr0: there.lr0, lr1: there.lr1 });
  };
  const zoom = (ends: number[]) => change({ area: ends.map((p, i) => valueOf(i < 2 ? x : y, p)) });
  const progress = map && map.share < 1 ? `coarse so far: ${Math.floor(100 * map.share)}% drawn` : map ? "every pixel is a training of its own" : "";
  return (
    <div class="page network">
      <header>
        <h1>etamax <span>lab</span></h1>
        <div class="field"><label for="map-network">network</label>
          <select id="map-network" value={state.map} onChange={(event) => change({ map: event.currentTarget.value })}>{networks.map(([value, words]) => <option value={value}>{words}</option>)}</select></div>
        <div class="field"><label for="map-steps">steps</label>
          <select id="map-steps" value={state.steps} onChange={(event) => change({ steps: Number(event.currentTarget.value) })}>{lengths.map((n) => <option value={n}>{n}</option>)}</select></div>
        <div class="tools">
          <a class="other" href="#f=x^2&from=-1&lr=0.8,1,1.2">A function</a>
          <a class="other" href="#data=plane:moons&lr=0.3">A network</a>
          <button type="button" aria-label="Copy as command" onClick={() => navigator.clipboard.writeText(command(state, ends)).then(() => setNote("Command copied"), () => setNote(command(state, ends)))}><span class="long">Copy as command</span><span class="short">Command</span></button>
          <button type="button" aria-label="Copy picture" onClick={() => copyPicture(host.current!).then(setNote, (error) => setNote("No picture: " + error.message))}><span class="long">Copy picture</span><span class="short">Picture</span></button>
          <ThemeButton theme={theme} setTheme={setTheme} />
        </div>
      </header>
      {note && <p class="note" role="status">{note}</p>}
      <main>
        <section class="verdict" aria-label="verdict" style={`--look:var(--${replay.color ?? "grey"})`}>
          <div class="words">
            <h2><span class="sign" aria-hidden="true">{replay.sign}</span> <span>Learning rates {short(state.lr0)} and {short(state.lr1)}: <strong>{replay.verdict}</strong></span></h2>
            <p role="status">{replay.error?.message ?? replay.reason}</p>
          </div>
        </section>
        <div class="columns">
          <section class="left" aria-label="the map of trainings">
            <div ref={host} class="host map">
              {width > 50 && <MapCanvas question={question} map={map} fates={fates} theme={theme} size={[pixels[0] * side, pixels[1] * side]} here={[place(x, state.lr0), place(y, state.lr1)]}
                across="lr0 (input weights); upwards lr1 (output weights)"
                label="map of lr0 across and lr1 upwards; arrows move, Enter trains there, plus and minus zoom" described="map-words"
                onPick={pick} onZoom={zoom} onWhole={state.area ? () => change({ area: null }) : null} onHover={setHover} />}
              <div class="under">
                {state.area && <button type="button" onClick={() => change({ area: null })}>whole map</button>}
                <span class="hover">{hover || progress}</span>
              </div>
              <p class="areas" id="map-words">{map?.error ?? <Shares map={map} fates={fates} />}</p>
            </div>
          </section>
          <section class="right" aria-label="the training">
            <h2 class="caption">Loss over the steps at these rates; dashed, where it began</h2>
            <canvas class="lines" ref={chart} style={`width:100%;height:${high}px`} role="img" aria-label={"loss over the steps. " + (replay.reason ?? "")} />
            <p class="about">{`Each pixel is one training: ${units} inputs, ${units} tanh units, ${weights} weights and as many examples, ${state.steps} steps of gradient descent from one start. It trains where its loss ends below its start, and the paler, the slower; it diverges where the loss overflows, and the paler, the later.`}</p>
            {!replay.error && <table><thead><tr><th scope="col">step</th><th scope="col">loss</th><th scope="col">of the start</th></tr></thead>
              <tbody>{rows(replay.losses).map((k) => { const loss = replay.losses[k]; return <tr><th scope="row">{k}</th><td>{loss === null ? "no number" : short(loss)}</td><td>{loss === null ? "–" : short(loss / replay.losses[0]!)}</td></tr>; })}</tbody></table>}
          </section>
        </div>
      </main>
    </div>
  );
}
