// The map: what becomes of the run at every rate and start (or setting), and where among them this run is.
import { useMemo, useRef, useState } from "preact/hooks";
import type { MapAxis, MapQuestion } from "./atlas";
import type { About, Reply } from "./engine";
import { MapCanvas, near, pixelAt, place, roomFor, Shares, useMap, valueOf, type Place } from "./map_canvas";
import { clamp, shown, text } from "./numbers";
import type { State } from "./state";

interface Props {
  state: State;
  about: About;
  reply: Reply;
  width: number;
  height: number;
  theme: string;
  change(part: Partial<State>, settled: boolean): void;
}

interface Ranges { key: string; rate: [number, number]; view: number[] }

/// What a whole map shows. It stays while runs are looked at that lie in it, so that the map need not be drawn anew.
function useRanges(state: State, reply: Reply): Ranges {
  const kept = useRef<Ranges | null>(null), key = JSON.stringify([state.expression, state.optimizer]);
  const axis = reply.ruler?.x ?? { low: Math.log10(state.pick) - 1, high: Math.log10(state.pick) + 1 };
  const now: Ranges = { key, rate: [10 ** axis.low, 10 ** axis.high], view: reply.view! };
  const old = kept.current, start = reply.answer!.start, inside = (v: number, [low, high]: number[]) => v >= low && v <= high;
  const holds = old !== null && old.key === key && inside(state.pick, old.rate) && inside(start[0], old.view.slice(0, 2)) && (start.length < 2 || inside(start[1], old.view.slice(2)));
  return (kept.current = holds ? old : now);
}

/// What the two axes move, given what the page shows.
function axes(state: State, reply: Reply, ranges: Ranges, width: number, height: number): { x: MapAxis; y: MapAxis; options: Record<string, string | boolean> } {
  const names = reply.answer!.objective.variables, { view, rate } = ranges, area = state.area;
  const range = (i: number, low: number, high: number): [number, number] => (area ? [area[i], area[i + 1]] : [low, high]);
  const axis = (name: string, [from, to]: [number, number], log: boolean, pixels: number) => ({ name, from, to, log, pixels });
  const options: Record<string, string | boolean> = { expression: state.expression, optimizer: state.optimizer, max_steps: "3000" };
  for (const [name, value] of Object.entries(state.settings)) if (name !== state.y) options[name] = value === "true" ? true : value;
  const from = reply.answer!.start.map((value, i) => `${names[i]}=${value}`);
  if (state.y === "starts" && names.length === 2) {
    options.lr = String(state.pick);
    return { options, x: axis(names[0], range(0, view[0], view[1]), false, width), y: axis(names[1], range(2, view[2], view[3]), false, height) };
  }
  const x = axis("lr", range(0, ...rate), true, width);
  if (state.y === "start" || state.y === "starts") {
    if (names.length > 1) options.from = from.slice(1).join(",");
    return { options, x, y: axis(names[0], range(2, view[0], view[1]), false, height) };
  }
  options.from = from.join(",");
  return { options, x, y: axis(state.y, range(2, 0, 0.99), false, height) };
}

export function FateMapTab({ state, about, reply, width, height, theme, change }: Props) {
  const [hover, setHover] = useState("");
  const size = roomFor(width, height), names = reply.answer!.objective.variables, rule = about.optimizers.find((o) => o.name === state.optimizer);
  const { x, y, options } = axes(state, reply, useRanges(state, reply), ...size);
  const two = x.name !== "lr", question: MapQuestion = { options, x, y }, map = useMap(question);

  const here: Place = two ? [place(x, reply.answer!.start[0]), place(y, reply.answer!.start[1])]
    : [place(x, state.pick), place(y, state.y === "start" || state.y === "starts" ? reply.answer!.start[0] : Number(state.settings[state.y] ?? rule?.settings.find((s) => s.name === state.y)?.default ?? 0))];
  const replay = ([px, py]: Place) => {
    const u = near(x, valueOf(x, px)), v = near(y, valueOf(y, py));
    if (two) return change({ from: `${text(u)},${text(v)}` }, true);
    if (state.y === "start" || state.y === "starts")
      return change({ pick: u, from: names.length === 1 ? text(v) : [v, ...reply.answer!.start.slice(1)].map(text).join(",") }, true);
    change({ pick: u, settings: { ...state.settings, [state.y]: text(v) } }, true);
  };
  const zoom = (area: number[] | null) => change({ area }, true);
  const setting = rule?.settings.some((s) => s.name === y.name) ?? false;  // of those in [0, 1)
  const zoomTo = (ends: number[]) =>
    zoom(ends.map((p, i) => (i < 2 ? valueOf(x, p) : setting ? clamp(valueOf(y, p), i === 2 ? 0 : 1e-6, i === 2 ? 0.999 : 0.9999) : valueOf(y, p))));

  const column = useMemo(() => {  // what a listener is told of the line upwards through this run
    if (!map || map.share < 1 || here[0] < 0 || here[0] > 1) return "";
    const i = pixelAt(x, here[0]), parts: { name: string; from: number; to: number }[] = [];
    for (let j = 0; j < y.pixels; ++j) {
      const name = about.fates.find((f) => f.number + 1 === map.fates[j * x.pixels + i])?.name ?? "", last = parts[parts.length - 1];
      if (last?.name === name) last.to = j;
      else parts.push({ name, from: j, to: j });
    }
    if (parts.length > 5) return "";
    const value = (j: number) => shown(near(y, valueOf(y, j / (y.pixels - 1))));
    return `Through this run upwards: ${parts.map((p) => `${p.name} ${p.from === p.to ? "at " + value(p.from) : `from ${value(p.from)} to ${value(p.to)}`}`).join(", ")}.`;
  }, [map, here[0]]);
  const edge = !two && (state.y === "start" || state.y === "starts") ? reply.ruler?.marks.find((m) => m.name === "stability edge")?.lr : undefined;
  const choices: [string, string][] = [["start", names.length === 1 ? "start" : `start ${names[0]}`], ...(names.length === 2 ? [["starts", "both starts"] as [string, string]] : []),
    ...(rule?.settings.filter((s) => !s.flag && /\[0, 1\)/.test(s.range)).map((s) => [s.name, s.name.replace(/_/g, " ")] as [string, string]) ?? [])];

  return (
    <div class="map">
      <MapCanvas question={question} map={map} fates={about.fates} theme={theme} size={size} here={here} edge={edge} across={two ? x.name : "learning rate"}
        label={`map of ${x.name} across and ${y.name} upwards; arrows move, Enter shows that run, plus and minus zoom`} described="map-words"
        onPick={replay} onZoom={zoomTo} onWhole={state.area ? () => zoom(null) : null} onHover={setHover} />
      <div class="under">
        <label for="map-y">upwards</label>
        <select id="map-y" value={choices.some(([c]) => c === state.y) ? state.y : "start"} onChange={(event) => change({ y: event.currentTarget.value, area: null }, true)}>
          {choices.map(([name, label]) => <option value={name}>{label}</option>)}
        </select>
        {state.area && <button type="button" onClick={() => zoom(null)}>whole map</button>}
        <span class="hover">{hover || (!map || map.error ? "" : map.share < 1 ? `preview: ${Math.floor(100 * map.share)}% drawn` : "exact: every pixel is a run of its own")}</span>
      </div>
      <p class="areas" id="map-words">
        {map?.error ?? <Shares map={map} fates={about.fates} />}
        {edge !== undefined && !map?.error && <span><b aria-hidden="true">┊</b> stability edge of this run {shown(edge)}</span>}
        {column && <span>{column}</span>}
      </p>
    </div>
  );
}
