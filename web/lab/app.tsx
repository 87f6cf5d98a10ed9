// The page: its state, and who asks the engine what. Every change asks anew; an answer takes a few milliseconds.
import { render } from "preact";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { show } from "./address";
import { about as askAbout, loadEngine, type About, type Reply } from "./engine";
import { shown, text } from "./numbers";
import { FateMapTab } from "./map";
import { BifurcationTab } from "./bifurcation";
import { copyPicture } from "./picture";
import { replyTo, type Held, type Room } from "./question";
import { RulerSlider } from "./ruler";
import { FunctionField, Observed, OptimizerField, StartField } from "./setup";
import { Stage } from "./stage";
import { command, mostSteps, read, write, type State, type Tab } from "./state";
import { Steps } from "./steps";
import { isNetwork, NetworkPage } from "./network";
import { isTrainings, TrainingsPage } from "./trainings";
import { systemTheme, ThemeButton, useTheme, wear, type ThemeProps } from "./theme";
import { Verdict } from "./verdict";
import { useWidth } from "./width";

interface AppProps extends ThemeProps { about: About; first: State; complaint: string }

function App({ about, first, complaint, theme, setTheme }: AppProps) {
  const settingNames = useMemo(() => about.optimizers.flatMap((o) => o.settings.map((s) => s.name)), [about]);
  const [state, set] = useState(first);
  const [note, setNote] = useState(complaint);
  const [said, say] = useState<string | null>(null);
  const [playing, play] = useState(false);
  const [copied, setCopied] = useState("");
  const [held, hold] = useState<Held>({ pick: first.pick, view: null });
  const [stageHost, stageWidth] = useWidth();
  const [sideHost, sideWidth] = useWidth();
  const shownView = useRef<number[] | null>(null);
  const latest = useRef(state);
  latest.current = state;

  /// Not settled: something is being dragged, or typed; what is dragged keeps the view.
  const change = (part: Partial<State>, settled: boolean, keeps = !settled) => {
    const next = { ...latest.current, ...part };
    latest.current = next;
    set(next);
    setNote("");
    if ("pick" in part || "expression" in part || "from" in part) say(null);
    hold((was) => ({ pick: settled ? next.pick : was.pick, view: keeps ? was.view ?? shownView.current : null }));
    show(write(next), settled);
  };
  useEffect(() => {
    const back = () => {
      if (pageOf(location.hash) !== "function") return;
      const { state: there, complaint: wrong } = read(location.hash, settingNames);
      latest.current = there;
      set(there), hold({ pick: there.pick, view: null }), setNote(wrong), play(false), say(null);
    };
    addEventListener("popstate", back);
    return () => removeEventListener("popstate", back);
  }, []);

  const narrow = stageWidth < 560;
  const hidden = state.predict && said === null;
  const room: Room = { stage: [stageWidth, narrow ? 250 : 396], side: [sideWidth, narrow ? 270 : 410] };
  const reply = useMemo<Reply>(() => (stageWidth < 50 ? {} : replyTo(state, room, held, hidden)),
    [state, stageWidth, sideWidth, held, hidden]);
  const good = useRef<Reply>(reply);
  if (reply.scene !== undefined || (reply.answer && !reply.error)) good.current = reply;
  shownView.current = good.current.view ?? null;
  const last = good.current, run = last.answer?.runs[0];

  useEffect(() => {  // one step at a time, until there is nothing more to see
    if (!playing) return;
    const timer = setTimeout(() => {
      const now = latest.current;
      if (now.steps >= mostSteps || (run && run.iterates.length <= now.steps)) return play(false), change({}, true);
      change({ steps: now.steps + 1 }, false);
    }, 450);
    return () => clearTimeout(timer);
  }, [playing, state.steps]);

  const copy = async (what: string, words: string) => {
    try {
      await navigator.clipboard.writeText(words);
      setCopied(what + " copied");
    } catch {
      setCopied(words);  // no permission: it can be marked and copied by hand
    }
    setTimeout(() => setCopied(""), 6000);
  };
  const take = async (host: preact.RefObject<HTMLElement | null>) => {
    setCopied(await copyPicture(host.current!).catch((error) => "No picture: " + error.message));
    setTimeout(() => setCopied(""), 6000);
  };
  const setup = { state, about, fault: reply.error, reply: last, change: (part: Partial<State>, settled: boolean) => change(part, settled, false) };
  const oneVariable = last.answer?.objective.variables.length === 1;
  const shownTabs: [Tab, string][] = [["loss", "Loss"], ...(oneVariable ? [["cobweb", "Cobweb"] as [Tab, string]] : []), ["map", "Map"], ["bifurcation", "Bifurcation"], ["steps", "Steps"]];
  const tab = shownTabs.some(([name]) => name === state.tab) ? state.tab : "loss";

  return (
    <div class={"page" + (state.projector ? " projector" : "") + (state.embed ? " embed" : "")}>
      <header>
        {!state.embed && <h1>etamax <span>lab</span></h1>}
        <FunctionField {...setup} />
        <StartField {...setup} />
        <OptimizerField {...setup} />
        {!state.embed && (
          <div class="tools">
            <a class="other" href="#data=plane:moons&lr=0.3">A network</a>
            <button type="button" onClick={() => copy("Command", command(state))} aria-label="Copy as command"><span class="long">Copy as command</span><span class="short">Command</span></button>
            <button type="button" onClick={() => copy("Link", location.href.split("#")[0] + write(state))} aria-label="Copy link"><span class="long">Copy link</span><span class="short">Link</span></button>
            <ThemeButton theme={theme} setTheme={setTheme} />
          </div>
        )}
      </header>
      {copied && <p class="note" role="status">{copied}</p>}
      {note && <p class="note" role="status">{note}</p>}
      {reply.error && !["expression", "start", "observed", "observed_lr"].includes(reply.error.field ?? "") && <p class="note fault" role="alert">{reply.error.message}</p>}
      <main>
        {!run && reply.error && <p class="note">There is no run to show until what stands above can be read.</p>}
        {run && <Verdict reply={last} stale={!!reply.error && !reply.answer} plain={state.plain} hidden={hidden} said={said}
          onPlain={() => change({ plain: !state.plain }, true)} onPredict={say} />}
        <div class="columns">
          <section class="left" aria-label="the run">
            <div ref={stageHost} class="host">
              {last.scene && <Stage reply={last} picture={last.scene} hidden={hidden}
                onStart={(start, settled) => change({ from: start.map(text).join(","), view: null }, settled)}
                onRate={(lr, settled) => change({ pick: lr }, settled)}
                onZoom={(factor, at) => change({ view: last.view!.map((v, i) => at[i >> 1] + (v - at[i >> 1]) * factor) }, true)} />}
              {last.answer && !last.scene && <p class="note">{last.answer.objective.variables.length > 2 ? `A picture is drawn of functions of one or two variables; this one has ${last.answer.objective.variables.length}.` : "There is nothing to draw: around here the function has no values that are numbers of this machine."}</p>}
            </div>
            {run && last.ruler && <RulerSlider picture={last.ruler} lr={state.pick} chips={state.lr} verdict={run.verdict} color={last.color!} hidden={hidden}
              onChange={(lr, settled) => change({ pick: lr }, settled)} />}
            {run && !last.ruler && <label class="rate">learning rate <input type="number" min="0" step="any" value={state.pick}
              onInput={(event) => event.currentTarget.valueAsNumber > 0 && change({ pick: event.currentTarget.valueAsNumber }, true)} /></label>}
            {run && (
              <div class="controls">
                <div class="group" role="group" aria-label="steps">
                  <button type="button" aria-label="back to the start" disabled={state.steps === 0} onClick={() => { play(false); change({ steps: 0 }, true); }}>|◀︎</button>
                  <button type="button" aria-label="one step back" disabled={state.steps === 0} onClick={() => { play(false); change({ steps: state.steps - 1 }, true); }}>◀︎</button>
                  <span class="count">{state.steps} {state.steps === 1 ? "step" : "steps"}</span>
                  <button type="button" aria-label="one step on" disabled={state.steps >= mostSteps || hidden} onClick={() => { play(false); change({ steps: state.steps + 1 }, true); }}>▶︎</button>
                  <button type="button" aria-pressed={playing} disabled={hidden} onClick={() => { if (!playing && state.steps >= mostSteps) change({ steps: 0 }, false); if (playing) change({}, true); play(!playing); }}>{playing ? "Pause" : "Play"}</button>
                </div>
                {last.scene && !state.embed && <button type="button" aria-label="Copy picture of the run" onClick={() => take(stageHost)}>Copy picture</button>}
                <div class="group chips" role="group" aria-label="learning rates">
                  {state.lr.map((lr) => <button type="button" class="chip" aria-pressed={lr === state.pick} onClick={() => change({ pick: lr }, true)}>lr {shown(lr)}</button>)}
                  {last.ruler?.marks.filter((m) => m.name === "stability edge" && !state.lr.some((lr) => Math.abs(lr / m.lr - 1) < 1e-9)).map((m) =>
                    <button type="button" class="chip" onClick={() => change({ pick: Number(m.lr.toPrecision(6)) }, true)}>edge {shown(m.lr)}</button>)}
                </div>
              </div>
            )}
          </section>
          <section class="right" aria-label="more of the run">
            <div class="tabs" role="tablist" aria-label="pictures">
              {shownTabs.map(([name, words]) => (
                <button type="button" role="tab" id={"tab-" + name} aria-selected={tab === name} aria-controls="panel" tabIndex={tab === name ? 0 : -1}
                  onClick={() => change({ tab: name }, true)}
                  onKeyDown={(event) => {
                    const by = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
                    if (!by) return;
                    const to = shownTabs[(shownTabs.findIndex(([n]) => n === tab) + by + shownTabs.length) % shownTabs.length][0];
                    change({ tab: to }, true);
                    requestAnimationFrame(() => document.getElementById("tab-" + to)?.focus());
                  }}>{words}</button>
              ))}
            </div>
            <div id="panel" role="tabpanel" aria-labelledby={"tab-" + tab} class="host" ref={sideHost}>
              {hidden ? <p class="note">First the prediction.</p>
                : tab === "steps" && run ? <Steps reply={last} />
                  : tab === "map" && run && last.view ? <FateMapTab state={state} about={about} reply={last} width={room.side[0]} height={room.side[1]} theme={theme}
                    change={(part, settled) => change(part, settled)} />
                  : tab === "bifurcation" && run && last.view ? <BifurcationTab state={state} reply={last} width={room.side[0]} height={room.side[1]} theme={theme}
                    onRate={(lr, settled) => change({ pick: lr }, settled)} />
                  : last.side ? <div class="drawn" dangerouslySetInnerHTML={{ __html: last.side.svg }} />
                    : run && tab === "cobweb" && <p class="note">A cobweb needs a rule in which each place leads to one next place: gradient descent without memory.</p>}
            </div>
            {!hidden && run && !state.embed && (tab === "map" || tab === "bifurcation" || last.side) && tab !== "steps" &&
              <div class="take"><button type="button" aria-label="Copy picture of the tab" onClick={() => take(sideHost)}>Copy picture</button></div>}
            <Observed {...setup} />
            {last.formulas && (
              <div class="formulas under">
                <span class="what">slope</span> {last.formulas.gradient.map((f) => <span dangerouslySetInnerHTML={{ __html: f }} />)}
                <span class="what">one step</span> {last.formulas.update.map((f) => <span dangerouslySetInnerHTML={{ __html: f }} />)}
              </div>
            )}
            {last.formulas && last.formulas.rule.length > 1 && (
              <div class="formulas under rule" tabIndex={0} role="group" aria-label="the optimizer's step by name">
                <span class="what">{last.answer?.optimizer.name as string}, by name</span> {last.formulas.rule.map((f) => <span dangerouslySetInnerHTML={{ __html: f }} />)}
              </div>
            )}
          </section>
        </div>
      </main>
    </div>
  );
}

const pageOf = (hash: string) => (isTrainings(hash) ? "trainings" : isNetwork(hash) ? "network" : "function");

/// A page that holds this one in a frame is told how high it is.
function tellHeight(host: HTMLElement): void {
  if (parent === window) return;
  new ResizeObserver(() => parent.postMessage({ height: Math.ceil(host.getBoundingClientRect().height) }, "*")).observe(host);
}

/// A function, a network, or a map of trainings: the address says which.
function Lab({ about }: { about: About }) {
  const [page, set] = useState(pageOf(location.hash));
  const [theme, setTheme] = useTheme(), colors = { theme, setTheme };
  useEffect(() => {
    const look = () => set(pageOf(location.hash));
    addEventListener("popstate", look);
    return () => removeEventListener("popstate", look);
  }, []);
  if (page === "network") return <NetworkPage {...colors} />;
  if (page === "trainings") return <TrainingsPage fates={about.fates} {...colors} />;
  const { state, complaint } = read(location.hash, about.optimizers.flatMap((o) => o.settings.map((s) => s.name)));
  return <App about={about} first={state} complaint={complaint} {...colors} />;
}

async function begin(): Promise<void> {
  const host = document.getElementById("lab")!;
  try {
    await loadEngine();
    const about = askAbout();
    const colors = document.createElement("style");
    colors.textContent = `:root{${about.theme.light}}:root[data-theme=dark]{${about.theme.dark}}`;
    document.head.append(colors);
    wear(systemTheme());
    host.textContent = "";
    render(<Lab about={about} />, host);
    tellHeight(host);
    performance.mark("first answer");
  } catch (error) {
    host.textContent = "The lab could not start here: " + (error instanceof Error ? error.message : String(error)) + ". It needs a browser of 2023 or newer.";
  }
}

begin();
