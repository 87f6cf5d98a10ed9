// The page's address. While something is dragged or typed it follows, in place; where that ends, one entry is added to the
// browser's history, so that Back leads to what was shown before.
export const longest = 4000;  // of an address that is read
const every = 250;  // ms; browsers refuse an address that changes more often for long

let settled = location.hash;  // of the last entry
let waiting: ReturnType<typeof setTimeout> | undefined, next = "";

const put = (hash: string) => history.replaceState(null, "", hash || location.href.split("#")[0]);
const still = () => { clearTimeout(waiting); waiting = undefined; };
addEventListener("popstate", () => { still(); settled = location.hash; });

/// The address says `hash`. Settled: as an entry of its own, unless the last one says the same. One that is too long to be read again
/// is not written.
export function show(hash: string, done: boolean): void {
  if (hash.length > longest) return;
  if (!done) {
    next = hash;
    waiting ??= setTimeout(() => { waiting = undefined; put(next); }, every);
    return;
  }
  still();
  if (location.hash !== settled) put(settled);
  if (hash !== settled) history.pushState(null, "", hash);
  settled = hash;
}
