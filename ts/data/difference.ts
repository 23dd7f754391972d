/** A series of changes instead of levels, and back. */

import { InputError } from "../errors.js";
import { requireWhole } from "./checks.js";
import { type Series, tableOf } from "./series.js";
import type { Tensor } from "./tensor.js";

/**
 * Each row less the one `lag` rows before it: `lag` rows fewer than the series, 1 for the trend and the length of a season
 * for the season (Box & Jenkins 1970). InputError unless the series is longer than that.
 */
export function difference(series: Series, lag = 1): Tensor<Float64Array> {
  const { shape, data } = tableOf("difference", series);
  const [rows, width] = shape;
  requireWhole("difference.lag", lag);
  if (rows <= lag)
    throw new InputError({
      where: "difference",
      expected: `more rows than the lag of ${lag}`,
      got: `${rows}`,
    });
  const changes = data.subarray(lag * width).map((x, i) => x - data[i]);
  return { shape: [rows - lag, width], data: changes };
}

/** What `difference` was made of, to rounding, from the changes and the `before` rows that came before them, as many as the lag. */
export function integrate(changes: Series, before: Series): Tensor<Float64Array> {
  const start = tableOf("integrate.before", before);
  const { shape, data } = tableOf("integrate", changes);
  const [rows, width] = shape;
  const [lag] = start.shape;
  if (start.shape[1] !== width)
    throw new InputError({
      where: "integrate.before",
      expected: `rows of ${width} numbers`,
      got: `rows of ${start.shape[1]}`,
    });
  const levels = new Float64Array((lag + rows) * width);
  levels.set(start.data);
  for (let i = 0; i < data.length; i++) levels[lag * width + i] = levels[i] + data[i];
  return { shape: [lag + rows, width], data: levels };
}
