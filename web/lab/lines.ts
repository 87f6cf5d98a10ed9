// Lines over the steps of a training.
import type { Series } from "./network_words";

export const color = (name: string) => getComputedStyle(document.documentElement).getPropertyValue("--" + name).trim() || "#888";

/// Lines over the steps, on a logarithmic scale.
export function lines(canvas: HTMLCanvasElement, width: number, height: number, all: { series: Series; look: string; dashed?: boolean }[]): void {
  const ratio = devicePixelRatio || 1, c = canvas.getContext("2d")!;
  canvas.width = width * ratio, canvas.height = height * ratio;
  c.scale(ratio, ratio);
  c.fillStyle = color("panel");
  c.fillRect(0, 0, width, height);
  const values = all.flatMap((l) => l.series).filter((v): v is number => v !== null && v > 0).map(Math.log10);
  if (!values.length) return;
  const low = Math.min(...values) - 0.1, high = Math.max(...values) + 0.1, steps = Math.max(20, ...all.map((l) => l.series.length - 1));
  const y = (v: number) => 6 + (height - 12) * (1 - (Math.log10(v) - low) / (high - low));
  c.font = "11px system-ui, sans-serif", c.fillStyle = color("muted");
  const apart = Math.ceil((high - low) * 15 / height), within = high - low > 1.5 ? [1] : [1, 2, 5];  // decades: no two labels over each other
  for (let d = apart * Math.floor(low / apart); d <= high; d += apart)
    for (const value of within.map((v) => v * 10 ** d))
      if (Math.log10(value) >= low && Math.log10(value) <= high) c.fillText(String(Number(value.toPrecision(3))), 4, y(value) - 2), c.fillRect(0, y(value), width, 0.5);
  for (const { series, look, dashed } of all) {
    c.strokeStyle = color(look), c.lineWidth = 2, c.setLineDash(dashed ? [6, 4] : []);
    c.beginPath();
    let on = false;
    series.forEach((v, i) => { if (v === null || !(v > 0)) return void (on = false); const x = (i / steps) * (width - 2) + 1; on ? c.lineTo(x, y(v)) : c.moveTo(x, y(v)); on = true; });
    c.stroke();
  }
}
