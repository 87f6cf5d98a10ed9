import { useLayoutEffect, useRef, useState } from "preact/hooks";

/// The width of an element, as it changes.
export function useWidth(): [preact.RefObject<HTMLDivElement | null>, number] {
  const host = useRef<HTMLDivElement>(null);
  const [width, set] = useState(0);
  useLayoutEffect(() => {
    const measure = () => set(Math.floor(host.current!.clientWidth));
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(host.current!);
    return () => observer.disconnect();
  }, []);
  return [host, width];
}
