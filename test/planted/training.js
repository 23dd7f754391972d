// Errors to plant in what trains a model: the loop, its steps, optimisers and schedules.

/** @type {import("./errors.js").Planting} */
export const training = {
  "ts/training/train.ts": [
    {
      title: "the examples that were done before a checkpoint are done again",
      find: "after(cursor.examples, passOf(examples, epoch))",
      replace: "after(0, passOf(examples, epoch))",
    },
  ],
  "ts/training/passes.ts": [
    {
      title: "the batches that are left at the end of an epoch are dropped",
      find: "const rest = waiting.length > 0 ? waiting : group;",
      replace: "const rest = waiting;",
    },
  ],
  "ts/training/resume.ts": [
    {
      title: "the states of a sequence are not taken up",
      find: "for (const { at, values } of states) engine.view(at, values.length).set(values);",
      replace: "",
    },
    {
      title: "the optimiser's numbers are not taken up",
      find: "for (const { parameter, to, values } of read) writeParameter(engine, parameter, values, to);",
      replace: "",
    },
    {
      title: "the best parameters are not saved",
      find: '...(best ? [["best", best] as const] : []),',
      replace: "",
    },
  ],
  "ts/training/rehearsal.ts": [
    {
      title: "a rehearsal ends the training that the model was in",
      find: "network.training = training;",
      replace: "",
    },
    {
      title: "a rehearsal loses the average",
      find: "    network.average = average;\n",
      replace: "",
    },
  ],
  "ts/training/diagnose.ts": [
    {
      title: "the reach of a gradient is measured the other way",
      find: "mean(norms.subarray(0, quarter)) / mean(norms.subarray(norms.length - quarter))",
      replace: "mean(norms.subarray(norms.length - quarter)) / mean(norms.subarray(0, quarter))",
    },
  ],
  "ts/training/checkpoints.ts": [
    {
      title: "a loop that is left saves nothing",
      find: "if (left) await saveLast();",
      replace: "",
    },
  ],
  "ts/io/checksum.ts": [
    {
      title: "the checksum forgets what was before",
      find: "let remainder = ~before;",
      replace: "let remainder = ~0;",
    },
  ],
  "ts/platform/versions.ts": [
    {
      title: "the newest version is overwritten",
      find: "last?.name === first ? second : first, marked(",
      replace: "last?.name === first ? first : second, marked(",
    },
  ],
  "ts/platform/node.ts": [
    {
      title: "a file is not flushed before it takes the place of the old one",
      find: "      await file.sync();\n",
      replace: "",
    },
  ],
  "ts/training/training.ts": [
    {
      title: "the gradient of the step before is added",
      find: "      this.#gradients.zero();\n      this.#loss = 0;",
      replace: "      this.#loss = 0;",
    },
    {
      title: "training does not carry the state",
      find: "    program.plan.carry();\n",
      replace: "",
    },
    {
      title: "the rate is that of the step after",
      find: "optimiser.rate, step,",
      replace: "optimiser.rate, step + 1,",
    },
    {
      title: "batches of a step count alike, however many targets they have",
      find: "scale(this.#last / counted)",
      replace: "scale(1)",
    },
    {
      title: "batches of a step count as if each were a step",
      find: "const share = this.#last / this.#counted;",
      replace: "const share = 1;",
    },
    {
      title: "what is frozen counts for the norm",
      find: 'else engine.call("zero", { to: gradient, count });',
      replace: "",
    },
    {
      title: "a sparse table that is frozen counts for the norm",
      find: "if (touched) touched.clear();\n      else engine",
      replace: "if (!touched) engine",
    },
    {
      title: "the first validation's parameters are the best",
      find: "validation.restore && validation.improved(this.#scores)",
      replace: "validation.restore && this.#scores.length === 1",
    },
    {
      title: "the parameters are validated instead of their average",
      find: "if (average) network.swapAverage();\n    try",
      replace: "try",
    },
    {
      title: "the batches of a step have one mask",
      find: "this.cursor.batches++;",
      replace: "",
    },
  ],
  "ts/training/gradients.ts": [
    {
      title: "the rows of the step before are touched still",
      find: "for (const touched of sparse) touched.clear();",
      replace: "",
    },
    {
      title: "sparse tables count for no norm",
      find: "...parameters.flatMap(({ touched }) => touched ?? [])",
      replace: "",
    },
  ],
  "ts/graph/touched.ts": [
    {
      title: "only as many rows are updated as are brought together at a time",
      find: "first < size; first += TOGETHER",
      replace: "first < 1; first += TOGETHER",
    },
    {
      title: "all rows that are brought together have the gradient of the first",
      find: "(range.gradient + first * stride * 4)",
      replace: "range.gradient",
    },
    {
      title: "moments are not put back",
      find: 'engine.call("putRows", {',
      replace: 'if (i === 0) engine.call("putRows", {',
    },
    {
      title: "the gradient of the step before is added to that of other rows",
      find: '    this.#engine.call("zero", { to: this.address, count: this.count });\n',
      replace: "",
    },
    {
      title: "rows that were brought together are left behind the table",
      find: 'engine.call("zero", { to: x, count: rows.to * stride });',
      replace: "",
    },
  ],
  "ts/training/validation.ts": [
    {
      title: "patience ends a validation early",
      find: "scores.length - 1 - bestOf(scores) >= patience",
      replace: "scores.length - bestOf(scores) >= patience",
    },
    {
      title: "a loss as good as the best is better",
      find: "score < scores[best]! - threshold",
      replace: "score <= scores[best]! - threshold",
    },
  ],
  "ts/training/groups.ts": [
    {
      title: "the first group of a parameter holds its decay",
      find: "setting.decays = decays ?? setting.decays;",
      replace: "",
    },
    {
      title: "the beginning of a name fits",
      find: "}(\\\\.|$)`",
      replace: "}`",
    },
  ],
  "ts/optimisers/clip.ts": [
    {
      title: "gradients past the bound are scaled by the bound",
      find: "most / (norm + 1e-6)",
      replace: "most",
    },
  ],
  "ts/optimisers/adam.ts": [
    {
      title: "Adam's correction of the second moment is a step behind",
      find: "1 / Math.sqrt(1 - power(beta2, t))",
      replace: "1 / Math.sqrt(1 - power(beta2, t + 1))",
    },
    {
      title: "weight decay applies to biases",
      find: "shrink: decays ? 1 - rate * decoupled : 1",
      replace: "shrink: 1 - rate * decoupled",
    },
    {
      title: "Nadam does not look ahead",
      find: "momentum(t + 1)",
      replace: "momentum(t)",
    },
  ],
  "ts/optimisers/schedules.ts": [
    {
      title: "a plateau does not begin to count anew after a fall",
      find: "cooling = cooldown;\n        bad = 0;",
      replace: "cooling = cooldown;",
    },
    {
      title: "restarts do not grow",
      find: "length *= restarts;",
      replace: "",
    },
  ],
};
