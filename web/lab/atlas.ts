// Draws maps in workers, coarse pixels first, so that there is a picture soon and every pixel is right in the end.
import { compiled } from "./engine";
import type { Delivery, Order } from "./map_worker";

export interface MapAxis { name: string; from: number; to: number; log: boolean; pixels: number }
export interface MapQuestion { options: Record<string, string | boolean>; x: MapAxis; y: MapAxis }
export interface Progress {
  fates: Uint8Array;   // of each pixel, plus 1; 0: not drawn yet
  shades: Uint8Array;  // how long it took, 0 to 255
  side: Uint8Array;    // how large a square the pixel stands for so far
  share: number;       // drawn, 0 to 1
  error?: string;
  x: [number, string][];
  y: [number, string][];
}

const strides = [16, 8, 4, 2, 1];
const usual = (stride: number) => (stride > 4 ? 256 : 1024);  // small ones first, so that every worker has some

class Atlas {
  private workers: { worker: Worker; ready: boolean; id: number }[] = [];
  private id = 0;
  private queue: Uint32Array[] = [];
  private question: MapQuestion | undefined;
  private progress: Progress | undefined;
  private report: (progress: Progress) => void = () => {};
  private left = 0;

  private start(): void {
    const text = (name: string) => document.getElementById(name)!.textContent!;
    const code = URL.createObjectURL(new Blob([text("engine-js"), ";", text("map-worker")], { type: "text/javascript" }));
    const count = Math.max(1, Math.min(4, (navigator.hardwareConcurrency || 2) - 1));
    for (let i = 0; i < count; ++i) {
      const one = { worker: new Worker(code), ready: false, id: 0 };
      one.worker.onmessage = ({ data }: MessageEvent<Delivery>) => this.take(one, data);
      one.worker.postMessage({ module: compiled, id: 0 } as Order);
      this.workers.push(one);
    }
  }

  /// `batch`: how many pixels a worker is given at once, where they are dear.
  draw(question: MapQuestion, report: (progress: Progress) => void, batch?: number): void {
    if (this.workers.length === 0) this.start();
    const width = question.x.pixels, height = question.y.pixels, n = width * height;
    ++this.id;
    this.question = question, this.report = report, this.left = n;
    this.progress = { fates: new Uint8Array(n), shades: new Uint8Array(n), side: new Uint8Array(n), share: 0, x: [], y: [] };
    this.queue = [];
    for (const stride of strides) {
      const numbers: number[] = [];
      for (let j = 0; j < height; j += stride)
        for (let i = 0; i < width; i += stride)
          if (stride === strides[0] || i % (2 * stride) !== 0 || j % (2 * stride) !== 0) numbers.push(j * width + i), this.progress.side[j * width + i] = stride;
      const size = batch ?? usual(stride);
      for (let k = 0; k < numbers.length; k += size) this.queue.push(Uint32Array.from(numbers.slice(k, k + size)));
    }
    for (const one of this.workers) if (one.ready) this.begin(one);
  }

  stop(): void { ++this.id; this.queue = []; this.question = undefined; }

  private begin(one: { worker: Worker; ready: boolean; id: number }): void {
    if (!this.question) return;
    one.ready = false, one.id = this.id;
    one.worker.postMessage({ begin: { verb: "map", ...this.question }, id: this.id } as Order);
  }

  private take(one: { worker: Worker; ready: boolean; id: number }, data: Delivery): void {
    one.ready = true;
    if (!this.progress || !this.question) return;
    if (data.id !== this.id) return this.begin(one);
    if (data.begun?.error) {
      this.queue = [];
      this.report({ ...this.progress, error: data.begun.error.message });
      return;
    }
    if (data.begun) this.progress.x = data.begun.x!, this.progress.y = data.begun.y!;
    if (data.numbers && data.bytes) {
      data.numbers.forEach((number, k) => {
        this.progress!.fates[number] = data.bytes![3 * k] + 1;
        this.progress!.shades[number] = data.bytes![3 * k + 2];
      });
      this.left -= data.numbers.length;
      this.progress.share = 1 - this.left / this.progress.fates.length;
      this.report(this.progress);
    }
    const next = this.queue.shift();
    if (!next) return;
    one.ready = false;
    one.worker.postMessage({ numbers: next, id: this.id } as Order, [next.buffer]);
  }
}

export const atlas = new Atlas();
