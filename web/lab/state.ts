// What the page shows, and the address that says it: the program's option names.
import { longest } from "./address";
import { text } from "./numbers";

export type Tab = "loss" | "cobweb" | "map" | "bifurcation" | "steps";
export const tabs: Tab[] = ["loss", "cobweb", "map", "bifurcation", "steps"];

export interface State {
  expression: string;
  from: string;
  lr: number[];  // the chips
  pick: number;  // the rate that is shown
  optimizer: string;
  settings: Record<string, string>;  // as typed; of a switch "true"
  steps: number;
  observed: string;
  tab: Tab;
  y: string;  // what the map moves upwards: "start", a hyperparameter; "starts": both axes are starts
  area: number[] | null;  // the part that the map shows, [low, high, low, high]
  view: number[] | null;  // the part of the plane that is shown; null: what suits the start
  plain: boolean;
  predict: boolean;
  embed: boolean;
  projector: boolean;
}

export const article: State = {
  expression: "x^2", from: "-1", lr: [0.8, 1, 1.2], pick: 1.2, optimizer: "gd", settings: {}, steps: 3, observed: "", tab: "loss", y: "start", area: null,
  view: null, plain: false, predict: false, embed: false, projector: false,
};

export const mostSteps = 60;
const flags = ["plain", "predict", "embed", "projector"] as const;

/// A range of the address that is not ours is left out, and said.
export interface Read { state: State; complaint: string }

function numbers(value: string): number[] | null {
  const list = value.split(",").map((part) => (part.trim() === "" ? NaN : Number(part)));
  return list.length > 0 && list.every(Number.isFinite) ? list : null;
}

/// Reads the part of an address behind "#". `settings`: the names of hyperparameters, with underscores.
export function read(hash: string, settings: string[]): Read {
  const state: State = { ...article, settings: {} };
  const wrong: string[] = [];
  const bare = hash.replace(/^#/, "");
  if (bare.length > longest) return { state, complaint: "The address is too long to be one of this page. Here is its first example." };
  let given: [string, string][] = [];
  try {
    given = bare === "" ? [] : bare.split("&").map((part) => {
      const at = part.indexOf("=");
      const decode = (t: string) => decodeURIComponent(t.replace(/\+/g, "%2B"));
      return at < 0 ? [decode(part), ""] : [decode(part.slice(0, at)), decode(part.slice(at + 1))];
    });
  } catch {
    return { state, complaint: "The address cannot be read. Here is the page's first example." };
  }
  let picked = false;
  for (const [name, value] of given) {
    const list = numbers(value), positive = list !== null && list.every((x) => x > 0);
    const flag = flags.find((f) => f === name);
    if (name === "f") state.expression = value;
    else if (name === "from") state.from = value;
    else if (name === "lr" && positive) state.lr = list.slice(0, 12);
    else if (name === "pick" && positive) state.pick = list[0], picked = true;
    else if (name === "optimizer") state.optimizer = value;
    else if (name === "steps" && list && list[0] >= 0) state.steps = Math.min(mostSteps, Math.round(list[0]));
    else if (name === "observed") state.observed = value;
    else if (name === "tab" && (tabs as string[]).includes(value)) state.tab = value as Tab;
    else if (name === "y" && (value === "start" || value === "starts" || settings.includes(value.replace(/-/g, "_")))) state.y = value.replace(/-/g, "_");
    else if (name === "view" && list?.length === 4) state.view = list;
    else if (name === "area" && list?.length === 4 && list[0] < list[1] && list[2] < list[3]) state.area = list;
    else if (flag) state[flag] = value !== "0";
    else if (settings.includes(name.replace(/-/g, "_"))) state.settings[name.replace(/-/g, "_")] = value === "" ? "true" : value;
    else wrong.push(name.slice(0, 40) + (value ? "=" + value.slice(0, 40) : ""));
  }
  if (!picked) state.pick = state.lr[state.lr.length - 1];
  if (given.some(([name]) => name === "momentum") && !given.some(([name]) => name === "optimizer")) state.optimizer = "sgd";
  const complaint = wrong.length ? `Not understood in the address, and left out: ${wrong.slice(0, 3).join(", ")}.` : "";
  return { state, complaint };
}

/// Only what differs from the first example, so that addresses stay short; the function is always named.
export function write(state: State): string {
  const parts: [string, string][] = [["f", state.expression], ["from", state.from], ["lr", state.lr.map(text).join(",")]];
  if (state.pick !== state.lr[state.lr.length - 1]) parts.push(["pick", text(state.pick)]);
  if (state.optimizer !== "gd") parts.push(["optimizer", state.optimizer]);
  for (const [name, value] of Object.entries(state.settings)) parts.push([name.replace(/_/g, "-"), value]);
  if (state.steps !== article.steps) parts.push(["steps", String(state.steps)]);
  if (state.observed) parts.push(["observed", state.observed]);
  if (state.tab !== article.tab) parts.push(["tab", state.tab]);
  if (state.y !== article.y) parts.push(["y", state.y.replace(/_/g, "-")]);
  if (state.area) parts.push(["area", state.area.map(text).join(",")]);
  if (state.view) parts.push(["view", state.view.map(text).join(",")]);
  for (const flag of flags) if (state[flag]) parts.push([flag, "1"]);
  const encode = (t: string) => encodeURIComponent(t).replace(/%2C/g, ",").replace(/%5E/g, "^").replace(/%20/g, "%20").replace(/%3D/g, "=");
  return "#" + parts.map(([name, value]) => name + "=" + encode(value)).join("&");
}

const plainWord = /^[\w.,=:+-]+$/;
const quoted = (word: string) => (plainWord.test(word) ? word : "'" + word.replace(/'/g, "'\\''") + "'");

/// The line that makes the program answer the same.
export function command(state: State): string {
  const words = ["etamax", "explain", quoted(state.expression), "--from", quoted(state.from.replace(/\s+/g, "")), "--lr", text(state.pick)];
  if (state.optimizer !== "gd") words.push("--optimizer", quoted(state.optimizer));
  for (const [name, value] of Object.entries(state.settings))
    if (value === "true") words.push("--" + name.replace(/_/g, "-"));
    else words.push("--" + name.replace(/_/g, "-"), quoted(value));
  if (state.steps !== 3) words.push("--steps", String(state.steps));
  if (state.observed) words.push("--observed", quoted(state.observed.replace(/\s+/g, "")));
  return words.join(" ");
}

/// The engine's options of a state.
export function options(state: State): Record<string, string | boolean> {
  const given: Record<string, string | boolean> = {
    expression: state.expression, from: state.from, lr: String(state.pick), steps: String(state.steps), optimizer: state.optimizer,
  };
  for (const [name, value] of Object.entries(state.settings)) given[name] = value === "true" ? true : value;
  return given;
}
