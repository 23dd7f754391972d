/**
 * word2vec (Mikolov, Chen, Corrado & Dean 2013; Mikolov, Sutskever et al. 2013), with the subwords of fastText (Bojanowski et
 * al. 2017). For each word of a sentence, the centre, and the words around it:
 *
 *     skip-gram   each word around it is a hidden row, the centre is to be likely
 *     CBOW        the mean of the words around it is the hidden row
 *
 *     hidden row = mean of the rows of its bag;  each row of the bag += dh, as in the authors' programs
 *     outputs    = the centre and `negatives` words drawn from a distribution, which all hidden rows of a centre share;
 *                  or the nodes on the centre's path in a Huffman tree (hierarchical softmax)
 *
 * words [...] u32: the corpus. starts [sentences + 1] u32: where each sentence begins in it.
 * bagStarts [entries + 1], bagRows: rows of `inputTable` that make a word up; bagStarts 0: its own row.
 * keep [entries] u32: a word counts where its random word is not above; 0: all do.
 * alias [entries][2] u32: what to draw from (Walker 1977), the threshold of a column and the word above it.
 * pathStarts [entries + 1], pathNodes u32: row of `outputTable` times 2, plus 1 where the path turns right; used if negatives is 0.
 * inputTable, outputTable [...][stride]. scratch: `scratchBytes`, each thread its own; it begins with two f64, to which the
 * loss and the number of its terms are added.
 *
 * All that is random depends on the key, the epoch and the place in the corpus only, and sentences [from, to) on those before
 * them by the tables alone.
 */
import { threefry } from "../random";
import { BLOCK_BYTES, HIDDEN, learn, MOST, OUTPUT, SIGN } from "./block";

/** In scratch: totals, block, eight random words, a row of zeros, hidden rows and their gradients, and the sentence. */
const BLOCK: usize = 64;
const RANDOM: usize = BLOCK + BLOCK_BYTES;
const ROWS: usize = RANDOM + 64;

/** Bytes of scratch for rows of `stride` floats and sentences of at most `longest` words. */
export function scratchBytes(stride: u32, longest: u32): u32 {
  return <u32>ROWS + (1 + 2 * <u32>MOST) * stride * 4 + 12 * (longest + 4);
}

export function word2vec(
  words: usize, starts: usize, bagStarts: usize, bagRows: usize, keep: usize,
  alias: usize, entries: u32, negatives: u32, pathStarts: usize, pathNodes: usize,
  inputTable: usize, outputTable: usize, scratch: usize,
  width: u32, stride: u32, window: u32, cbow: u32, rate: f32, key0: u32, key1: u32, epoch: u32, from: u32, to: u32,
): void {
  const bytes = <usize>((width + 3) & ~3) << 2;
  const rowBytes = <usize>stride << 2;
  const block = scratch + BLOCK;
  const zeros = scratch + ROWS;
  const hiddenRows = zeros + rowBytes;
  const dHidden = hiddenRows + MOST * rowBytes;
  const kept = dHidden + MOST * rowBytes;
  const random = scratch + RANDOM;
  for (let sentence = <usize>from; sentence < <usize>to; sentence++) {
    const first = load<u32>(starts + (sentence << 2));
    const end = load<u32>(starts + (sentence << 2), 4);
    const count = sift(words, first, end, keep, window, kept, random, epoch, key0, key1);
    for (let centre: usize = 0; centre < count; centre++) {
      const here = kept + centre * 12;
      const reach = <usize>load<u32>(here, 8);
      const begin: usize = centre < reach ? 0 : centre - reach;
      const stop = min(centre + reach + 1, count);
      if (stop - begin < 2) continue;
      const word = load<u32>(here);
      const chosen = negatives
        ? drawn(block, word, load<u32>(here, 4), alias, entries, negatives, outputTable, rowBytes, random, epoch, key0, key1)
        : path(block, word, pathStarts, pathNodes, outputTable, rowBytes);
      let rows: usize = 0;
      if (cbow) {
        fill(hiddenRows, kept, begin, centre, stop, bagStarts, bagRows, inputTable, bytes, rowBytes);
        store<u32>(block, <u32>hiddenRows, HIDDEN);
        rows = 1;
      } else {
        for (let k = begin; k < stop; k++) {
          if (k === centre) continue;
          let row = hiddenRows + rows * rowBytes;
          if (bagStarts) fill(row, kept, k, stop, k + 1, bagStarts, bagRows, inputTable, bytes, rowBytes);
          else row = inputTable + <usize>load<u32>(kept + k * 12) * rowBytes;
          store<u32>(block + (rows++ << 2), <u32>row, HIDDEN);
        }
      }
      learn(block, rows, chosen, dHidden, zeros, bytes, rowBytes, rate, scratch);
      let gradient = dHidden;
      for (let k = begin; k < stop; k++) {
        if (k === centre) continue;
        spill(gradient, load<u32>(kept + k * 12), bagStarts, bagRows, inputTable, bytes, rowBytes);
        if (!cbow) gradient += rowBytes;
      }
    }
  }
}

/** The words of a sentence that count, each with its place and how far around it one looks: kept [count][3] u32. */
function sift(
  words: usize, first: u32, end: u32, keep: usize, window: u32, kept: usize,
  random: usize, epoch: u32, key0: u32, key1: u32,
): usize {
  let count: usize = 0;
  for (let group = first & ~3; group < end; group += 4) {
    threefry(group, epoch * 2, key0, key1, random);
    for (let place = max(group, first); place < min(group + 4, end); place++) {
      const word = load<u32>(words + (<usize>place << 2));
      const lane = random + (<usize>(place & 3) << 2);
      if (keep && load<u32>(lane) > load<u32>(keep + (<usize>word << 2))) continue;
      const at = kept + count++ * 12;
      store<u32>(at, word);
      store<u32>(at, place, 4);
      store<u32>(at, 1 + <u32>((<u64>load<u32>(lane, 16) * window) >> 32), 8);
    }
  }
  return count;
}

/** Makes the centre and distinct words that are drawn the outputs of the block; gives how many. */
function drawn(
  block: usize, word: u32, place: u32, alias: usize, entries: u32, negatives: u32, outputs: usize, rowBytes: usize,
  random: usize, epoch: u32, key0: u32, key1: u32,
): usize {
  const centre = <u32>(outputs + <usize>word * rowBytes);
  store<u32>(block, centre, OUTPUT);
  store<f32>(block, 1, SIGN);
  let chosen: usize = 1;
  const groups = (negatives + 7) >> 3;
  for (let n: u32 = 0; n < negatives; n++) {
    if ((n & 7) === 0) threefry((place * groups + (n >> 3)) << 2, epoch * 2 + 1, key0, key1, random);
    const column = <u64>load<u32>(random + (<usize>(n & 7) << 2)) * entries;
    const entry = alias + (<usize>(column >> 32) << 3);
    const other = <u32>column < load<u32>(entry) ? <u32>(column >> 32) : load<u32>(entry, 4);
    const row = <u32>(outputs + <usize>other * rowBytes);
    let fresh = true;
    for (let o: usize = 0; o < chosen; o++) fresh = fresh && load<u32>(block + (o << 2), OUTPUT) !== row;
    if (!fresh) continue;
    store<u32>(block + (chosen << 2), row, OUTPUT);
    store<f32>(block + (chosen++ << 2), -1, SIGN);
  }
  return chosen;
}

/** Makes the nodes on the way to a word the outputs of the block; gives how many. */
function path(block: usize, word: u32, pathStarts: usize, pathNodes: usize, outputs: usize, rowBytes: usize): usize {
  let node = pathNodes + (<usize>load<u32>(pathStarts + (<usize>word << 2)) << 2);
  const end = pathNodes + (<usize>load<u32>(pathStarts + (<usize>word << 2), 4) << 2);
  let chosen: usize = 0;
  for (; node < end; node += 4) {
    const turn = load<u32>(node);
    store<u32>(block + (chosen << 2), <u32>(outputs + <usize>(turn >> 1) * rowBytes), OUTPUT);
    store<f32>(block + (chosen++ << 2), turn & 1 ? -1 : 1, SIGN);
  }
  return chosen;
}

/** row = the mean of the rows of the bags of kept words [begin, end) but `left`. */
function fill(
  row: usize, kept: usize, begin: usize, left: usize, end: usize,
  bagStarts: usize, bagRows: usize, inputs: usize, bytes: usize, rowBytes: usize,
): void {
  memory.fill(row, 0, bytes);
  let members: usize = 0;
  for (let k = begin; k < end; k++) {
    if (k === left) continue;
    const word = load<u32>(kept + k * 12);
    if (bagStarts) {
      const last = load<u32>(bagStarts + (<usize>word << 2), 4);
      for (let b = load<u32>(bagStarts + (<usize>word << 2)); b < last; b++, members++) {
        add(row, inputs + <usize>load<u32>(bagRows + (<usize>b << 2)) * rowBytes, bytes);
      }
    } else {
      add(row, inputs + <usize>word * rowBytes, bytes);
      members++;
    }
  }
  const share = f32x4.splat(1 / <f32>members);
  for (let at: usize = 0; at < bytes; at += 16) v128.store(row + at, f32x4.mul(v128.load(row + at), share));
}

/** Each row of a word's bag += gradient. */
function spill(
  gradient: usize, word: u32, bagStarts: usize, bagRows: usize, inputs: usize, bytes: usize, rowBytes: usize,
): void {
  if (!bagStarts) return add(inputs + <usize>word * rowBytes, gradient, bytes);
  const last = load<u32>(bagStarts + (<usize>word << 2), 4);
  for (let b = load<u32>(bagStarts + (<usize>word << 2)); b < last; b++) {
    add(inputs + <usize>load<u32>(bagRows + (<usize>b << 2)) * rowBytes, gradient, bytes);
  }
}

/** y += x */
function add(y: usize, x: usize, bytes: usize): void {
  for (let at: usize = 0; at < bytes; at += 16) {
    v128.store(y + at, f32x4.add(v128.load(y + at), v128.load(x + at)));
  }
}
