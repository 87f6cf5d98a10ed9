// A picture of the page, to be pasted elsewhere: SVG where it is one, else PNG, as it looks here.

const value = (name: string) => getComputedStyle(document.documentElement).getPropertyValue(name).trim() || "#888";
const sharper = 2;  // pixels of the PNG for one of the page
const extra = ".under, .controls, button, select, svg, .thumb, .spoken";  // what is no part of a picture

/// The picture by itself: with the colors and the type that it has from the page, on the page's paper.
export function standalone(svg: SVGSVGElement): string {
  const copy = svg.cloneNode(true) as SVGSVGElement, paper = document.createElementNS("http://www.w3.org/2000/svg", "rect");
  for (const [name, is] of [["width", "100%"], ["height", "100%"], ["fill", "var(--paper)"]]) paper.setAttribute(name, is);
  copy.insertBefore(paper, [...copy.children].find((c) => !["title", "desc"].includes(c.tagName)) ?? null);
  if (!copy.getAttribute("font-family")) copy.setAttribute("font-family", getComputedStyle(svg).fontFamily);
  return new XMLSerializer().serializeToString(copy).replace(/var\((--[\w-]+)\)/g, (_, name) => value(name));
}

/// What `host` shows, as PNG: its canvases, pictures, marks and words.
async function raster(host: HTMLElement): Promise<Blob> {
  const bounds = host.getBoundingClientRect(), margin = 12;
  const canvas = document.createElement("canvas"), c = canvas.getContext("2d")!;
  canvas.width = sharper * (bounds.width + 2 * margin), canvas.height = sharper * (bounds.height + 2 * margin);
  c.scale(sharper, sharper);
  c.fillStyle = value("--paper"), c.fillRect(0, 0, bounds.width + 2 * margin, bounds.height + 2 * margin);
  c.translate(margin - bounds.left, margin - bounds.top);
  for (const one of host.querySelectorAll<HTMLCanvasElement | SVGSVGElement>("canvas, svg")) {
    const box = one.getBoundingClientRect();
    let drawn: CanvasImageSource = one as HTMLCanvasElement;
    if (one instanceof SVGSVGElement) {
      const image = new Image();
      image.src = "data:image/svg+xml;charset=utf-8," + encodeURIComponent(standalone(one));
      await image.decode();
      drawn = image;
    }
    c.imageSmoothingEnabled = getComputedStyle(one).imageRendering !== "pixelated";
    c.drawImage(drawn, box.left, box.top, box.width, box.height);
  }
  for (const mark of host.querySelectorAll<HTMLElement>("i.hair, i.edge")) {
    const box = mark.getBoundingClientRect(), style = getComputedStyle(mark), edge = mark.classList.contains("edge");
    c.globalAlpha = Number(style.opacity);
    c.fillStyle = edge ? style.borderLeftColor : style.backgroundColor;
    if (!edge) c.fillRect(box.left, box.top, box.width, box.height);
    else for (let y = box.top; y < box.bottom; y += 7) c.fillRect(box.left, y, 2, Math.min(4, box.bottom - y));
  }
  c.globalAlpha = 1, c.textBaseline = "middle";
  const words = document.createTreeWalker(host, NodeFilter.SHOW_TEXT), range = document.createRange();
  while (words.nextNode()) {
    const node = words.currentNode, holder = node.parentElement!, style = getComputedStyle(holder);
    if (holder.closest(extra)) continue;
    c.font = `${style.fontWeight} ${style.fontSize} ${style.fontFamily}`, c.fillStyle = style.color;
    for (const word of node.textContent!.matchAll(/\S+/g)) {  // each word where the page broke its line
      range.setStart(node, word.index), range.setEnd(node, word.index + word[0].length);
      const box = range.getBoundingClientRect();
      c.fillText(word[0], box.left, (box.top + box.bottom) / 2);
    }
  }
  return new Promise((done, failed) => canvas.toBlob((blob) => (blob ? done(blob) : failed(new Error("no picture"))), "image/png"));
}

function save(blob: Blob, name: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob), link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}

/// Copies what `host` shows; where the browser does not let it, saves it as a file. Answers with what was done.
export async function copyPicture(host: HTMLElement): Promise<string> {
  const svg = host.querySelector("canvas") ? null : host.querySelector("svg");
  const blob = svg ? Promise.resolve(new Blob([standalone(svg)], { type: "image/svg+xml" })) : raster(host);
  try {
    if (svg) await navigator.clipboard.writeText(standalone(svg));
    else await navigator.clipboard.write([new ClipboardItem({ "image/png": blob })]);
    return `Picture copied, as ${svg ? "SVG" : "PNG"}`;
  } catch {
    save(await blob, svg ? "etamax.svg" : "etamax.png");
    return "This browser does not let the page copy a picture; it is saved as a file";
  }
}
