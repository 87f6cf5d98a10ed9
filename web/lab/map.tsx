// The map: what becomes of the run at every rate and start (or setting), and where among them this run is.
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { atlas, type MapAxis, type MapQuestion, type Progress } from "./atlas";
import type { About, Fate, Reply } from "./engine";
import { clamp, rounded, shown, text } from "./numbers";
import { pinched, usePinch } from "./pinch";
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

const left = 44, bottom = 34, top = 8;

/// A color of the page as red, green, blue.
function rgb(name: string): [number, number, number] {
  const probe = document.createElement("canvas").getContext("2d")!;
  probe.fillStyle = getComputedStyle(document.documentElement).getPropertyValue("--" + name).trim() || "#888";
  const hex = probe.fillStyle as string;
  return [1, 3, 5].map((i) => parseInt(hex.slice(i, i + 2), 16)) as [number, number, number];
}

/// The more steps it took, the paler.
function paint(canvas: HTMLCanvasElement, map: Progress, question: MapQuestion, fates: Fate[]): void {
  const width = question.x.pixels, height = question.y.pixels;
  canvas.width = width, canvas.height = height;
  const context = canvas.getContext("2d")!, image = context.createImageData(width, height), paper = rgb("paper"), blank = rgb("panel");
  const colors = new Map(fates.map((fate) => [fate.number + 1, rgb(fate.color)]));
  for (let j = 0; j < height; ++j)
    for (let i = 0; i < width; ++i) {
      let at = j * width + i;
      for (let stride = 2; map.fates[at] === 0 && stride <= 16; stride *= 2) at = (j - (j % stride)) * width + (i - (i % stride));
      const color = colors.get(map.fates[at]) ?? blank, pale = map.fates[at] ? 0.62 * (map.shades[at] / 255) : 0;
      const to = 4 * ((height - 1 - j) * width + i);
      for (let c = 0; c < 3; ++c) image.data[to + c] = color[c] + pale * (paper[c] - color[c]);
      image.data[to + 3] = 255;
    }
  context.putImageData(image, 0, 0);
}

const place = (axis: MapAxis, value: number) =>
  axis.log ? Math.log(value / axis.from) / Math.log(axis.to / axis.from) : (value - axis.from) / (axis.to - axis.from);
const valueOf = (axis: MapAxis, at: number) =>
  axis.log ? axis.from * (axis.to / axis.from) ** at : axis.from + at * (axis.to - axis.from);
/// As few digits as tell neighbors apart.
const near = (axis: MapAxis, value: number) => rounded(value, axis.log ? value * Math.log(axis.to / axis.from) / axis.pixels : (axis.to - axis.from) / axis.pixels);

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
  const canvas = useRef<HTMLCanvasElement>(null), host = useRef<HTMLDivElement>(null);
  const [map, setMap] = useState<Progress | null>(null);
  const [box, setBox] = useState<[number, number, number, number] | null>(null);
  const [hover, setHover] = useState("");
  const [cursor, setCursor] = useState<[number, number] | null>(null);
  const wide = Math.max(200, width - left - 8), high = Math.max(120, height - top - bottom - 74);
  const names = reply.answer!.objective.variables, rule = about.optimizers.find((o) => o.name === state.optimizer);
  const { x, y, options } = axes(state, reply, useRanges(state, reply), wide, high);
  const two = x.name !== "lr";
  const question: MapQuestion = { options, x, y }, key = JSON.stringify(question);

  useEffect(() => {
    setMap(null), setCursor(null);
    let waiting = false;
    const wait = setTimeout(() => atlas.draw(question, (progress) => {
      if (waiting && progress.share < 1) return;
      waiting = true;
      requestAnimationFrame(() => { waiting = false; setMap({ ...progress }); });
    }), 120);
    return () => { clearTimeout(wait); atlas.stop(); };
  }, [key]);
  useEffect(() => { if (map && canvas.current && map.fates.length === wide * high) paint(canvas.current, map, question, about.fates); }, [map, theme]);

  const here: [number, number] = two ? [place(x, reply.answer!.start[0]), place(y, reply.answer!.start[1])]
    : [place(x, state.pick), place(y, state.y === "start" || state.y === "starts" ? reply.answer!.start[0] : Number(state.settings[state.y] ?? rule?.settings.find((s) => s.name === state.y)?.default ?? 0))];
  const fateAt = (i: number, j: number) => about.fates.find((f) => f.number + 1 === map?.fates[clamp(j, 0, high - 1) * wide + clamp(i, 0, wide - 1)]);
  const replay = (px: number, py: number) => {
    const u = near(x, valueOf(x, px)), v = near(y, valueOf(y, py));
    if (two) return change({ from: `${text(u)},${text(v)}` }, true);
    if (state.y === "start" || state.y === "starts")
      return change({ pick: u, from: names.length === 1 ? text(v) : [v, ...reply.answer!.start.slice(1)].map(text).join(",") }, true);
    change({ pick: u, settings: { ...state.settings, [state.y]: text(v) } }, true);
  };
  const zoom = (area: number[] | null) => change({ area }, true);
  const setting = rule?.settings.some((s) => s.name === y.name) ?? false;  // of those in [0, 1)
  const zoomTo = (places: number[]) =>
    zoom(places.map((p, i) => (i < 2 ? valueOf(x, p) : setting ? clamp(valueOf(y, p), i === 2 ? 0 : 1e-6, i === 2 ? 0.999 : 0.9999) : valueOf(y, p))));
  const zoomAround = (factor: number, [u, v]: [number, number]) => zoomTo([u - u * factor, u + (1 - u) * factor, v - v * factor, v + (1 - v) * factor]);
  const at = (event: PointerEvent): [number, number] => {
    const bounds = canvas.current!.getBoundingClientRect();
    return [clamp((event.clientX - bounds.left) / bounds.width, 0, 1), clamp(1 - (event.clientY - bounds.top) / bounds.height, 0, 1)];
  };
  const focus = cursor ?? [clamp(here[0], 0, 1), clamp(here[1], 0, 1)];
  const words = (u: number, v: number) => `${x.name} ${shown(near(x, valueOf(x, u)))}, ${y.name} ${shown(near(y, valueOf(y, v)))}: ${fateAt(Math.round(u * (wide - 1)), Math.round(v * (high - 1)))?.name ?? "not drawn yet"}`;
  const keys = (event: KeyboardEvent) => {
    const by = event.shiftKey ? 16 : 1, move: Record<string, [number, number]> = { ArrowLeft: [-by, 0], ArrowRight: [by, 0], ArrowUp: [0, by], ArrowDown: [0, -by] };
    const d = move[event.key];
    if (d) {
      const to: [number, number] = [clamp(focus[0] + d[0] / (wide - 1), 0, 1), clamp(focus[1] + d[1] / (high - 1), 0, 1)];
      setCursor(to), setHover(words(...to));
    } else if (event.key === "Enter") replay(...focus);
    else if (event.key === "+" || event.key === "=") zoomAround(0.5, focus);
    else if (event.key === "-") zoomAround(2, focus);
    else if (event.key === "Escape" && state.area) zoom(null);
    else return;
    event.preventDefault();
  };

  const shares = useMemo(() => {
    if (!map) return [];
    const count = new Map<number, number>();
    let drawn = 0;
    for (const fate of map.fates) if (fate) count.set(fate, (count.get(fate) ?? 0) + 1), ++drawn;
    return about.fates.map((fate) => ({ fate, share: (count.get(fate.number + 1) ?? 0) / Math.max(1, drawn) })).filter((s) => s.share > 0).sort((a, b) => b.share - a.share);
  }, [map]);
  const column = useMemo(() => {  // what a listener is told of the line upwards through this run
    if (!map || map.share < 1 || here[0] < 0 || here[0] > 1) return "";
    const i = Math.round(here[0] * (wide - 1)), parts: { name: string; from: number; to: number }[] = [];
    for (let j = 0; j < high; ++j) {
      const name = fateAt(i, j)?.name ?? "", last = parts[parts.length - 1];
      if (last?.name === name) last.to = j;
      else parts.push({ name, from: j, to: j });
    }
    if (parts.length > 5) return "";
    const value = (j: number) => shown(near(y, valueOf(y, j / (high - 1))));
    return `Through this run upwards: ${parts.map((p) => `${p.name} ${p.from === p.to ? "at " + value(p.from) : `from ${value(p.from)} to ${value(p.to)}`}`).join(", ")}.`;
  }, [map, here[0]]);
  const edge = !two && (state.y === "start" || state.y === "starts") ? reply.ruler?.marks.find((m) => m.name === "stability edge")?.lr : undefined;
  const percent = (share: number) => (share > 0 && share < 0.005 ? "under 1%" : Math.round(100 * share) + "%");
  const choices: [string, string][] = [["start", names.length === 1 ? "start" : `start ${names[0]}`], ...(names.length === 2 ? [["starts", "both starts"] as [string, string]] : []),
    ...(rule?.settings.filter((s) => !s.flag && /\[0, 1\)/.test(s.range)).map((s) => [s.name, s.name.replace(/_/g, " ")] as [string, string]) ?? [])];
  const down = useRef<[number, number] | null>(null);
  const pinch = usePinch(canvas, () => { down.current = null; setBox(null); }, (p) => zoomTo(pinched(p)));
  // Until the map is drawn anew, the old one follows the fingers.
  const moved = pinch ? `transform-origin:0 100%;transform:translate(${(pinch.to[0] - pinch.from[0] * pinch.scale) * wide}px,${-(pinch.to[1] - pinch.from[1] * pinch.scale) * high}px) scale(${pinch.scale})` : "";

  return (
    <div class="map" ref={host}>
      <div class="frame" style={`width:${left + wide + 8}px;height:${top + high + bottom}px`}>
        <div class="hole" style={`left:${left}px;top:${top}px;width:${wide}px;height:${high}px`}><canvas ref={canvas} style={`width:${wide}px;height:${high}px;${moved}`} tabIndex={0} role="application"
          aria-label={`map of ${x.name} across and ${y.name} upwards; arrows move, Enter shows that run, plus and minus zoom`} aria-describedby="map-words"
          onKeyDown={keys}
          onPointerDown={(event) => { if (event.button === 0 && event.pointerType !== "touch") canvas.current!.setPointerCapture(event.pointerId); down.current = at(event); }}
          onPointerMove={(event) => {
            const p = at(event);
            setHover(words(...p));
            if (down.current && event.pointerType !== "touch" && Math.hypot((p[0] - down.current[0]) * wide, (p[1] - down.current[1]) * high) > 8) setBox([...down.current, ...p] as [number, number, number, number]);
          }}
          onPointerUp={(event) => {
            const p = at(event), from = down.current;
            down.current = null;
            if (!from) return;
            if (!box) return Math.hypot((p[0] - from[0]) * wide, (p[1] - from[1]) * high) < 8 ? replay(...p) : undefined;
            setBox(null);
            const u = [from[0], p[0]].sort((a, b) => a - b), v = [from[1], p[1]].sort((a, b) => a - b);
            if (u[1] - u[0] > 0.01 && v[1] - v[0] > 0.01) zoom([valueOf(x, u[0]), valueOf(x, u[1]), valueOf(y, v[0]), valueOf(y, v[1])]);
          }}
          onPointerCancel={() => { down.current = null; setBox(null); }}
          onPointerLeave={() => !cursor && setHover("")} /></div>
        {!pinch && here.every((p) => p >= 0 && p <= 1) && <>
          <i class="hair" style={`left:${left + here[0] * wide}px;top:${top}px;width:1px;height:${high}px`} />
          <i class="hair" style={`left:${left}px;top:${top + (1 - here[1]) * high}px;width:${wide}px;height:1px`} />
        </>}
        {!pinch && edge !== undefined && place(x, edge) > 0 && place(x, edge) < 1 && <i class="edge" style={`left:${left + place(x, edge) * wide}px;top:${top}px;height:${high}px`} />}
        {cursor && <i class="cross" style={`left:${left + cursor[0] * wide}px;top:${top + (1 - cursor[1]) * high}px`} />}
        {box && <i class="box" style={`left:${left + Math.min(box[0], box[2]) * wide}px;width:${Math.abs(box[2] - box[0]) * wide}px;top:${top + (1 - Math.max(box[1], box[3])) * high}px;height:${Math.abs(box[3] - box[1]) * high}px`} />}
        {map?.x.map(([p, label]) => <span class="tick" style={`left:${left + p * wide}px;top:${top + high + 3}px;transform:translateX(-50%)`}>{label.replace("-", "−")}</span>)}
        {map?.y.map(([p, label]) => <span class="tick" style={`right:${8 + wide + 5}px;top:${top + (1 - p) * high}px;transform:translateY(-50%)`}>{label.replace("-", "−")}</span>)}
        <span class="tick" style={`left:${left + wide / 2}px;top:${top + high + 17}px;transform:translateX(-50%)`}>{two ? x.name : "learning rate"}</span>
      </div>
      <div class="under">
        <label for="map-y">upwards</label>
        <select id="map-y" value={choices.some(([c]) => c === state.y) ? state.y : "start"} onChange={(event) => change({ y: event.currentTarget.value, area: null }, true)}>
          {choices.map(([name, label]) => <option value={name}>{label}</option>)}
        </select>
        {state.area && <button type="button" onClick={() => zoom(null)}>whole map</button>}
        <span class="hover">{hover || (map && map.share < 1 ? `${Math.round(100 * map.share)}% drawn` : "")}</span>
      </div>
      <p class="areas" id="map-words">
        {map?.error ?? shares.map(({ fate, share }) => <span><b style={`color:var(--${fate.color})`} aria-hidden="true">{fate.sign}</b> {percent(share)} {fate.name}</span>)}
        {edge !== undefined && !map?.error && <span><b aria-hidden="true">┊</b> stability edge of this run {shown(edge)}</span>}
        {column && <span>{column}</span>}
      </p>
    </div>
  );
}
