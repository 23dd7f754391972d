/** Pictures as SVG documents that are read on light and on dark pages. */

/** Told apart with any colour vision (after Okabe & Ito 2008): dark enough for light pages, and light enough for dark ones. */
const colours = [
  ["#0072b2", "#56b4e9"],
  ["#b34700", "#ff9d5c"],
  ["#00735a", "#3fd6b0"],
  ["#993d73", "#f0a3d0"],
  ["#5c5c00", "#d6d65c"],
  ["#333333", "#dddddd"],
] as const;

const [INK, PAPER, RULE] = ["#222222", "#ffffff", "#d0d0d0"];

// Attributes that give something a colour: that of light pages, and by its class that of dark ones.

/** Of letters. */
export const ink = `fill="${INK}" class="ink"`;
/** Of lines that part or frame. */
export const rule = `stroke="${RULE}" class="rule"`;
/** Of letters that stand above others. */
export const halo = `stroke="${PAPER}" stroke-width="3" paint-order="stroke" class="halo"`;
/** Of what belongs to a series: surfaces. */
export function filled(series: number): string {
  return `fill="${colours[series % colours.length]![0]}" class="fill${series % colours.length}"`;
}
/** And lines. */
export function stroked(series: number): string {
  return `stroke="${colours[series % colours.length]![0]}" fill="none" class="stroke${series % colours.length}"`;
}

/** A document of `width` x `height` pixels. Its style concerns nothing else on a page that it is put into. */
export function svgDocument(
  { width, height, title }: { readonly width: number; readonly height: number; readonly title: string },
  body: readonly string[],
): string {
  const dark = [
    ".paper { fill: #16181d }",
    ".ink { fill: #e6e6e6 }",
    ".rule { stroke: #44474f }",
    ".halo { stroke: #16181d }",
    ...colours.flatMap(([, colour], i) => [
      `.fill${i} { fill: ${colour} }`,
      `.stroke${i} { stroke: ${colour} }`,
    ]),
  ].map((style) => `.recurra-picture ${style}`);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" class="recurra-picture" role="img" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="sans-serif" font-size="12">`,
    `<title>${escaped(title)}</title>`,
    `<style>@media (prefers-color-scheme: dark) { ${dark.join(" ")} }</style>`,
    `<rect class="paper" width="${width}" height="${height}" fill="${PAPER}"/>`,
    ...body,
    "</svg>",
    "",
  ].join("\n");
}

/** A text without what XML would read as its own, and without what it cannot hold. */
export function escaped(text: string): string {
  const names: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
  return text.replace(/[&<>"]/g, (mark) => names[mark]!).replace(/[^\P{C}\t\n]/gu, "\ufffd");
}

/** A label that can be seen: white space as "␣", what has no form of its own as U+FFFD, "…" for what is longer than `most`. */
export function visible(label: string, most = Infinity): string {
  const seen = label.normalize("NFC").replace(/\s/g, "␣").replace(/\p{C}/gu, "\ufffd");
  const letters = [...seen];
  return letters.length > most ? `${letters.slice(0, most - 1).join("")}…` : seen;
}

/** How many columns of a terminal a letter takes: two for those of East Asian scripts and for pictures. */
export function columnsOf(letter: string): number {
  return /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}|[\u{20000}-\u{3fffd}]/u.test(
    letter,
  )
    ? 2
    : 1;
}
