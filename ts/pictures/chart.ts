/** Curves over numbers as an SVG document. */
import { escaped, filled, ink, rule, stroked, svgDocument } from "./svg.js";

export interface Series {
  readonly name: string;
  /** In the order of x. */
  readonly points: readonly { readonly x: number; readonly y: number }[];
}

export interface ChartOptions {
  readonly title: string;
  /** What goes to the right. */
  readonly across: string;
  /** What goes upwards, from 0. */
  readonly upwards: string;
}

const [WIDTH, HEIGHT] = [720, 420];
/** Room for numbers and words around the curves. */
const [LEFT, RIGHT, TOP, BOTTOM] = [56, 20, 48, 52];

/** Series with a mark at each point and lines between, over axes that begin at 0. There is at least one point. */
export function chart(series: readonly Series[], { title, across, upwards }: ChartOptions): string {
  const points = series.flatMap((one) => one.points);
  const [xs, ys] = [
    ticks(Math.max(...points.map(({ x }) => x))),
    ticks(Math.max(...points.map(({ y }) => y))),
  ];
  const x = (value: number) => (LEFT + (value / xs.at(-1)!) * (WIDTH - LEFT - RIGHT)).toFixed(1);
  const y = (value: number) => (HEIGHT - BOTTOM - (value / ys.at(-1)!) * (HEIGHT - TOP - BOTTOM)).toFixed(1);
  let legend = LEFT;
  return svgDocument({ width: WIDTH, height: HEIGHT, title }, [
    `<text ${ink} x="${LEFT}" y="18" font-size="14">${escaped(title)}</text>`,
    ...ys.flatMap((value) => [
      `<path ${rule} d="M${LEFT} ${y(value)}H${WIDTH - RIGHT}"/>`,
      `<text ${ink} x="${LEFT - 8}" y="${y(value)}" text-anchor="end" dominant-baseline="central">${value}</text>`,
    ]),
    ...xs.map(
      (value) =>
        `<text ${ink} x="${x(value)}" y="${HEIGHT - BOTTOM + 18}" text-anchor="middle">${value}</text>`,
    ),
    `<text ${ink} x="${(LEFT + WIDTH - RIGHT) / 2}" y="${HEIGHT - 12}" text-anchor="middle">${escaped(across)}</text>`,
    `<text ${ink} transform="translate(14 ${(TOP + HEIGHT - BOTTOM) / 2}) rotate(-90)" text-anchor="middle">${escaped(upwards)}</text>`,
    ...series.flatMap(({ name, points }, i) => {
      const at = legend;
      legend += 34 + 8 * [...name].length;
      const line = points.map((point) => `${x(point.x)},${y(point.y)}`).join(" ");
      return [
        `<circle ${filled(i)} cx="${at}" cy="34" r="4"/><text ${ink} x="${at + 10}" y="34" dominant-baseline="central">${escaped(name)}</text>`,
        `<polyline ${stroked(i)} stroke-width="2" points="${line}"/>`,
        ...points.map((point) => `<circle ${filled(i)} cx="${x(point.x)}" cy="${y(point.y)}" r="4"/>`),
      ];
    }),
  ]);
}

/** Round numbers from 0 to `most` or above, about six of them: steps of 1, 2 or 5 of a power of ten. */
function ticks(most: number): number[] {
  let [step, factor] = [1, 0];
  if (!(most > 0)) return [0, 1];
  while (step * 6 < most) step *= [2, 2.5, 2][factor++ % 3]!;
  return Array.from({ length: Math.ceil(most / step - 1e-9) + 1 }, (_, i) => i * step);
}
