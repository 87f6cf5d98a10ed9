// A small network on points in the plane: its edge before training, and its training, live, with the sharpness on the way.
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { show } from "./address";
import { askFor, compiled } from "./engine";
import { color, lines } from "./lines";
import { clamp, shown, text } from "./numbers";
import { aboveNow, begins, headline, plainWords, type Course, type Edge, type Series, type Told } from "./network_words";
import { copyPicture } from "./picture";
import { RulerSlider } from "./ruler";
import { ThemeButton, type ThemeProps } from "./theme";
import { useWidth } from "./width";

interface NetState { data: string; model: string; loss: string; lr: number; optimizer: string; plain: boolean }

const first: NetState = { data: "plane:moons", model: "mlp:2-8-1:tanh", loss: "mse", lr: 0.3, optimizer: "gd", plain: false };
const choices = {
  data: [["plane:moons", "moons"], ["plane:rings", "rings"], ["plane:xor", "xor"]],
  model: [["mlp:2-4-1:tanh", "4 tanh"], ["mlp:2-8-1:tanh", "8 tanh"], ["mlp:2-16-1:tanh", "16 tanh"], ["mlp:2-8-1:relu", "8 relu"], ["mlp:2-16-1:relu", "16 relu"]],
  loss: [["mse", "squared error"], ["bce", "logistic"]],
  optimizer: [["gd", "gd"], ["adam", "adam"]],
} as const;
const most = 600, atOnce = 3, grid = 40;

export const isNetwork = (hash: string) => /(^#|&)(data|model)=/.test(hash);

function read(hash: string): { state: NetState; wrong: string } {
  const state = { ...first }, wrong: string[] = [];
  for (const part of hash.replace(/^#/, "").slice(0, 2000).split("&")) {
    const at = part.indexOf("="), name = part.slice(0, at), value = part.slice(at + 1);
    if (name in choices) {
      if ((choices[name as keyof typeof choices] as readonly (readonly string[])[]).some(([v]) => v === value)) state[name as keyof typeof choices] = value;
      else wrong.push(part.slice(0, 60));
    } else if (name === "lr" && Number(value) > 0 && Number.isFinite(Number(value))) state.lr = Number(value);
    else if (name === "plain") state.plain = value !== "0";
    else wrong.push(part.slice(0, 60));
  }
  return { state, wrong: wrong.length ? `Not understood in the address, and left out: ${wrong.slice(0, 3).join(", ")}.` : "" };
}
const write = (s: NetState) => `#data=${s.data}&model=${s.model}&loss=${s.loss}&optimizer=${s.optimizer}&lr=${text(s.lr)}${s.plain ? "&plain=1" : ""}`;
const command = (s: NetState) => `etamax analyze --data ${s.data} --model ${s.model} --loss ${s.loss} --optimizer ${s.optimizer} --lr ${text(s.lr)} --dtype float64`;
const options = (s: NetState) => ({ data: s.data, model: s.model, loss: s.loss, optimizer: s.optimizer });

/// A worker that trains one network at a time.
class Trainer {
  private worker: Worker | undefined;
  private id = 0;
  private take: (told: Told) => void = () => {};
  begin(question: object, take: (told: Told) => void): void {
    if (!this.worker) {
      const code = (name: string) => document.getElementById(name)!.textContent!;
      this.worker = new Worker(URL.createObjectURL(new Blob([code("engine-js"), ";", code("map-worker")], { type: "text/javascript" })));
      this.worker.onmessage = ({ data }) => { if (data.begun && data.id === this.id) this.take(data.begun); };
      this.worker.postMessage({ module: compiled, id: 0 });
    }
    this.take = take;
    ++this.id;
    this.worker.postMessage({ begin: question, id: this.id });
  }
  on(count: number): void { this.worker?.postMessage({ begin: { verb: "step", count, grid }, id: this.id }); }
  stop(): void { ++this.id; }
}
const trainer = new Trainer();

function decision(canvas: HTMLCanvasElement, size: number, course: Course): void {
  const ratio = devicePixelRatio || 1, c = canvas.getContext("2d")!, cell = size / grid, reach = course.last.reach;
  canvas.width = canvas.height = size * ratio;
  c.scale(ratio, ratio);
  c.fillStyle = color("panel"), c.fillRect(0, 0, size, size);
  course.last.outputs?.forEach((v, k) => {
    if (v === null) return;
    c.globalAlpha = 0.12 + 0.5 * Math.abs(v - 127.5) / 127.5;
    c.fillStyle = color(v < 128 ? "blue" : "orange");
    c.fillRect((k % grid) * cell, size - (Math.floor(k / grid) + 1) * cell, cell, cell);
  });
  c.globalAlpha = 1;
  for (const [px, py, label] of course.points) {
    const x = (0.5 + px / reach / 2) * size, y = (0.5 - py / reach / 2) * size;
    c.fillStyle = color(label ? "orange" : "blue"), c.strokeStyle = color("paper"), c.lineWidth = 1;
    c.beginPath();
    if (label) c.rect(x - 3, y - 3, 6, 6); else c.arc(x, y, 3.4, 0, 7);
    c.fill(), c.stroke();
  }
}

export function NetworkPage({ theme, setTheme }: ThemeProps) {
  const there = useMemo(() => read(location.hash), []);
  const [state, set] = useState(there.state);
  const [course, setCourse] = useState<Course | null>(null);
  const [playing, play] = useState(true);
  const [note, setNote] = useState(there.wrong);
  const [host, width] = useWidth();
  const sharp = useRef<HTMLCanvasElement>(null), loss = useRef<HTMLCanvasElement>(null), plane = useRef<HTMLCanvasElement>(null), pictures = useRef<HTMLElement>(null);
  const [settled, settle] = useState(state), latest = useRef(state);
  latest.current = state;
  const change = (part: Partial<NetState>, done = true) => {
    const next = (latest.current = { ...latest.current, ...part });
    set(next), setNote("");
    if (done) settle(next);
    show(write(next), done);
  };
  useEffect(() => {
    const back = () => { if (isNetwork(location.hash)) { const now = read(location.hash); set(now.state), settle(now.state), setNote(now.wrong); } };
    addEventListener("popstate", back);
    return () => removeEventListener("popstate", back);
  }, []);
  const asked = JSON.stringify([options(settled), width, settled.lr]);
  const edge = useMemo<Edge | null>(() => (width < 50 ? null : askFor<Edge>({ verb: "edge", options: options(settled), ruler: { width: Math.max(300, width), reach: [Math.min(0.05, settled.lr / 2), Math.max(3, settled.lr * 2)], below: 26 } })), [asked]);

  const [round, again] = useState(0), topic = JSON.stringify([options(settled), settled.lr, round]);
  useEffect(() => {
    setCourse(null);
    const kept: Course = { step: 0, losses: [], sharpness: [], critical: [], edge: [], last: null as unknown as Told, points: [] };
    trainer.begin({ verb: "train", options: { ...options(settled), lr: String(settled.lr) }, grid }, (told) => {
      if (told.error) return setNote(told.error.message);
      kept.losses.push(...told.losses), kept.sharpness.push(...told.sharpness), kept.critical.push(...told.critical), kept.edge.push(...told.edge);
      kept.step = told.step, kept.last = told;
      if (told.points) kept.points = told.points;
      requestAnimationFrame(() => setCourse({ ...kept }));
    });
    return () => trainer.stop();
  }, [topic]);
  const over = course !== null && (course.last.lost !== null || course.step >= most);
  useEffect(() => { if (playing && course && !over) trainer.on(atOnce); }, [course, playing]);

  const narrow = width < 560, chart = narrow ? 110 : 150, size = 40 * Math.floor(Math.min(Math.max(width, 200), 360) / 40);
  useEffect(() => {
    if (!course || !sharp.current || !loss.current || !plane.current) return;
    lines(sharp.current, sharp.current.clientWidth, chart, [{ series: course.critical, look: "ink", dashed: true }, { series: course.sharpness, look: "purple" }]);
    lines(loss.current, loss.current.clientWidth, chart, [{ series: course.losses, look: "blue" }]);
    decision(plane.current, size, course);
  }, [course, width, theme]);

  const last = (s: Series | undefined) => (s && s.length ? s[s.length - 1] : null);
  const outward = (value: number, up: boolean) => { const unit = 10 ** (Math.floor(Math.log10(value)) - 2); return shown(Number(((up ? Math.ceil : Math.floor)(value / unit) * unit).toPrecision(3))); };
  const low = edge?.lr_edge.lower ?? null, high = edge?.lr_edge.upper ?? null;
  const from = begins(edge, state.lr), run = state.lr === settled.lr ? course : null;  // while it is dragged, nothing has been trained at it
  const stands = headline(run, state.lr, from), look = run?.last.lost ? "vermillion" : aboveNow(run, state.lr, from) ? "orange" : from === "unknown" && !run?.edge.some((e) => e !== null) ? "blue" : "green";
  const now = last(course?.sharpness), critical = last(course?.critical);
  const words = course ? `After ${course.step} ${course.step === 1 ? "step" : "steps"} the loss is ${shown(last(course.losses) === null ? null : Number(last(course.losses)!.toPrecision(3)))}` +
    (now !== null && critical !== null ? `, the sharpness ${shown(Number(now.toPrecision(3)))}; this rate is stable up to ${shown(Number(critical.toPrecision(3)))}.` : ".") : "";
  const field = (name: keyof typeof choices, label: string) => (
    <div class="field"><label for={"net-" + name}>{label}</label>
      <select id={"net-" + name} value={state[name]} onChange={(event) => change({ [name]: event.currentTarget.value })}>
        {choices[name].map(([value, shownAs]) => <option value={value}>{shownAs}</option>)}
      </select></div>
  );
  return (
    <div class="page network">
      <header>
        <h1>etamax <span>lab</span></h1>
        {field("data", "points")}{field("model", "network")}{field("loss", "loss")}{field("optimizer", "optimizer")}
        <div class="tools">
          <a class="other" href="#f=x^2&from=-1&lr=0.8,1,1.2">A function</a>
          <a class="other" href="#map=network:tanh:8">A map of trainings</a>
          <button type="button" aria-label="Copy as command" onClick={() => navigator.clipboard.writeText(command(state)).then(() => setNote("Command copied"), () => setNote(command(state)))}><span class="long">Copy as command</span><span class="short">Command</span></button>
          <button type="button" aria-label="Copy picture" onClick={() => copyPicture(pictures.current!).then(setNote, (error) => setNote("No picture: " + error.message))}><span class="long">Copy picture</span><span class="short">Picture</span></button>
          <ThemeButton theme={theme} setTheme={setTheme} />
        </div>
      </header>
      {note && <p class="note" role="status">{note}</p>}
      <main ref={pictures}>
        <section class="verdict" aria-label="verdict" style={`--look:var(--${look})`}>
          <div class="words">
            <h2>Learning rate {shown(state.lr)} <strong>{stands}</strong></h2>
            {low !== null && high !== null && <p>Before training the stability edge is {outward(low, false)} to {outward(high, true)}, certified.{edge!.layers[0] && ` ${Math.round(100 * edge!.layers[0].share)}% of the sharpest direction lies in ${edge!.layers[0].name}.`}</p>}
            {low === null && edge?.reason && <p>{edge.reason}</p>}
            <p role="status" aria-live="off">{state.lr !== settled.lr ? "It is trained at this rate once you let go." : course?.last.lost ? course.last.lost.reason : words}</p>
          </div>
          <div class="aside"><button type="button" aria-expanded={state.plain} aria-controls="plain" onClick={() => change({ plain: !state.plain })}>{state.plain ? "Less" : "Explain like I’m new"}</button></div>
          {state.plain && edge && <div id="plain" class="plain">{plainWords(edge, run, state.lr, state.optimizer, course?.points.length ?? 0).map((p) => <p>{p}</p>)}</div>}
        </section>
        <div class="columns">
          <section class="left" aria-label="the learning rate and the training">
            <div ref={host} class="host" />
            {edge?.ruler && <RulerSlider picture={edge.ruler} lr={state.lr} chips={[]} verdict={stands} color={look} hidden={false} onChange={(lr, done) => change({ lr }, done)} />}
            {edge && !edge.ruler && <label class="rate">learning rate <input type="number" min="0" step="any" value={state.lr} onChange={(event) => event.currentTarget.valueAsNumber > 0 && change({ lr: event.currentTarget.valueAsNumber })} /></label>}
            <div class="controls"><div class="group" role="group" aria-label="training">
              <button type="button" disabled={over} aria-pressed={playing && !over} onClick={() => play(!playing)}>{playing && !over ? "Pause" : "Train"}</button>
              <button type="button" disabled={over || playing} onClick={() => trainer.on(1)}>One step</button>
              <button type="button" onClick={() => again(round + 1)}>Again</button>
              <span class="count">{course?.step ?? 0} steps</span>
            </div></div>
            <h2 class="caption">Sharpness, and the most that is stable at this rate (dashed)</h2>
            <canvas class="lines" ref={sharp} style={`width:100%;height:${chart}px`} role="img" aria-label={"sharpness over the steps. " + words} />
            <h2 class="caption">Loss</h2>
            <canvas class="lines" ref={loss} style={`width:100%;height:${chart}px`} role="img" aria-label={"loss over the steps. " + words} />
          </section>
          <section class="right" aria-label="what the network says">
            <canvas ref={plane} style={`width:${size}px;height:${size}px`} role="img" aria-label={`the points, and which label the network gives each place, after ${course?.step ?? 0} steps`} />
            <p class="areas"><span><b style="color:var(--blue)" aria-hidden="true">●</b> label 0</span><span><b style="color:var(--orange)" aria-hidden="true">■</b> label 1</span></p>
            {course && <table><thead><tr><th scope="col">layer</th><th scope="col">of the sharpest direction</th><th scope="col">size, times the start's</th></tr></thead>
              <tbody>{course.last.layers.map((l) => <tr><th scope="row">{l.name}</th><td>{Math.round(100 * clamp(l.share, 0, 1))}%</td><td>{shown(l.growth === null ? null : Number(l.growth.toPrecision(3)))}</td></tr>)}</tbody></table>}
          </section>
        </div>
      </main>
    </div>
  );
}
