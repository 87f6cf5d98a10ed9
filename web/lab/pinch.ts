// Two fingers on a picture: what was between them stays between them.
import { useEffect, useRef, useState } from "preact/hooks";

type Point = [number, number];
export interface Pinch { scale: number; from: Point; to: Point }  // the middle of both fingers, then and now; 0 to 1 rightwards and upwards

/// The part of [0, 1] that is shown after it, of each axis: [low, high, low, high].
export const pinched = ({ scale, from, to }: Pinch): number[] => [0, 1].flatMap((axis) => [0, 1].map((end) => from[axis] + (end - to[axis]) / scale));

/// Follows two fingers on `target`; one finger, or a mouse, is left to others. `begin` is called with the second finger, `done` where one
/// is lifted; in between, the answer is how far they are.
export function usePinch(target: preact.RefObject<HTMLElement | null>, begin: () => void, done: (pinch: Pinch) => void): Pinch | null {
  const [pinch, set] = useState<Pinch | null>(null), calls = useRef({ begin, done });
  calls.current = { begin, done };
  useEffect(() => {
    const element = target.current!;
    let first: { middle: Point; apart: number } | null = null, now: Pinch | null = null;
    const look = (touches: TouchList) => {
      const box = element.getBoundingClientRect(), [a, b] = [touches[0], touches[1]];
      const middle: Point = [((a.clientX + b.clientX) / 2 - box.left) / box.width, 1 - ((a.clientY + b.clientY) / 2 - box.top) / box.height];
      return { middle, apart: Math.max(20, Math.hypot(a.clientX - b.clientX, a.clientY - b.clientY)) };
    };
    const put = (to: Pinch | null) => { now = to; set(to); };
    const start = (event: TouchEvent) => {
      if (event.touches.length !== 2) return;
      event.preventDefault();
      first = look(event.touches);
      calls.current.begin();
    };
    const move = (event: TouchEvent) => {
      if (!first || event.touches.length !== 2) return;
      event.preventDefault();
      const { middle, apart } = look(event.touches);
      put({ scale: Math.min(50, Math.max(0.05, apart / first.apart)), from: first.middle, to: middle });
    };
    const end = () => {
      const last = now;
      first = null, put(null);
      if (last) calls.current.done(last);
    };
    const cancel = () => { first = null, put(null); };
    element.addEventListener("touchstart", start, { passive: false });
    element.addEventListener("touchmove", move, { passive: false });
    element.addEventListener("touchend", end);
    element.addEventListener("touchcancel", cancel);
    return () => {
      element.removeEventListener("touchstart", start), element.removeEventListener("touchmove", move);
      element.removeEventListener("touchend", end), element.removeEventListener("touchcancel", cancel);
    };
  }, []);
  return pinch;
}
