// The bifurcation diagram, above the strip of its Lyapunov exponents: where runs stay at each learning rate. The line is the
// learning rate of the page, and can be dragged.
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { askFor, type Reply } from "./engine";
import { clamp, rounded, shown } from "./numbers";
import { options, type State } from "./state";

interface Props {
  state: State;
  reply: Reply;
  width: number;
  height: number;
  theme: string;
  onRate(lr: number, settled: boolean): void;
}
interface Diagram { error?: { message: string }; columns: number[][]; lyapunov: (number | null)[]; x: [number, string][]; y: [number, string][] }

const left = 44, top = 8, strip = 54, gap = 8, bottom = 34;
const color = (name: string) => getComputedStyle(document.documentElement).getPropertyValue("--" + name).trim() || "#888";

/// Whether there are several places; one may lie on the border of two rows.
const apart = (rows: number[]) => rows.some((row, k) => k > 0 && row - rows[k - 1] > 1);

/// From a hundredth of the edge to where nothing stays any more.
function rates(state: State, reply: Reply): [number, number] {
  const s = reply.answer!.stability, edge = s.lr_edge ?? s.lr_max_from_start ?? state.pick;
  return [edge / 100, Math.max(1.6 * edge, 1.15 * Math.max(...state.lr))];
}

export function BifurcationTab({ state, reply, width, height, theme, onRate }: Props) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const dragging = useRef(false);
  const [diagram, setDiagram] = useState<Diagram | null>(null);
  const wide = Math.max(200, width - left - 8), high = Math.max(100, height - top - strip - gap - bottom);
  const kept = useRef<{ key: string; rates: [number, number]; view: number[] } | null>(null);
  const topic = JSON.stringify([state.expression, state.optimizer, state.settings]);
  if (kept.current?.key !== topic) kept.current = { key: topic, rates: rates(state, reply), view: reply.view! };
  const [from, to] = kept.current.rates, [low, high_] = kept.current.view;
  const question = { verb: "bifurcation", options: { ...options({ ...state, pick: 1 }), lr: "1" }, start: reply.answer!.start, from, to, low, high: high_, width: wide, height: high };
  const key = JSON.stringify(question);

  useEffect(() => {
    const wait = setTimeout(() => setDiagram(askFor<Diagram>(question)), 60);  // first the page, then this
    return () => clearTimeout(wait);
  }, [key]);
  useEffect(() => {
    if (!diagram || diagram.error || !canvas.current) return;
    canvas.current.width = wide, canvas.current.height = high + gap + strip;
    const context = canvas.current.getContext("2d")!;
    context.fillStyle = color("panel");
    context.fillRect(0, 0, wide, high), context.fillRect(0, high + gap, wide, strip);
    const most = Math.max(0.5, ...diagram.lyapunov.map((l) => Math.min(2, Math.abs(l ?? 0)))), middle = high + gap + strip / 2;
    diagram.columns.forEach((rows, i) => {
      const exponent = diagram.lyapunov[i];
      context.fillStyle = exponent !== null && exponent > 0.001 ? color("purple") : apart(rows) ? color("orange") : color("green");
      for (const row of rows) context.fillRect(i, high - 1 - row, 1, rows.length > 40 ? 1 : 2);
      if (exponent !== null) context.fillRect(i, middle, 1, -clamp(exponent / most, -1, 1) * strip / 2);
    });
    context.fillStyle = color("muted");
    context.fillRect(0, Math.round(middle), wide, 1);
  }, [diagram, theme]);

  const at = (state.pick - from) / (to - from);
  const rate = (event: PointerEvent) => {
    const box = canvas.current!.getBoundingClientRect(), p = clamp((event.clientX - box.left) / box.width, 0.002, 1);
    return rounded(from + p * (to - from), (to - from) / wide);
  };
  const words = useMemo(() => {
    if (!diagram || diagram.error) return "";
    if (at < 0 || at > 1) return `The learning rate ${shown(state.pick)} lies outside this picture.`;
    const exponent = diagram.lyapunov[clamp(Math.floor(at * wide), 0, wide - 1)], run = reply.answer!.runs[0];
    const period = run.verdict === "cycles" && run.period ? ` with period ${run.period}` : "";
    return `At ${shown(run.lr)} the run ${/s$/.test(run.verdict) ? "" : "is "}${run.verdict}${period}${exponent === null ? "" : `; Lyapunov exponent about ${shown(Number(exponent.toPrecision(2)))}`}.`;
  }, [diagram, reply]);

  return (
    <div class="map bifurcation">
      <div class="frame" style={`width:${left + wide + 8}px;height:${top + high + gap + strip + bottom}px`}>
        <canvas ref={canvas} style={`left:${left}px;top:${top}px;width:${wide}px;height:${high + gap + strip}px`} role="img" aria-label={`bifurcation diagram. ${words}`}
          onPointerDown={(event) => { canvas.current!.setPointerCapture(event.pointerId); dragging.current = true; onRate(rate(event), false); }}
          onPointerMove={(event) => dragging.current && onRate(rate(event), false)}
          onPointerUp={(event) => { if (dragging.current) { dragging.current = false; onRate(rate(event), true); } }}
          onPointerCancel={() => { dragging.current = false; }} />
        {at >= 0 && at <= 1 && <i class="hair" style={`left:${left + at * wide}px;top:${top}px;width:2px;height:${high + gap + strip}px`} />}
        {diagram?.x?.map(([p, label]) => <span class="tick" style={`left:${left + p * wide}px;top:${top + high + gap + strip + 3}px;transform:translateX(-50%)`}>{label}</span>)}
        {diagram?.y?.map(([p, label]) => <span class="tick" style={`right:${8 + wide + 5}px;top:${top + (1 - p) * high}px;transform:translateY(-50%)`}>{label.replace("-", "−")}</span>)}
        <span class="tick" style={`left:${left + wide / 2}px;top:${top + high + gap + strip + 17}px;transform:translateX(-50%)`}>learning rate; below, the Lyapunov exponent</span>
      </div>
      <p class="areas">{diagram?.error?.message ?? words}</p>
    </div>
  );
}
