// The learning-rate ruler, which is the slider: the engine draws the bands and marks, the thumb is the rate.
import { useEffect, useRef } from "preact/hooks";
import type { RulerPicture } from "./engine";
import { clamp, pixelX, rounded, shown, text, valueAt } from "./numbers";

interface Props {
  picture: RulerPicture;
  lr: number;
  chips: number[];
  verdict: string;
  color: string;
  hidden: boolean;  // the class predicts: no bands
  onChange(lr: number, settled: boolean): void;
}

const near = 7;  // pixels within which the thumb snaps

export function RulerSlider({ picture, lr, chips, verdict, color, hidden, onChange }: Props) {
  const host = useRef<HTMLDivElement>(null);
  const last = useRef(lr), repeating = useRef(false), dragging = useRef(false);
  const { frame, x: axis } = picture;
  const low = valueAt(axis, 0), high = valueAt(axis, 1), length = frame[2] - frame[0];
  const stops = [...new Set([...chips, ...picture.marks.map((mark) => Number(mark.lr.toPrecision(6)))])].sort((a, b) => a - b);
  const at = clamp(pixelX(frame, axis, lr), frame[0], frame[2]);

  const rateAt = (event: PointerEvent) => {
    const x = event.clientX - host.current!.getBoundingClientRect().left;
    const stop = event.shiftKey ? undefined : stops.map((s) => ({ s, d: Math.abs(pixelX(frame, axis, s) - x) })).filter((o) => o.d <= near).sort((a, b) => a.d - b.d)[0];
    if (stop) return stop.s;
    const value = valueAt(axis, clamp((x - frame[0]) / length, 0, 1));
    return rounded(value, value * Math.LN10 * (axis.high - axis.low) / length);
  };
  const move = (event: PointerEvent, settled: boolean) => onChange((last.current = rateAt(event)), settled);

  useEffect(() => { last.current = lr; }, [lr]);

  const keys = (event: KeyboardEvent) => {
    let to: number | undefined;
    if (event.key === "ArrowRight" || event.key === "ArrowUp") to = lr * 1.01;
    else if (event.key === "ArrowLeft" || event.key === "ArrowDown") to = lr / 1.01;
    else if (event.key === "PageUp") to = lr * 1.1;
    else if (event.key === "PageDown") to = lr / 1.1;
    else if (event.key === "Home") to = low;
    else if (event.key === "End") to = high;
    else if (event.key === "]") to = stops.find((s) => s > lr * 1.000001);
    else if (event.key === "[") to = [...stops].reverse().find((s) => s < lr / 1.000001);
    if (to === undefined) return;
    event.preventDefault();
    repeating.current = event.repeat;  // a key that is held is a drag
    onChange((last.current = Number(clamp(to, low, high).toPrecision(4))), !event.repeat);
  };
  const settle = (held: { current: boolean }) => () => { if (held.current) held.current = false, onChange(last.current, true); };
  const released = settle(repeating), dropped = settle(dragging);

  return (
    <div class={"ruler" + (hidden ? " unseen" : "")} ref={host}
      onPointerDown={(event) => {
        if (event.button !== 0) return;
        host.current!.setPointerCapture(event.pointerId);
        dragging.current = true;
        (host.current!.querySelector(".thumb") as HTMLElement).focus({ preventScroll: true });
        move(event, false);
      }}
      onPointerMove={(event) => dragging.current && move(event, false)}
      onPointerUp={dropped} onPointerCancel={dropped}>
      <div class="drawn" aria-hidden={hidden} dangerouslySetInnerHTML={{ __html: picture.svg }} />
      {hidden && <div class="track" style={`left:${frame[0]}px;width:${length}px;top:${frame[1]}px;height:${frame[3] - frame[1]}px`} />}
      <div class="thumb" role="slider" tabIndex={0} aria-label="learning rate" aria-orientation="horizontal"
        aria-valuemin={Number(text(low))} aria-valuemax={Number(text(high))} aria-valuenow={Number(text(lr))}
        aria-valuetext={hidden ? `learning rate ${text(lr)}` : `learning rate ${text(lr)}, ${verdict}`}
        style={`left:${at}px;top:${frame[1]}px;height:${frame[3] - frame[1]}px;--look:var(--${hidden ? "ink" : color})`}
        onKeyDown={keys} onKeyUp={released} onBlur={released}>
        <span class="value" aria-hidden="true">{shown(lr)}</span>
      </div>
    </div>
  );
}
