// A map on its canvas, between its axes: looked at, pointed at, zoomed; by mouse, touch and keys. What it is of, others know.
import { useEffect, useRef, useState } from "preact/hooks";
import { atlas, type MapAxis, type MapQuestion, type Progress } from "./atlas";
import type { Fate } from "./engine";
import { clamp, rounded, shown } from "./numbers";
import { pinched, usePinch } from "./pinch";

export type Place = [u: number, v: number];  // 0 to 1, rightwards and upwards
const left = 44, bottom = 34, top = 8;

/// How much room there is for pixels.
export const roomFor = (width: number, height: number): [number, number] => [Math.max(200, width - left - 8), Math.max(120, height - top - bottom - 74)];

/// The first pixel lies at 0, the last one at 1.
export const place = (axis: MapAxis, value: number) =>
  axis.log ? Math.log(value / axis.from) / Math.log(axis.to / axis.from) : (value - axis.from) / (axis.to - axis.from);
export const valueOf = (axis: MapAxis, at: number) =>
  axis.log ? axis.from * (axis.to / axis.from) ** at : axis.from + at * (axis.to - axis.from);
/// As few digits as tell neighbors apart.
export const near = (axis: MapAxis, value: number) => rounded(value, axis.log ? value * Math.log(axis.to / axis.from) / axis.pixels : (axis.to - axis.from) / axis.pixels);
/// The pixel that is seen there.
export const pixelAt = (axis: MapAxis, at: number) => clamp(Math.floor(at * axis.pixels), 0, axis.pixels - 1);

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

/// The map of a question as far as it is drawn; null: nothing of it yet. `batch`: pixels that a worker is given at once.
export function useMap(question: MapQuestion, batch?: number): Progress | null {
  const [map, set] = useState<{ key: string; progress: Progress } | null>(null), key = JSON.stringify(question);
  useEffect(() => {
    let waiting = false;
    const wait = setTimeout(() => atlas.draw(question, (progress) => {
      if (waiting && progress.share < 1) return;
      waiting = true;
      requestAnimationFrame(() => { waiting = false; set({ key, progress: { ...progress } }); });
    }, batch), 120);
    return () => { clearTimeout(wait); atlas.stop(); };
  }, [key]);
  return map?.key === key ? map.progress : null;
}

/// What of the map is of each fate, the most first.
export function shares(map: Progress | null, fates: Fate[]): { fate: Fate; share: number }[] {
  if (!map) return [];
  const count = new Map<number, number>();
  let drawn = 0;
  for (const fate of map.fates) if (fate) count.set(fate, (count.get(fate) ?? 0) + 1), ++drawn;
  return fates.map((fate) => ({ fate, share: (count.get(fate.number + 1) ?? 0) / Math.max(1, drawn) })).filter((s) => s.share > 0).sort((a, b) => b.share - a.share);
}
const percent = (share: number) => (share > 0 && share < 0.005 ? "under 1%" : Math.round(100 * share) + "%");
export const Shares = ({ map, fates }: { map: Progress | null; fates: Fate[] }) => (
  <>{shares(map, fates).map(({ fate, share }) => <span><b style={`color:var(--${fate.color})`} aria-hidden="true">{fate.sign}</b> {percent(share)} {fate.name}</span>)}</>
);

interface Props {
  question: MapQuestion;
  map: Progress | null;
  fates: Fate[];
  theme: string;
  size: [width: number, height: number];  // of the canvas, in the page's pixels
  here: Place;         // what the page shows; it may lie outside
  edge?: number;       // a line upwards there, on the x axis
  across: string;      // what stands below the x axis
  label: string;
  described: string;   // the element whose words are the map's
  onPick(at: Place): void;
  onZoom(ends: number[]): void;  // [low, high, low, high], 0 to 1
  onWhole: (() => void) | null;  // null: the whole map is shown
  onHover(words: string): void;
}

export function MapCanvas({ question, map, fates, theme, size: [wide, high], here, edge, across, label, described, onPick, onZoom, onWhole, onHover }: Props) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const down = useRef<{ from: Place; draws: boolean } | null>(null);  // `draws`: a box, not a click; a release may come before the box is seen
  const [box, setBox] = useState<[number, number, number, number] | null>(null);
  const [cursor, setCursor] = useState<Place | null>(null);
  const { x, y } = question;
  useEffect(() => setCursor(null), [JSON.stringify(question)]);
  useEffect(() => { if (map && canvas.current && map.fates.length === x.pixels * y.pixels) paint(canvas.current, map, question, fates); }, [map, theme]);

  const fateAt = (u: number, v: number) => fates.find((f) => f.number + 1 === map?.fates[pixelAt(y, v) * x.pixels + pixelAt(x, u)])?.name ?? "not drawn yet";
  const words = (u: number, v: number) => `${x.name} ${shown(near(x, valueOf(x, u)))}, ${y.name} ${shown(near(y, valueOf(y, v)))}: ${fateAt(u, v)}`;
  const zoomAround = (factor: number, [u, v]: Place) => onZoom([u - u * factor, u + (1 - u) * factor, v - v * factor, v + (1 - v) * factor]);
  const at = (event: PointerEvent): Place => {
    const bounds = canvas.current!.getBoundingClientRect();
    return [clamp((event.clientX - bounds.left) / bounds.width, 0, 1), clamp(1 - (event.clientY - bounds.top) / bounds.height, 0, 1)];
  };
  const focus: Place = cursor ?? [clamp(here[0], 0, 1), clamp(here[1], 0, 1)];
  const keys = (event: KeyboardEvent) => {
    const by = event.shiftKey ? 16 : 1, move: Record<string, Place> = { ArrowLeft: [-by, 0], ArrowRight: [by, 0], ArrowUp: [0, by], ArrowDown: [0, -by] };
    const d = move[event.key];
    if (d) {
      const to: Place = [clamp(focus[0] + d[0] / (x.pixels - 1), 0, 1), clamp(focus[1] + d[1] / (y.pixels - 1), 0, 1)];
      setCursor(to), onHover(words(...to));
    } else if (event.key === "Enter") onPick(focus);
    else if (event.key === "+" || event.key === "=") zoomAround(0.5, focus);
    else if (event.key === "-") zoomAround(2, focus);
    else if (event.key === "Escape" && onWhole) onWhole();
    else return;
    event.preventDefault();
  };
  const far = (a: Place, b: Place) => Math.hypot((a[0] - b[0]) * wide, (a[1] - b[1]) * high);
  const pinch = usePinch(canvas, () => { down.current = null; setBox(null); }, (p) => onZoom(pinched(p)));
  // Until the map is drawn anew, the old one follows the fingers.
  const moved = pinch ? `transform-origin:0 100%;transform:translate(${(pinch.to[0] - pinch.from[0] * pinch.scale) * wide}px,${-(pinch.to[1] - pinch.from[1] * pinch.scale) * high}px) scale(${pinch.scale})` : "";

  return (
    <div class="frame" style={`width:${left + wide + 8}px;height:${top + high + bottom}px`}>
      <div class="hole" style={`left:${left}px;top:${top}px;width:${wide}px;height:${high}px`}><canvas ref={canvas} style={`width:${wide}px;height:${high}px;${moved}`} tabIndex={0} role="application"
        aria-label={label} aria-describedby={described}
        onKeyDown={keys}
        onPointerDown={(event) => { if (event.button === 0 && event.pointerType !== "touch") canvas.current!.setPointerCapture(event.pointerId); down.current = { from: at(event), draws: false }; }}
        onPointerMove={(event) => {
          const p = at(event), pressed = down.current;
          onHover(words(...p));
          if (!pressed || event.pointerType === "touch") return;
          pressed.draws ||= far(p, pressed.from) > 8;
          if (pressed.draws) setBox([...pressed.from, ...p]);
        }}
        onPointerUp={(event) => {
          const p = at(event), pressed = down.current;
          down.current = null;
          if (!pressed) return;
          const { from, draws } = pressed;
          if (!draws) return far(p, from) < 8 ? onPick(p) : undefined;
          setBox(null);
          const u = [from[0], p[0]].sort((a, b) => a - b), v = [from[1], p[1]].sort((a, b) => a - b);
          if (u[1] - u[0] > 0.01 && v[1] - v[0] > 0.01) onZoom([...u, ...v]);
        }}
        onPointerCancel={() => { down.current = null; setBox(null); }}
        onPointerLeave={() => !cursor && onHover("")} /></div>
      {!pinch && here.every((p) => p >= 0 && p <= 1) && <>
        <i class="hair" style={`left:${left + here[0] * wide}px;top:${top}px;width:1px;height:${high}px`} />
        <i class="hair" style={`left:${left}px;top:${top + (1 - here[1]) * high}px;width:${wide}px;height:1px`} />
      </>}
      {!pinch && edge !== undefined && place(x, edge) > 0 && place(x, edge) < 1 && <i class="edge" style={`left:${left + place(x, edge) * wide}px;top:${top}px;height:${high}px`} />}
      {cursor && <i class="cross" style={`left:${left + cursor[0] * wide}px;top:${top + (1 - cursor[1]) * high}px`} />}
      {box && <i class="box" style={`left:${left + Math.min(box[0], box[2]) * wide}px;width:${Math.abs(box[2] - box[0]) * wide}px;top:${top + (1 - Math.max(box[1], box[3])) * high}px;height:${Math.abs(box[3] - box[1]) * high}px`} />}
      {map?.x.map(([p, text]) => <span class="tick" style={`left:${left + p * wide}px;top:${top + high + 3}px;transform:translateX(${p > 0.98 ? -80 : -50}%)`}>{text.replace("-", "−")}</span>)}
      {map?.y.map(([p, text]) => <span class="tick" style={`right:${8 + wide + 5}px;top:${top + (1 - p) * high}px;transform:translateY(-50%)`}>{text.replace("-", "−")}</span>)}
      <span class="tick" style={`left:${left + wide / 2}px;top:${top + high + 17}px;transform:translateX(-50%)`}>{across}</span>
    </div>
  );
}
