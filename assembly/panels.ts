/**
 * Copies weights between rows and panels of sixteen columns. With several gates the columns [gate][unit] are interleaved by
 * four units, [units / 4][gate][4], so that a cell finds all gates of a unit side by side.
 */

/** Bytes of a row in a panel. */
const PANEL_ROW: usize = 64;

/**
 * Between rows [count][gates units] and as many rows of panels [panel][depth][16]; panels: the address of the first of them.
 * back: 1 to copy out of the panels.
 */
export function arrangePanels(
  rows: usize, panels: usize, gates: u32, units: u32, count: u32, depth: u32, back: u32,
): void {
  const rowBytes = (<usize>gates * units) << 2;
  for (let group: usize = 0; group < ((<usize>units + 3) >> 2) * gates; group++) {
    const first = (group / gates) << 2;
    const lanes = <usize>units - first;
    const inRow = rows + (((group % gates) * units + first) << 2);
    const inPanel = panels + (group >> 2) * (<usize>depth << 6) + ((group & 3) << 4);
    let from = back ? inPanel : inRow;
    let to = back ? inRow : inPanel;
    const fromStep = back ? PANEL_ROW : rowBytes;
    const toStep = back ? rowBytes : PANEL_ROW;
    for (let row: u32 = 0; row < count; row++) {
      if (lanes >= 4) v128.store(to, v128.load(from));
      else for (let lane: usize = 0; lane < lanes << 2; lane += 4) store<f32>(to + lane, load<f32>(from + lane));
      from += fromStep;
      to += toStep;
    }
  }
}
