// What is asked: the function, the start, the optimizer and its settings, and numbers that somebody has seen.
import type { About, Fault, Reply, Setting } from "./engine";
import type { State } from "./state";

interface Props {
  state: State;
  about: About;
  fault: Fault | undefined;
  reply: Reply;
  change(part: Partial<State>, settled: boolean): void;
}

/// The text up to where it goes wrong, and a caret below that place. Typed in a face of one width, so that they line up.
function Caret({ text, position }: { text: string; position: number }) {
  const from = Math.max(0, position - 24), piece = text.slice(from, from + 40);
  return (
    <pre class="caret" aria-hidden="true">{(from > 0 ? "…" : "") + piece + "\n" + " ".repeat(position - from + (from > 0 ? 1 : 0)) + "▲"}</pre>
  );
}

function Complaint({ fault, field, text }: { fault: Fault | undefined; field: string[]; text: string }) {
  if (!fault || !field.includes(fault.field ?? "")) return null;
  return (
    <div class="fault" id={"fault-" + field[0]} role="alert">
      {fault.position !== undefined && text.trim() !== "" && <Caret text={text} position={fault.position} />}
      <span>{fault.message}</span>
    </div>
  );
}

const keys = ["x", "^", "(", ")", "+", "-", "*", "/", "sin(", "exp(", "log(", "tanh("];

export function FunctionField({ state, about, fault, change }: Props) {
  const wrong = fault?.field === "expression";
  const insert = (key: string) => {
    const field = document.getElementById("function") as HTMLInputElement;
    const at = field.selectionStart ?? field.value.length, end = field.selectionEnd ?? at;
    const value = field.value.slice(0, at) + key + field.value.slice(end);
    change({ expression: value, view: null }, false);
    requestAnimationFrame(() => { field.focus(); field.setSelectionRange(at + key.length, at + key.length); });
  };
  return (
    <div class="field function">
      <label for="function">f(x) =</label>
      <div class="entry">
        <input id="function" type="text" value={state.expression} spellcheck={false} autocomplete="off" autocapitalize="off" inputMode="text" list="functions"
          aria-invalid={wrong} aria-describedby={wrong ? "fault-expression" : undefined} aria-label="function to minimize"
          onInput={(event) => change({ expression: event.currentTarget.value, view: null }, false)}
          onChange={(event) => change({ expression: event.currentTarget.value, view: null }, true)} />
        <datalist id="functions">{about.functions.map((f) => <option value={f.name}>{f.summary}</option>)}</datalist>
        <div class="keys" role="group" aria-label="symbols">
          {keys.map((key) => <button type="button" onPointerDown={(e) => e.preventDefault()} onClick={() => insert(key)}>{key}</button>)}
        </div>
        <Complaint fault={fault} field={["expression"]} text={state.expression} />
      </div>
    </div>
  );
}

export function StartField({ state, fault, change }: Props) {
  return (
    <div class="field start">
      <label for="from">start</label>
      <div class="entry">
        <input id="from" type="text" value={state.from} spellcheck={false} autocomplete="off" inputMode="text" aria-invalid={fault?.field === "start"}
          onInput={(event) => change({ from: event.currentTarget.value, view: null }, false)}
          onChange={(event) => change({ from: event.currentTarget.value, view: null }, true)} />
        <Complaint fault={fault} field={["start"]} text={state.from} />
      </div>
    </div>
  );
}

function SettingField({ setting, state, change }: { setting: Setting; state: State; change: Props["change"] }) {
  const id = "setting-" + setting.name, words = setting.name.replace(/_/g, " ");
  const put = (value: string, settled: boolean) => {
    const settings = { ...state.settings };
    if (value === "" || value === String(setting.default)) delete settings[setting.name];
    else settings[setting.name] = value;
    change({ settings }, settled);
  };
  if (setting.flag)
    return (
      <label class="setting flag"><input type="checkbox" checked={state.settings[setting.name] === "true"}
        onChange={(event) => put(event.currentTarget.checked ? "true" : "", true)} /> {words}</label>
    );
  const value = state.settings[setting.name] ?? String(setting.default);
  return (
    <div class="setting" title={setting.summary}>
      <label for={id}>{words}</label>
      {setting.range.includes("[0, 1)") || setting.range.includes("(0, 1)")
        ? <input class="slide" type="range" min="0" max="0.99" step="0.01" value={value} aria-label={words + ", as a slider"} tabIndex={-1}
          onInput={(event) => put(event.currentTarget.value, false)} onChange={(event) => put(event.currentTarget.value, true)} />
        : null}
      <input id={id} type="text" inputMode="decimal" value={value} onInput={(event) => put(event.currentTarget.value.trim(), false)}
        onChange={(event) => put(event.currentTarget.value.trim(), true)} />
    </div>
  );
}

export function OptimizerField({ state, about, change }: Props) {
  const rule = about.optimizers.find((o) => o.name === state.optimizer);
  return (
    <>
      <div class="field optimizer">
        <label for="optimizer">optimizer</label>
        <select id="optimizer" value={state.optimizer} onChange={(event) => change({ optimizer: event.currentTarget.value, settings: {} }, true)}>
          {!rule && <option value={state.optimizer}>{state.optimizer}</option>}
          {about.optimizers.map((o) => <option value={o.name}>{o.name}</option>)}
        </select>
      </div>
      {rule && rule.settings.length > 0 && (
        <details class="settings">
          <summary>settings</summary>
          <div class="sheet">
            <p>{rule.summary}</p>
            {rule.settings.map((setting) => <SettingField key={setting.name} setting={setting} state={state} change={change} />)}
          </div>
        </details>
      )}
    </>
  );
}

/// "Those are of 1.1": the rate that printed iterates are really from.
export function Observed({ state, reply, fault, change }: Props) {
  const wrong = fault?.field === "observed" || fault?.field === "observed_lr";
  return (
    <details class="observed" open={state.observed !== ""}>
      <summary>numbers I have seen</summary>
      <div>
        <label for="observed">Iterates from an article or a log, in their order</label>
        <div class="line">
          <input id="observed" type="text" inputMode="text" placeholder="-1, 1.2, -1.44, 1.728" value={state.observed} spellcheck={false} autocomplete="off"
            onInput={(event) => change({ observed: event.currentTarget.value }, false)}
            onChange={(event) => change({ observed: event.currentTarget.value }, true)} />
          <button type="button" onClick={() => change({ observed: "-1, 1.2, -1.44, 1.728" }, true)}>the article's</button>
        </div>
        {wrong && <div class="fault" role="alert">{fault!.message}</div>}
        {!wrong && state.observed && reply.answer?.observed && <p class="found" role="status">{reply.answer.observed.sentence}</p>}
      </div>
    </details>
  );
}
