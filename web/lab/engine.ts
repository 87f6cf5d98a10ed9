// The engine: C++ as WebAssembly, asked in JSON. The page's file holds it, packed.

export interface Axis { low: number; high: number; log: boolean }
export type Frame = [left: number, top: number, right: number, bottom: number];
export interface Picture { svg: string; frame: Frame; x: Axis; y: Axis }
export interface RulerPicture { svg: string; frame: Frame; x: Axis; marks: { name: string; lr: number }[] }
export interface Fault { message: string; field?: string; position?: number }

export interface Run {
  lr: number; verdict: string; reason: string; rate: number | null; period: number | null;
  iterates: number[][]; losses: (number | null)[]; gradients: (number | null)[][]; updates: (number | null)[][];
}
export interface Answer {
  objective: { expression: string; variables: string[]; update?: string; update_in_words?: string };
  optimizer: Record<string, unknown>;
  start: number[];
  stability: { minimizer: number[] | null; lr_edge: number | null; lr_max_from_start: number | null };
  runs: Run[];
  observed?: { sentence: string; lr: number | null };
}
export interface Reply {
  error?: Fault;
  answer?: Answer;
  plain?: string[];
  next?: number[] | null;
  verdict?: string; sign?: string; color?: string;
  formulas?: { objective: string; gradient: string[]; update: string[]; rule: string[] };
  view?: number[];
  scene?: Picture | null; side?: Picture | null; ruler?: RulerPicture | null;
}
export interface Setting { name: string; default: number; flag: boolean; range: string; summary: string }
export interface Fate { number: number; name: string; color: string; sign: string }
export interface About {
  fates: Fate[];
  optimizers: { name: string; summary: string; settings: Setting[] }[];
  functions: { name: string; summary: string }[];
  theme: { light: string; dark: string };
}

/// What emscripten makes.
interface Module {
  _etamax_ask(question: number): number;
  _malloc(bytes: number): number;
  _free(at: number): void;
  UTF8ToString(at: number): string;
  stringToUTF8(text: string, at: number, room: number): void;
  lengthBytesUTF8(text: string): number;
}
declare function createEngine(settings: object): Promise<Module>;

let engine: Module | undefined;
export let compiled: WebAssembly.Module | undefined;

async function unpacked(base64: string): Promise<ArrayBuffer> {
  const text = atob(base64), bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; ++i) bytes[i] = text.charCodeAt(i);
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Response(stream).arrayBuffer();
}

export async function loadEngine(): Promise<void> {
  const packed = document.getElementById("engine-wasm")?.textContent ?? "";
  const module = await WebAssembly.compile(await unpacked(packed.trim()));
  compiled = module;
  engine = await createEngine({
    instantiateWasm(imports: WebAssembly.Imports, done: (instance: WebAssembly.Instance) => void) {
      WebAssembly.instantiate(module, imports).then(done);
      return {};
    },
  });
}

export function askFor<T>(question: object): T {
  if (!engine) throw new Error("the engine is not loaded");
  const text = JSON.stringify(question), room = engine.lengthBytesUTF8(text) + 1, at = engine._malloc(room);
  engine.stringToUTF8(text, at, room);
  try {
    return JSON.parse(engine.UTF8ToString(engine._etamax_ask(at)));
  } finally {
    engine._free(at);
  }
}

export const ask = (question: object): Reply => askFor<Reply>(question);
export const about = (): About => askFor<About>({ verb: "about" });
