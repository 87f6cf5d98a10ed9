// One worker of a map: an engine of its own, which draws the pixels that it is given.
interface Engine {
  _etamax_ask(at: number): number;
  _etamax_fill(numbers: number, count: number, out: number): void;
  _malloc(bytes: number): number;
  _free(at: number): void;
  UTF8ToString(at: number): string;
  stringToUTF8(text: string, at: number, room: number): void;
  lengthBytesUTF8(text: string): number;
  HEAPU8: Uint8Array;
  HEAPU32: Uint32Array;
}
declare function createEngine(settings: object): Promise<Engine>;

export interface Order { module?: WebAssembly.Module; begin?: object; numbers?: Uint32Array; id: number }
export interface Delivery { id: number; begun?: { error?: { message: string }; x?: [number, string][]; y?: [number, string][] }; numbers?: Uint32Array; bytes?: Uint8Array }

const scope = self as unknown as { onmessage: ((event: MessageEvent<Order>) => void) | null; postMessage(message: Delivery, transfer?: Transferable[]): void };
let engine: Engine | undefined;

scope.onmessage = async ({ data }) => {
  if (data.module) {
    const module = data.module;
    engine = await createEngine({
      instantiateWasm(imports: WebAssembly.Imports, done: (instance: WebAssembly.Instance) => void) {
        WebAssembly.instantiate(module, imports).then(done);
        return {};
      },
    });
    return scope.postMessage({ id: data.id });
  }
  if (!engine) return;
  if (data.begin) {
    const text = JSON.stringify(data.begin), room = engine.lengthBytesUTF8(text) + 1, at = engine._malloc(room);
    engine.stringToUTF8(text, at, room);
    const begun = JSON.parse(engine.UTF8ToString(engine._etamax_ask(at)));
    engine._free(at);
    return scope.postMessage({ id: data.id, begun });
  }
  if (data.numbers) {
    const count = data.numbers.length, numbers = engine._malloc(4 * count), out = engine._malloc(3 * count);
    engine.HEAPU32.set(data.numbers, numbers >> 2);
    engine._etamax_fill(numbers, count, out);
    const bytes = engine.HEAPU8.slice(out, out + 3 * count);
    engine._free(numbers), engine._free(out);
    scope.postMessage({ id: data.id, numbers: data.numbers, bytes }, [bytes.buffer, data.numbers.buffer]);
  }
};
