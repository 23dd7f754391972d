// Errors to plant in what is done with data, and in what trains again and again.

/** @type {import("./errors.js").Planting} */
export const data = {
  "ts/data/balance.ts": [
    {
      title: "a class without rows is counted",
      find: "counts.filter((count) => count > 0).length",
      replace: "classes",
    },
  ],
  "ts/data/batches.ts": [
    {
      title: "every epoch has the order of the first",
      find: "random(seed, epoch)",
      replace: "random(seed, 0)",
    },
    {
      title: "what is left over of a bucket is dropped",
      find: "Array.from({ length: Math.ceil(group.length / batch) }",
      replace: "Array.from({ length: Math.floor(group.length / batch) }",
    },
    {
      title: "the batches of a pass stay in the order of their buckets",
      find: "draw?.shuffle(cut);",
      replace: "",
    },
    {
      title: "a row that a bucket just holds falls into the next",
      find: "length <= padding)].push",
      replace: "length < padding || padding === paddings.at(-1))].push",
    },
    {
      title: "all rows weigh 1",
      find: "weights.fill(row.weight,",
      replace: "weights.fill(1,",
    },
  ],
  "ts/data/buckets.ts": [
    {
      title: "the padding is counted without how many rows have it",
      find: "(before[end] - before[from]) * distinct",
      replace: "(end - from) * distinct",
    },
  ],
  "ts/data/calendar.ts": [
    {
      title: "1900 is a leap year",
      find: "(year % 100 !== 0 || year % 400 === 0)",
      replace: "true",
    },
    {
      title: "the weekday forgets the leap days of the years before",
      find: "Math.floor(before / 4)",
      replace: "Math.floor((before + 1) / 4)",
    },
  ],
  "ts/data/csv.ts": [
    {
      title: "rows are counted without the header",
      find: "header ? 2 : 1",
      replace: "1",
    },
    {
      title: "what is missing is 0",
      find: "decimal.test(field) && !none ?",
      replace: "decimal.test(field) || none ?",
    },
  ],
  "ts/data/difference.ts": [
    {
      title: "the changes are added to what they are changes of",
      find: "levels[i] + data[i]",
      replace: "levels[lag * width + i] + data[i]",
    },
  ],
  "ts/data/folds.ts": [
    {
      title: "a fold trains on what it holds out",
      find: "i % count !== fold",
      replace: "true",
    },
  ],
  "ts/data/gather.ts": [
    {
      title: "what is left over of the pool is dropped",
      find: "    yield* release();\n    requireSome",
      replace: "    requireSome",
    },
  ],
  "ts/data/horizons.ts": [
    {
      title: "the last row before the cut is a target after it too",
      find: "Math.max(0, from - lead)",
      replace: "Math.max(0, from - lead - 1)",
    },
    {
      title: "a window more, past the end",
      find: "Math.floor((to - past - future - first) / stride) + 1",
      replace: "Math.floor((to - past - future - first + 1) / stride) + 1",
    },
    {
      title: "what is known in advance is that of the same row",
      find: "copy(read, at, row + 1, future, known)",
      replace: "copy(read, at, row, future, known)",
    },
  ],
  "ts/data/prefetch.ts": [
    {
      title: "a pass that is left leaves its source open",
      find: "if (!ended) await iterator.return?.();",
      replace: "",
    },
  ],
  "ts/data/scale.ts": [
    {
      title: "the deviation is that of a sample",
      find: "return numbers.reduce((sum, x) => sum + x, 0) / numbers.length;",
      replace: "return numbers.reduce((sum, x) => sum + x, 0) / Math.max(1, numbers.length - 1);",
    },
    {
      title: "the scaler learns from all rows",
      find: "data[(from + row) * width + column]",
      replace: "data[row * width + column]",
    },
    {
      title: "a constant column is divided by 0",
      find: "factor[i] === 0 ? 0 : ",
      replace: "",
    },
  ],
  "ts/data/series.ts": [
    {
      title: "what is not a finite number is let through",
      find: "Number.isFinite(value) && Number.isFinite(target[at + i])",
      replace: "true",
    },
  ],
  "ts/data/split.ts": [
    {
      title: "the validation has rows of the test",
      find: "all.slice(validationFrom, Math.max(0, validationTo))",
      replace: "all.slice(validationFrom, Math.max(0, validationTo) + 1)",
    },
  ],
  "ts/study/bias-variance.ts": [
    {
      title: "a set is resampled without replacement",
      find: "() => rows[integer(rows.length)]",
      replace: "(_, i) => rows[i]",
    },
    {
      title: "the variance is about the observations",
      find: "fs.map((one) => square(one - f))",
      replace: "fs.map((one) => square(one - y))",
    },
  ],
  "ts/study/search.ts": [
    {
      title: "each trial draws the same",
      find: "const draw = random(seed, index);",
      replace: "const draw = random(seed, 0);",
    },
    {
      title: "a search that is left goes on",
      find: "if (left || signal",
      replace: "if (signal",
    },
  ],
};
