// Errors to plant in conditional random fields.

/** @type {import("./errors.js").Planting} */
export const crf = {
  "assembly/losses/crf.ts": [
    {
      title: "the scores at the start do not count",
      find: "v128.store(own + c, f32x4.add(v128.load(start + c), v128.load(emissions + c)));",
      replace: "v128.store(own + c, v128.load(emissions + c));",
    },
    {
      title: "the lanes past the last tag are tags",
      find: "for (let c = tags << 2; c < end; c += 4) store<f32>(alphas + c, NEVER);",
      replace: "",
    },
    {
      title: "what is not a number is nothing",
      find: "v128.andnot(exp(f32x4.pmax(x, least)), f32x4.le(x, least))",
      replace: "v128.and(exp(f32x4.pmax(x, least)), f32x4.gt(x, least))",
    },
    {
      title: "what is taken off the alphas is forgotten",
      find: "taken += <f64>relate(own, count);",
      replace: "taken = <f64>relate(own, count);",
    },
    {
      title: "the loss of a row is not shared out",
      find: "<f32>((norm - score) / <f64>length)",
      replace: "<f32>(norm - score)",
    },
    {
      title: "a row counts by the sum of its weights",
      find: "length > 0 ? total / <f32>length : 0",
      replace: "total",
    },
    {
      title: "rounding of probabilities grows from step to step",
      find: "v128.store(before + c, f32x4.div(v128.load(before + c), f32x4.splat(all)));",
      replace: "v128.store(before + c, v128.load(before + c));",
    },
    {
      title: "pairs that were seen are not taken off",
      find: "store<f32>(pair, load<f32>(pair) - weight);",
      replace: "store<f32>(pair, load<f32>(pair));",
    },
    {
      title: "pairs count without the weight of their row",
      find: "f32x4.mul(xi, f32x4.splat(weight))",
      replace: "xi",
    },
    {
      title: "gradients of the parameters are overwritten",
      find: "let total = v128.load(into + c);",
      replace: "let total = f32x4.splat(0);",
    },
    {
      title: "the gradient of the end is that of the start",
      find: "memory.copy(pairs + (count + 1) * bytes, last, bytes);",
      replace: "memory.copy(pairs + (count + 1) * bytes, first, bytes);",
    },
    {
      title: "steps past the length of a row keep their gradient",
      find: "for (let t: usize = 0; t < <usize>steps; t++) memory.fill(first + t * pitch, 0, bytes);",
      replace: "for (let t: usize = 0; t < length; t++) memory.fill(first + t * pitch, 0, bytes);",
    },
  ],
  "ts/decoding/viterbi.ts": [
    {
      title: "the scores at the end do not count",
      find: "score + scores.end[tag]!",
      replace: "score",
    },
    {
      title: "transitions are read the wrong way round",
      find: "transitions[i * best.length + tag]!",
      replace: "transitions[tag * best.length + i]!",
    },
  ],
  "ts/layers/crf.ts": [
    {
      title: "what may follow is what may come before",
      find: "rules.mayFollow(pair % width, Math.floor(pair / width))",
      replace: "rules.mayFollow(Math.floor(pair / width), pair % width)",
    },
    {
      title: "transitions decay",
      find: "decays: false",
      replace: "decays: true",
    },
  ],
  "ts/layers/tag-scheme.ts": [
    {
      title: "a span goes on in one of another kind",
      find: " && last.kind === after.kind",
      replace: "",
    },
    {
      title: "a span of BIOES may stop before its end",
      find: "if (!goesOn(after)) return !open(last);",
      replace: "if (!goesOn(after)) return true;",
    },
  ],
  "ts/ops/crf.ts": [
    {
      title: "nothing is learned where the emissions are given",
      find: "    learns: true,\n",
      replace: "",
    },
    {
      title: "the start has the scores of the end",
      find: "start: start.value, losses",
      replace: "start: end.value, losses",
    },
  ],
  "ts/model/crf.ts": [
    {
      title: "tags go on past the length of a row",
      find: "scores, inputs.lengths)",
      replace: "scores)",
    },
  ],
};
