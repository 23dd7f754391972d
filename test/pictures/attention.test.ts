/** Attention as a picture, whatever the labels. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { tensor } from "../../ts/data/tensor.js";
import { InputError } from "../../ts/errors.js";
import { attentionSvg, attentionText } from "../../ts/index.js";

const weights = [
  [1, 0, 0],
  [0.1, 0.3, 0.6],
];
const rows = ["le", "漢"];
const columns = ["the", "é<&", " "];

describe("as text", () => {
  test("has a shade for each quarter of a weight, under its column and beside its row", () => {
    expect(attentionText(weights, rows, columns)).toBe(
      [
        "    t é", //
        "    h <",
        "    e & ␣",
        "le │██    │",
        "漢 │  ░░▒▒│",
        "",
      ].join("\n"),
    );
    expect(
      attentionText([[0.12, 0.13, 0.37, 0.38, 0.62, 0.63, 0.87, 0.88]], ["x"], [..."abcdefgh"]),
    ).toContain("│  ░░░░▒▒▒▒▓▓▓▓██│");
  });

  test("has letters of East Asian scripts in the same columns", () => {
    expect(attentionText([[1, 1, 1]], ["x"], ["漢", "b", "😀"])).toBe("   漢b 😀\nx │██████│\n");
  });

  test("reads a tensor as it reads lists", () => {
    const flat = tensor(Float32Array.from(weights.flat()), [2, 3]);
    expect(attentionText(flat, rows, columns)).toBe(attentionText(weights, rows, columns));
    expect(attentionSvg(flat, rows, columns)).toBe(attentionSvg(weights, rows, columns));
  });

  test("keeps its columns with any labels", () => {
    const label = fc.string({
      unit: fc.oneof(
        fc.nat(0xffff).map((unit) => String.fromCharCode(unit)),
        fc.constantFrom("\n", "\u0301", "漢", "a"),
      ),
    });
    fc.assert(
      fc.property(label, fc.array(label, { minLength: 1, maxLength: 4 }), (row, heads) => {
        const text = attentionText([heads.map(() => 1)], [row], heads);
        const lines = text.split("\n");
        expect(lines.at(-2)).toMatch(new RegExp(` │${"██".repeat(heads.length)}│$`, "u"));
        expect(lines.length - 2).toBeLessThanOrEqual(24);
        expect(text.replaceAll("\n", "")).not.toMatch(/[^\P{C}]/u);
      }),
    );
  });

  test("cuts labels that are too long", () => {
    const text = attentionText([[1]], ["x".repeat(100)], ["y"]);
    expect(text).toContain(`${"x".repeat(23)}… │██│`);
  });
});

describe("as SVG", () => {
  test("has a square for each weight that can be seen, where it belongs", () => {
    const svg = attentionSvg(weights, rows, columns, { title: "<Bahdanau>", cell: 10 });
    expect(svg).toContain("<title>&lt;Bahdanau&gt;</title>");
    const squares = [
      ...svg.matchAll(/x="(\d+)" y="(\d+)" width="10" height="10" fill-opacity="([\d.]+)"><title>([^<]*)</g),
    ];
    const [left, top] = [16 + 14, 16 + 21];
    expect(
      squares.map(([, x, y, opacity, title]) => [Number(x) - left, Number(y) - top, opacity, title]),
    ).toEqual([
      [0, 0, "1.000", "le ← the: 1.00"],
      [0, 10, "0.100", "漢 ← the: 0.10"],
      [10, 10, "0.300", "漢 ← é&lt;&amp;: 0.30"],
      [20, 10, "0.600", "漢 ← ␣: 0.60"],
    ]);
    expect(svg).toContain("@media (prefers-color-scheme: dark)");
    expect(svg.match(/<text /g)).toHaveLength(5);
  });

  test("is well formed with any labels", () => {
    const label = fc.string({ unit: fc.nat(0xffff).map((unit) => String.fromCharCode(unit)) });
    fc.assert(
      fc.property(label, label, label, (row, column, title) => {
        const svg = attentionSvg([[0.5]], [row], [column], { title });
        // Text between tags has no mark of its own, and no character that XML does not have.
        const text = svg.replace(/<style>.*<\/style>/, "").replace(/<[^<>]*>/g, "");
        expect(text).not.toMatch(/[<>]|&(?!(amp|lt|gt|quot);)/);
        expect(svg).not.toMatch(/[^\P{C}\t\n]/u);
        expect(svg.match(/<title>/g)).toHaveLength(2);
      }),
    );
  });

  test.runIf(typeof DOMParser === "function")("is shown by a page", () => {
    const svg = attentionSvg([[1]], ["<script>\u0000"], ['"&'], { title: "a & b" });
    const page = new DOMParser().parseFromString(svg, "image/svg+xml");
    expect(page.querySelector("parsererror")).toBeNull();
    expect([...page.querySelectorAll("text")].map((text) => text.textContent)).toEqual([
      "<script>\ufffd",
      '"&',
    ]);
  });
});

describe.each([
  ["attentionText", attentionText],
  ["attentionSvg", attentionSvg],
] as const)("%s", (name, draw) => {
  test.each([
    [[], [], ["a"], `${name}.weights: expected [0,1]`],
    [[[]], ["a"], [], `${name}.weights: expected [1,0]`],
    [[[1]], ["a", "b"], ["c"], "expected [2,1], a weight for each of 2 and 1 labels, got [1,1]"],
    [[[1], [0, 1]], ["a", "b"], ["c"], "got [2,1,2]"],
    [[[0, NaN]], ["a"], ["b", "c"], `${name}.weights[0][1]: expected a number from 0 to 1, got NaN`],
    [[[-0.1]], ["a"], ["b"], "got -0.1"],
    [[[1.1]], ["a"], ["b"], "got 1.1"],
  ])("refuses %j with the labels %j and %j", (weights, rows, columns, message) => {
    const run = () => draw(weights, rows, columns);
    expect(run).toThrow(InputError);
    expect(run).toThrow(message);
  });

  test("refuses a tensor of another shape, and takes weights that rounding has made a little more than 1", () => {
    const flat = tensor(Float32Array.of(1, 0), [1, 1, 2]);
    expect(() => draw(flat, ["a"], ["b", "c"])).toThrow("expected [1,2]");
    expect(draw([[1.0000001]], ["a"], ["b"])).toBe(draw([[1]], ["a"], ["b"]));
  });
});

test("a square has a size", () => {
  expect(() => attentionSvg([[1]], ["a"], ["b"], { cell: 0 })).toThrow("attentionSvg.cell");
});
