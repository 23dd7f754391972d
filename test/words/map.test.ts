/** Points fall into groups, into the plane, and onto a picture. */
import { describe, expect, test } from "vitest";
import { tensor } from "../../ts/data/tensor.js";
import { InputError } from "../../ts/errors.js";
import { groups } from "../../ts/words/groups.js";
import { wordMap } from "../../ts/words/map.js";
import { pca } from "../../ts/words/pca.js";
import { umap } from "../../ts/words/umap.js";
import golden from "../golden/words/scikit-learn.json" with { type: "json" };
import { normals } from "../reference/draw.js";

/** Three clouds of ten points each around places that are far apart. */
const clouds = tensor(
  normals(30 * 5, 1, 0.5).map((value, i) => value + (i % 5 === Math.floor(i / 50) ? 10 : 0)),
  [30, 5],
);

describe("groups", () => {
  test("are the clouds that points form, whatever the seed", () => {
    for (let seed = 0; seed < 5; seed++) {
      const { labels, centres, inertia } = groups(clouds, 3, { seed });
      for (const cloud of [0, 1, 2]) {
        expect(new Set(labels.subarray(10 * cloud, 10 * cloud + 10)).size).toBe(1);
      }
      expect(new Set(labels).size).toBe(3);
      expect(centres).toHaveLength(3);
      expect(inertia).toBeLessThan(30 * 5 * 0.25 * 1.3);
    }
  });

  test("each have the mean of their points in the middle", () => {
    const { labels, centres } = groups(tensor(Float32Array.of(1, 2, 30, 31, 35), [5, 1]), 2);
    expect(labels[0]).toBe(labels[1]);
    expect(centres[labels[0]!]![0]).toBe(1.5);
    expect(centres[labels[2]!]![0]).toBe(32);
  });

  test("may be as many as the points, also where points are the same", () => {
    expect(groups(clouds, 30).inertia).toBe(0);
    expect(groups(tensor(new Float32Array(8), [4, 2]), 3).inertia).toBe(0);
  });

  test.each([0, 31, 1.5])("of the number %d are refused", (count) => {
    expect(() => groups(clouds, count)).toThrow(InputError);
  });
});

describe("principal components", () => {
  test("are those of scikit-learn, but for the direction of an axis", () => {
    const { points, result, shares } = golden.pca;
    const found = pca(tensor(Float32Array.from(points.flat()), [6, 3]));
    for (const axis of [0, 1]) {
      const [own, theirs] = [
        found.points.data.filter((_, i) => i % 2 === axis),
        result.map((row) => row[axis]!),
      ];
      const sign = Math.sign(own[0]! * theirs[0]!);
      for (const [i, value] of theirs.entries()) expect(own[i]).toBeCloseTo(sign * value, 5);
      expect(found.shares[axis]).toBeCloseTo(shares[axis]!, 6);
    }
  });

  test("keep all distances if all are taken", () => {
    const { points, shares } = pca(clouds, 5);
    const distance = (data: Float32Array, a: number, b: number) =>
      Math.hypot(...Array.from({ length: 5 }, (_, k) => data[5 * a + k]! - data[5 * b + k]!));
    for (const [a, b] of [
      [0, 29],
      [3, 17],
      [10, 11],
    ] as const) {
      expect(distance(points.data, a, b)).toBeCloseTo(distance(clouds.data, a, b), 4);
    }
    expect(shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 12);
    expect(shares.toSorted((a, b) => b - a)).toEqual(shares);
  });

  test("of points that are all the same are zero", () => {
    const { points, shares } = pca(tensor(new Float32Array(6).fill(2), [3, 2]), 2);
    expect([...points.data]).toEqual([0, 0, 0, 0, 0, 0]);
    expect(shares).toEqual([0, 0]);
  });

  test("are refused for fewer than two points and more axes than numbers", () => {
    expect(() => pca(tensor(new Float32Array(3), [1, 3]))).toThrow(InputError);
    expect(() => pca(clouds, 6)).toThrow(InputError);
  });
});

describe("UMAP", () => {
  test("keeps clouds together, with the same map for the same seed", () => {
    const map = umap(clouds, { neighbours: 5, seed: 1 });
    expect(map.shape).toEqual([30, 2]);
    expect(
      groups(map, 3).labels.filter((label, i, all) => label !== all[10 * Math.floor(i / 10)]),
    ).toHaveLength(0);
    expect(umap(clouds, { neighbours: 5, seed: 1 })).toEqual(map);
    expect(umap(clouds, { neighbours: 5, seed: 2 })).not.toEqual(map);
  });

  test("needs more points than neighbours", () => {
    expect(() => umap(clouds, { neighbours: 30 })).toThrow("below the number of points, 30, got 30");
  });
});

describe("a map", () => {
  const points = tensor(Float32Array.of(0, 0, 1, 1, 0.5, 2), [3, 2]);

  test("is a picture with a label at every point, inside its frame", () => {
    const svg = wordMap(points, ['a<b>&"c"', "naïve", "漢字"], { groups: [0, 1, 1], title: "1 < 2" });
    expect(svg).toContain("<title>1 &lt; 2</title>");
    expect(svg).toContain("a&lt;b&gt;&amp;&quot;c&quot;</text>");
    const places = [...svg.matchAll(/translate\(([\d.]+) ([\d.]+)\)" fill="(#\w+)"/g)].map(
      ([, x, y, fill]) => [Number(x), Number(y), fill],
    );
    expect(places).toEqual([
      [40, 680, "#0072b2"],
      [920, 360, "#b34700"],
      [480, 40, "#b34700"],
    ]);
    expect(svg.match(/<g /g)).toHaveLength(3);
    expect(svg.match(/<\/g>/g)).toHaveLength(3);
  });

  test.runIf(typeof DOMParser === "function")("is shown by a page", () => {
    const page = new DOMParser().parseFromString(
      wordMap(points, ['a<b>&"', "naïve", "\u0000"]),
      "image/svg+xml",
    );
    expect(page.querySelector("parsererror")).toBeNull();
    expect([...page.querySelectorAll("text")].map((text) => text.textContent)).toEqual([
      'a<b>&"',
      "naïve",
      "\ufffd",
    ]);
  });

  test("of one point, and with characters that a picture cannot have, is one still", () => {
    const svg = wordMap(tensor(Float32Array.of(5, 5), [1, 2]), ["\u0000\ud800x"]);
    expect(svg).toContain("\ufffd\ufffdx</text>");
    expect(svg).toContain("translate(40.0 680.0)");
  });

  test("needs a label for every point in the plane", () => {
    expect(() => wordMap(points, ["a"])).toThrow(InputError);
    expect(() => wordMap(clouds, Array(30).fill("a"))).toThrow("a point in the plane");
  });
});
