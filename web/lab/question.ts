// What the page asks the engine for one state of it.
import { ask, type Reply } from "./engine";
import { options, type State } from "./state";

export interface Room { stage: [width: number, height: number]; side: [width: number, height: number] }

/// What must not move while something is dragged: the ruler, which reaches to the rate from before, and the view.
export interface Held { pick: number; view: number[] | null }

const reach = (state: State, pick: number) => {
  const all = [...state.lr, pick];
  return [Math.min(...all) / 2.5, Math.max(...all) * 1.6];
};

/// Observed iterates are those behind the start; who writes the start down as well means the same.
function withoutStart(state: State): string {
  const list = state.observed.split(","), start = Number(state.from);
  return list.length > 1 && Number.isFinite(start) && Number(list[0]) === start ? list.slice(1).join(",") : state.observed;
}

/// `hidden`: no step is shown. Where only the observed numbers are wrong, the rest is answered all the same.
export function replyTo(state: State, room: Room, held: Held, hidden: boolean): Reply {
  const given = { ...options(state), ...(hidden ? { steps: "0" } : {}) };
  const question = {
    verb: "explain", options: given, answer: true, next: true, plain: state.plain,
    scene: { width: room.stage[0], height: room.stage[1], view: state.view ?? held.view, named: !hidden },
    side: { picture: state.tab === "cobweb" ? "cobweb" : "loss", width: Math.max(280, room.side[0]), height: room.side[1] },
    ruler: { width: Math.max(300, room.stage[0]), reach: reach(state, held.pick), below: 26 },
  };
  if (!state.observed.trim()) return ask(question);
  const whole = ask({ ...question, options: { ...given, observed: withoutStart(state) } });
  return whole.error?.field === "observed" ? { ...ask(question), error: whole.error } : whole;
}
