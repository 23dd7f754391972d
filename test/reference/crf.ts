/** The conditional random field by trying every sequence of tags, in float64. */

type Row = ArrayLike<number>;

export interface Field {
  /** [tags, tags], the tag before by row. */
  readonly transitions: Row;
  readonly start: Row;
  readonly end: Row;
}

export interface FieldLoss {
  /** -ln of the probability of the tags. */
  readonly loss: number;
  /** [steps][tags] */
  readonly emissions: number[];
  readonly transitions: number[];
  readonly start: number[];
  readonly end: number[];
}

/** start(y_0) + end(y_T-1) + sum x_t(y_t) + sum A(y_t-1, y_t) */
export function scoreOf(path: Row, emissions: readonly Row[], { transitions, start, end }: Field): number {
  const tags = start.length;
  return emissions.reduce((sum, x, t) => {
    const before = t === 0 ? start[path[0]] : transitions[path[t - 1] * tags + path[t]];
    return sum + x[path[t]] + before + (t === emissions.length - 1 ? end[path[t]] : 0);
  }, 0);
}

/** Every sequence of tags. */
export function pathsOf(steps: number, tags: number): number[][] {
  return Array.from({ length: tags ** steps }, (_, index) =>
    Array.from({ length: steps }, (_, t) => Math.floor(index / tags ** t) % tags),
  );
}

/** The loss of tags and its gradients: what is expected of each score, less what was seen. */
export function fieldLoss(emissions: readonly Row[], field: Field, tagged: Row): FieldLoss {
  const tags = field.start.length;
  const paths = pathsOf(emissions.length, tags);
  const scores = paths.map((path) => scoreOf(path, emissions, field));
  const top = Math.max(...scores);
  const shares = scores.map((score) => Math.exp(score - top));
  const total = shares.reduce((a, b) => a + b, 0);
  const gradient = {
    emissions: new Array<number>(emissions.length * tags).fill(0),
    transitions: new Array<number>(tags * tags).fill(0),
    start: new Array<number>(tags).fill(0),
    end: new Array<number>(tags).fill(0),
  };
  const count = (path: Row, times: number) => {
    for (let t = 0; t < path.length; t++) {
      gradient.emissions[t * tags + path[t]] += times;
      if (t > 0) gradient.transitions[path[t - 1] * tags + path[t]] += times;
    }
    gradient.start[path[0]] += times;
    gradient.end[path[path.length - 1]] += times;
  };
  for (const [i, path] of paths.entries()) count(path, shares[i] / total);
  count(tagged, -1);
  return { loss: top + Math.log(total) - scoreOf(tagged, emissions, field), ...gradient };
}
