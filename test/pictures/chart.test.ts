/** Curves as SVG. */
import { expect, test } from "vitest";
import { chart } from "../../ts/pictures/chart.js";

const points = [
  { x: 5, y: 0 },
  { x: 30, y: 40 },
];
const words = { title: "a < b", across: "tokens", upwards: "BLEU" };

test("points stand where their numbers are, and axes have round numbers", () => {
  const svg = chart(
    [
      { name: "a&b", points },
      { name: "c", points: points.slice(1) },
    ],
    words,
  );
  const texts = [...svg.matchAll(/<text [^>]*>([^<]*)</g)].map(([, text]) => text);
  const [up, across] = [
    [0, 10, 20, 30, 40],
    [0, 5, 10, 15, 20, 25, 30],
  ];
  expect(texts).toEqual([
    "a &lt; b",
    ...up.map(String),
    ...across.map(String),
    "tokens",
    "BLEU",
    "a&amp;b",
    "c",
  ]);
  // 720 x 420 without 56, 20, 48 and 52 around.
  expect(svg).toContain(`points="${(56 + 644 / 6).toFixed(1)},368.0 700.0,48.0"`);
  expect(svg.match(/<circle /g)).toHaveLength(2 + 2 + 1);
  expect(svg).toContain('stroke="#b34700" fill="none" class="stroke1"');
  expect(svg).toContain(".stroke1 { stroke: #ff9d5c }");
});

test("numbers that are all 0 have an axis too, and 100 rounded up is 100", () => {
  expect(chart([{ name: "a", points: [{ x: 1, y: 0 }] }], words)).toContain('points="700.0,368.0"');
  const full = chart([{ name: "a", points: [{ x: 1, y: 100.00000000000001 }] }], words);
  expect(full).toContain('points="700.0,48.0"');
  expect(full).not.toContain(">120<");
});
