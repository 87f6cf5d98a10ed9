// What the page says of a network's run: where its rate began, whether it has crossed the edge, and the same in plain words.
import type { RulerPicture } from "./engine";
import { shown } from "./numbers";

interface Range { lower: number | null; upper: number | null }
export interface Edge { error?: { message: string }; parameters: number; lambda_max: Range; lr_edge: Range; formula: string; reason: string; layers: { name: string; share: number }[]; ruler?: RulerPicture | null }
export type Series = (number | null)[];
export interface Told { error?: { message: string }; step: number; losses: Series; sharpness: Series; edge: Series; critical: Series; layers: { name: string; share: number; growth: number | null }[]; outputs?: (number | null)[]; reach: number; lost: { step: number; reason: string } | null; points?: [number, number, number][] }
/// Of a run so far: number k of each series is after k steps.
export interface Course { step: number; losses: Series; sharpness: Series; critical: Series; edge: Series; last: Told; points: [number, number, number][] }

export type Begins = "below" | "above" | "at" | "unknown";

/// Where a rate stands to the certified edge before training.
export function begins(edge: Edge | null, lr: number): Begins {
  const { lower, upper } = edge?.lr_edge ?? { lower: null, upper: null };
  return lower === null || upper === null ? "unknown" : lr < lower ? "below" : lr > upper ? "above" : "at";
}

/// The step after which the rate was first on the other side of the edge than where it began; null: it has not been, so far.
export function crossing(course: Course, lr: number, from: Begins): number | null {
  const at = course.edge.findIndex((edge, step) => step > 0 && edge !== null && (from === "above" ? lr < edge : lr > edge));
  return at < 0 ? null : at;
}

/// Whether the rate is above the edge now, as far as it is known: the last look, or else the beginning.
export function aboveNow(course: Course | null, lr: number, from: Begins): boolean {
  const known = course?.edge.filter((edge): edge is number => edge !== null) ?? [];
  return known.length > 0 ? lr > known[known.length - 1] : from === "above";
}

/// What stands behind "Learning rate 0.3".
export function headline(course: Course | null, lr: number, from: Begins): string {
  if (course?.last.lost) return "blew up";
  const at = course ? crossing(course, lr, from) : null;
  const words = { below: "below the edge", above: "above the edge", at: "at the edge", unknown: "" }[from];
  if (at === null) return words ? "begins " + words : "has no known edge so far";
  if (from === "above") return `began above the edge, came below it after step ${at}`;
  return words ? `began ${words}, ${from === "at" ? "was above it" : "crossed it"} after step ${at}` : `was above the edge after step ${at}`;
}

const short = (x: number) => shown(Number(x.toPrecision(3)));
const latest = (series: Series) => [...series].reverse().find((v): v is number => v !== null) ?? null;

/// The run for somebody who has not met these words.
export function plainWords(edge: Edge, course: Course | null, lr: number, optimizer: string, points: number): string[] {
  const from = begins(edge, lr), plainDescent = optimizer === "gd", rate = shown(lr);
  const said = [
    `The network is a formula with ${edge.parameters} numbers in it, its weights. It says of every place in the square which label that place has; the ${points > 0 ? points + " " : ""}points are the examples that it should get right. The loss says how wrong it is about them, and each step of training changes all the weights a little, the way in which the loss falls. The learning rate, ${rate}, says how far.`,
    plainDescent
      ? `Think of the loss as a valley. Its walls bend most in one direction, and how much they bend there is the sharpness. A step that is too long for such walls lands on the other one, higher than it stood, and the next one higher still. Too long is every learning rate above 2 divided by the sharpness: that is the stability edge.`
      : `Think of the loss as a valley whose walls bend most in one direction: that is the sharpness. A step that is too long for such walls lands on the other one, higher than it stood. ${optimizer} makes the step of each weight smaller where its slopes have been large, so its limit, the stability edge, changes with what it has seen.`,
  ];
  if (from === "below") said.push(`Where training begins, ${rate} is below the edge: there, the steps are not too long.`);
  else if (from === "above") said.push(`Where training begins, ${rate} is above the edge: there, the steps are too long in the sharpest direction. That need not be the end: thrown out of a narrow valley, a run may find a wider one.`);
  else if (from === "at") said.push(`Where training begins, ${rate} is within what is known of the edge: which side it is on cannot be said.`);
  else said.push("Where training begins there is no edge to compare with yet.");
  if (!course) return said;
  const sharp = latest(course.sharpness), at = crossing(course, lr, from), loss = latest(course.losses), first = course.losses[0];
  if (course.last.lost) said.push(`This run blew up: in step ${course.last.lost.step} the loss was so large that there was no sense in going on. A smaller rate is the first thing to try.`);
  else if (course.step > 0 && loss !== null && first !== null)
    said.push(`After ${course.step === 1 ? "1 step" : course.step + " steps"} the loss has gone from ${short(first)} to ${short(loss)}${sharp === null ? "" : `, and the sharpness is ${short(sharp)}`}.`);
  if (at !== null && from !== "above") said.push(`While the network learns the valley changes: after step ${at} the rate was above the edge, which it had not been seen to be before.${course.last.lost ? "" : " A run can go on like that for long: its loss then goes up and down on the way."}`);
  if (at !== null && from === "above") said.push(`After step ${at} the walls bent so little that the rate was below the edge.`);
  return said;
}
