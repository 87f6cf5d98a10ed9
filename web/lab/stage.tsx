// The run on its curve (or over contour lines), with the two things that can be taken hold of: the ball, which is the start, and
// the tip of the first arrow, which is the learning rate.
import { useRef } from "preact/hooks";
import type { Picture, Reply } from "./engine";
import { clamp, dataX, dataY, pixelX, pixelY, rounded, shown } from "./numbers";

interface Props {
  reply: Reply;
  picture: Picture;
  hidden: boolean;
  onStart(start: number[], settled: boolean): void;
  onRate(lr: number, settled: boolean): void;
  onZoom(factor: number, at: number[]): void;
}

type Grip = "ball" | "tip";

export function Stage({ reply, picture, hidden, onStart, onRate, onZoom }: Props) {
  const host = useRef<HTMLDivElement>(null);
  const held = useRef<{ grip: Grip; settle: () => void } | null>(null);
  const { frame, x, y } = picture, run = reply.answer!.runs[0], two = run.iterates[0].length === 2;
  const place = (k: number): [number, number] => {
    const at = run.iterates[k], height = two ? at[1] : run.losses[k] ?? NaN;
    return [pixelX(frame, x, at[0]), pixelY(frame, y, height)];
  };
  const inside = ([px, py]: [number, number]) => px >= frame[0] - 1 && px <= frame[2] + 1 && py >= frame[1] - 1 && py <= frame[3] + 1;
  const ball = place(0), tip: [number, number] | null = run.iterates.length > 1 && !hidden ? place(1) : null;

  const drag = (grip: Grip, event: PointerEvent, settled: boolean) => {
    const box = host.current!.getBoundingClientRect();
    const px = clamp(event.clientX - box.left, frame[0], frame[2]), py = clamp(event.clientY - box.top, frame[1], frame[3]);
    const wide = (x.high - x.low) / (frame[2] - frame[0]), high = (y.high - y.low) / (frame[3] - frame[1]);
    const at = [rounded(dataX(frame, x, px), wide), ...(two ? [rounded(dataY(frame, y, py), high)] : [])];
    if (grip === "ball") return onStart(at, settled);
    // The first step is the learning rate times something: along it, the tip says which.
    const from = run.iterates[0], step = run.iterates[1].map((to, i) => to - from[i]);
    const size = step.reduce((sum, s) => sum + s * s, 0);
    const factor = size > 0 ? step.reduce((sum, s, i) => sum + s * (at[i] - from[i]), 0) / size : 0;
    const lr = run.lr * factor;
    if (lr > 0) onRate(rounded(lr, run.lr * wide / Math.sqrt(size)), settled);
  };

  const grip = (name: Grip, at: [number, number], label: string, keys: (event: KeyboardEvent) => void) =>
    inside(at) && (
      <button type="button" class={"grip " + name} aria-label={label} style={`left:${at[0]}px;top:${at[1]}px;--look:var(--${hidden ? "ink" : reply.color})`}
        onPointerDown={(event) => {
          (event.currentTarget as HTMLElement).setPointerCapture(event.pointerId);
          held.current = { grip: name, settle: () => {} };
        }}
        onPointerMove={(event) => {
          if (held.current?.grip !== name) return;
          drag(name, event, false);
          held.current.settle = () => drag(name, event, true);
        }}
        onPointerUp={() => { held.current?.settle(); held.current = null; }}
        onPointerCancel={() => { held.current = null; }}
        onKeyDown={keys} />
    );

  const startKeys = (event: KeyboardEvent) => {
    const wide = (x.high - x.low) / 200, high = (y.high - y.low) / 200, from = run.iterates[0];
    const by: Record<string, [number, number]> = { ArrowLeft: [-wide, 0], ArrowRight: [wide, 0], ArrowUp: [0, high], ArrowDown: [0, -high] };
    const d = by[event.key];
    if (!d || (!two && d[0] === 0)) return;
    event.preventDefault();
    onStart(from.map((v, i) => rounded(v + d[i], i === 0 ? wide : high)), true);
  };
  const rateKeys = (event: KeyboardEvent) => {
    const factor = { ArrowRight: 1.01, ArrowUp: 1.01, ArrowLeft: 1 / 1.01, ArrowDown: 1 / 1.01 }[event.key];
    if (!factor) return;
    event.preventDefault();
    onRate(Number((run.lr * factor).toPrecision(4)), true);
  };

  return (
    <div class="stage" ref={host}
      onWheel={(event) => {
        if (!event.ctrlKey && !event.altKey) return;  // the page scrolls, unless zoom is meant
        event.preventDefault();
        const box = host.current!.getBoundingClientRect();
        onZoom(event.deltaY > 0 ? 1.15 : 1 / 1.15, [dataX(frame, x, event.clientX - box.left), dataY(frame, y, event.clientY - box.top)]);
      }}>
      <div class="drawn" dangerouslySetInnerHTML={{ __html: picture.svg }} />
      {grip("ball", ball, `start, ${reply.answer!.objective.variables.map((v, i) => `${v} = ${shown(run.iterates[0][i])}`).join(", ")}: drag, or arrow keys`, startKeys)}
      {tip && grip("tip", tip, `end of the first step, learning rate ${shown(run.lr)}: drag, or arrow keys`, rateKeys)}
    </div>
  );
}
