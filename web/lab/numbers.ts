// Numbers as the page writes them, and places on an engine's scale.
import type { Axis, Frame } from "./engine";

/// At most six digits, as the engine writes numbers for people.
export function text(value: number | null | undefined): string {
  if (value === null || value === undefined) return "–";
  return String(Number(value.toPrecision(6)));
}

/// With a true minus sign, for reading.
export const shown = (value: number | null | undefined): string => text(value).replace("-", "−");

/// 0 at the low end of a scale, 1 at the high one.
export function position(axis: Axis, value: number): number {
  return ((axis.log ? Math.log10(value) : value) - axis.low) / (axis.high - axis.low);
}
export function valueAt(axis: Axis, position: number): number {
  const at = axis.low + position * (axis.high - axis.low);
  return axis.log ? 10 ** at : at;
}

export const pixelX = (frame: Frame, axis: Axis, value: number) => frame[0] + position(axis, value) * (frame[2] - frame[0]);
export const pixelY = (frame: Frame, axis: Axis, value: number) => frame[3] - position(axis, value) * (frame[3] - frame[1]);
export const dataX = (frame: Frame, axis: Axis, x: number) => valueAt(axis, (x - frame[0]) / (frame[2] - frame[0]));
export const dataY = (frame: Frame, axis: Axis, y: number) => valueAt(axis, (frame[3] - y) / (frame[3] - frame[1]));

/// As few digits as tell one pixel from the next, given what one pixel is worth there.
export function rounded(value: number, pixel: number): number {
  const digits = Math.floor(Math.log10(Math.abs(pixel) || 1e-12));
  const step = 10 ** digits;
  return Number((Math.round(value / step) * step).toPrecision(12));
}

export const clamp = (value: number, low: number, high: number) => Math.min(high, Math.max(low, value));

/// A sentence whose formulas are not broken at an operator.
export const unbroken = (sentence: string) => sentence.replace(/ ([-+x/=]) (?=[-\d.])/g, "\u00a0$1\u00a0");
